/*
 * Runs in a frame or in a worker: a client in a context of its own. It is told what to do over the channel of its name.
 */
import { type Client, createClient } from '../../../src/index.js'
import type { Asked, Ticket } from './tabs.js'

const channel = new BroadcastChannel(self.name)
let client: Client | undefined
let room = ''

function open(ticket: Ticket): void {
  const { url, tokens, user } = ticket
  client = createClient({ url, user, token: async () => (await fetch(`${tokens}?user=${user}`)).text() })
  room = ticket.room
  client.room(room).open()
  client.connect()
  // The outbox is read all the same.
  if (!ticket.online) client.disconnect()
}

function opened(): Client {
  if (client) return client
  throw new Error('The tab has no client yet.')
}

const deeds = {
  open,
  write: async (texts: readonly string[]) => {
    const sent = texts.map((text) => opened().room(room).send({ text }))
    await Promise.all(sent.map((each) => each.queued()))
  },
  connect: () => opened().connect(),
  disconnect: () => opened().disconnect(),
  statuses: () =>
    opened()
      .room<{ text: string }>(room)
      .timeline.get()
      .items.map((item) => (item.type === 'message' ? `${item.body?.text}: ${item.status}` : item.type)),
  state: () => opened().connection.get().state,
  pending: () => opened().outbox.get().pending,
}

function act(asked: Asked): unknown {
  if (asked.deed === 'open') return deeds.open(asked.ticket)
  if (asked.deed === 'write') return deeds.write(asked.texts)
  return deeds[asked.deed]()
}

channel.onmessage = async ({ data: { number, asked } }: MessageEvent<{ number: number; asked?: Asked }>) => {
  if (!asked) return
  try {
    channel.postMessage({ number, result: await act(asked) })
  } catch (cause) {
    channel.postMessage({ number, problem: String(cause) })
  }
}
channel.postMessage({ number: 0 })
