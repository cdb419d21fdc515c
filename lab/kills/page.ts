/*
 * The page of a trial, made of the built SDK. It reads its outbox at once, and goes online when it is told to.
 */
import { createClient, createWebSocketConnect } from 'tidings'
import { type Beat, type Look, PAGE, TELL, type Told, type TrialPage } from './words.js'

const query = new URLSearchParams(location.search)
const user = query.get('user') ?? ''

let open = (): void => undefined
const opened = new Promise<void>((resolve) => {
  open = resolve
})
let isRead = false
let isDeaf = false

function tell(told: Told): void {
  const to: unknown = Reflect.get(globalThis, TELL)
  if (typeof to === 'function') to(JSON.stringify(told))
}

const isAboutMessages = (frame: unknown): boolean =>
  typeof frame === 'object' && frame !== null && ['ack', 'event'].includes(Reflect.get(frame, 'type'))

/** What a page that is deaf hears of a text; undefined when that is nothing. */
function heard(text: string): string | undefined {
  if (!isDeaf) return text
  const frames = [JSON.parse(text)].flat().filter((frame: unknown) => !isAboutMessages(frame))
  return frames.length > 0 ? JSON.stringify(frames) : undefined
}

const socket = createWebSocketConnect()

const client = createClient({
  url: `ws://${location.host}/v1/ws`,
  user,
  async token() {
    // Nobody asks for a token before the outbox was read.
    isRead = true
    await opened
    return (await fetch(`/dev/token?user=${user}`)).text()
  },
  connect: (url, events) =>
    socket(url, {
      onOpen: () => events.onOpen(),
      onClose: (closed) => events.onClose(closed),
      onText(text) {
        const rest = heard(text)
        if (rest !== undefined) events.onText(rest)
      },
    }),
})
const room = client.room(query.get('room') ?? '')
room.open()

const numberOf = (body: unknown): number =>
  typeof body === 'object' && body !== null ? Number(Reflect.get(body, 'n')) : Number.NaN

function send(n: number, chars: number): void {
  const sent = room.send({ n, text: 'x'.repeat(chars) })
  // Whoever is refused says nothing, and is missed.
  sent.queued().then(
    () => tell({ what: 'queued', n }),
    () => undefined,
  )
  sent.confirmed().then(
    () => tell({ what: 'confirmed', n }),
    () => undefined,
  )
}

async function write(first: number, beats: readonly Beat[]): Promise<void> {
  let n = first
  for (const { afterMs, chars } of beats) {
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
    send(n++, chars)
  }
}

async function look(): Promise<Look> {
  while (await room.loadOlder());
  const { items, status } = room.timeline.get()
  const { pending } = client.outbox.get()
  const storage = client.storage.get()
  return {
    isRead: isRead && status !== 'loading',
    keepsNothing: storage.durable && !storage.error ? null : (storage.error?.message ?? storage.kind),
    isSettled: pending === 0 && client.sync.get().phase === 'live',
    shown: items.flatMap((item) =>
      item.type === 'message' ? [{ n: numberOf(item.body), status: item.status }] : [],
    ),
  }
}

const page: TrialPage = {
  goOnline: () => open(),
  goDeaf() {
    isDeaf = true
  },
  write: (first, beats) => void write(first, beats),
  look,
}
Reflect.set(globalThis, PAGE, page)
client.connect()
