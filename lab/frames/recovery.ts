import type { Message } from 'tidings/core'
import { formatStamp } from 'tidings/protocol'
import { createMemoryLog, createServerCore, type Log } from 'tidings-server/core'
import { Broken } from '../sim/laws.js'
import { ROOMS, type RoomName, type Scene, URL, USER } from './scene.js'

/** A slot that a liar gave may be an hour away, and a fifth more. */
const PATIENCE_MS = 75 * 60_000
const LOOK_MS = 5_000
/** What was said before in each room, while the client was lied to. */
const HISTORY = 20
/** Steps of a list of so few messages. */
const SCROLLS = 5

const isMessage = <T extends { readonly type: string }>(
  item: T,
): item is Extract<T, { readonly type: 'message' }> => item.type === 'message'

/** A log in which somebody has spoken, and a real server on it. */
async function startServer({ timeline, network, random }: Scene) {
  const log = createMemoryLog({ clock: timeline.clock() })
  for (const room of ROOMS) await say(log, room, 1, HISTORY, timeline.now())
  const core = createServerCore({
    log,
    random,
    clock: timeline.clock(),
    limits: { rate: null },
    verify: (token) => (token ? { user: token } : 'refused'),
    authorize: () => 'allow',
  })
  const server = network.listen(URL, (socket) => {
    const inbound = core.opened(socket)
    return { received: inbound.received, closed: inbound.closed }
  })
  return { log, core, server }
}

async function say(log: Log, room: string, from: number, count: number, now: number): Promise<void> {
  await log.append(
    Array.from({ length: count }, (_, i) => ({
      room,
      author: 'bob',
      id: `honest${from + i}`,
      kind: 'create' as const,
      stamp: formatStamp(now, from + i, 'bobs-clock-'),
      body: JSON.stringify({ text: `honest ${from + i}` }),
    })),
  )
}

interface Written {
  readonly id: string
  readonly messageId: string
  readonly from: string
}

const isWritten = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && 'messageId' in value && 'id' in value && 'from' in value

/** The messages that the log holds, in the order in which they have to be shown. */
async function written(log: Log, room: string): Promise<readonly Written[]> {
  const page = await log.page({ room, dir: 'backward', limit: 500 })
  if ('lost' in page) throw new Broken(`the log of ${room} is lost`)
  return page.items
    .filter(({ kind }) => kind === 'create' || kind === 'system')
    .map(({ text }) => JSON.parse(text))
    .sort((a, b) => (`${a.stamp}${a.messageId}` < `${b.stamp}${b.messageId}` ? -1 : 1))
    .filter(isWritten)
}

const shown = ({ client }: Scene, room: string): readonly Message[] =>
  client.room(room).timeline.get().items.filter(isMessage)

/** Why the client is not well yet, or nothing. */
function ailment(scene: Scene): string | undefined {
  const { client } = scene
  const { state, reason } = client.connection.get()
  if (state !== 'connected') return `${state}: ${reason}`
  for (const room of ROOMS) {
    const { status, error } = client.room(room).timeline.get()
    if (status !== 'live') return `${room} is ${status} ${error?.code ?? ''}`
  }
  const { pending } = client.outbox.get()
  return pending > 0 ? `${pending} operations wait` : undefined
}

async function becomesWell(scene: Scene, when: string): Promise<void> {
  const { timeline, client } = scene
  const endsAt = timeline.now() + PATIENCE_MS
  while (ailment(scene) !== undefined && timeline.now() < endsAt) {
    // What a liar called final takes a person to try again.
    if (client.connection.get().state === 'failed') client.connect()
    if (client.sync.get().phase === 'live') await settleRefused(scene)
    await timeline.advance(LOOK_MS)
  }
  const why = ailment(scene)
  if (why !== undefined) throw new Broken(`stuck ${when}: ${why}`)
}

function difference(shown: readonly string[], owed: readonly string[]): string {
  const extra = shown.filter((id) => !owed.includes(id))
  const missing = owed.filter((id) => !shown.includes(id))
  const said = (ids: readonly string[], how: string) =>
    ids.length > 0 ? `${ids.length} ${how} (${ids.slice(0, 3)})` : ''
  return `${said(extra, 'too many')} ${said(missing, 'missing')}`.trim() || 'another order'
}

/** What was refused takes a person: asked for once more, and given up where that does not help. */
async function settleRefused(scene: Scene): Promise<void> {
  const { client, timeline, sent, changed } = scene
  const refused = (name: RoomName): readonly string[] => [
    ...shown(scene, name).flatMap(({ key, status }) =>
      status === 'failed' || status === 'unknown' ? key : [],
    ),
    ...(changed.get(name) ?? []),
  ]
  for (const name of ROOMS) for (const key of refused(name)) client.room(name).retry(key)
  await timeline.advance(LOOK_MS)
  for (const name of ROOMS)
    for (const key of refused(name)) if (client.room(name).discard(key)) sent.delete(key)
}

/** What was written long before it arrived stands above what is loaded. */
async function scrollUp({ client, timeline }: Scene, name: string): Promise<void> {
  const room = client.room(name)
  for (let steps = 0; steps < SCROLLS && room.timeline.get().hasOlder; steps++) {
    void room.loadOlder()
    await timeline.advance(1_000)
  }
}

/** The list is the log: no lie is left in it, nothing is missing, and what this user wrote is in the log or says that it is not. */
async function checkLists(scene: Scene, log: Log): Promise<void> {
  for (const room of ROOMS) {
    await scrollUp(scene, room)
    const there = await written(log, room)
    // One of this user's may stand there with a change on it that was refused.
    const confirmed = shown(scene, room).filter(({ seq }) => seq !== null)
    const owed = there.map(({ messageId }) => messageId)
    const ids = confirmed.map(({ id }) => id)
    if (ids.join() !== owed.join())
      throw new Broken(`the list of ${room} is not the log: ${difference(ids, owed)}`)
    const own = new Set(there.flatMap(({ id, from }) => (from === USER ? id : [])))
    const open = new Set(shown(scene, room).flatMap(({ key, seq }) => (seq === null ? key : [])))
    for (const [key, where] of scene.sent)
      if (where === room && !own.has(key) && !open.has(key)) throw new Broken(`${key} of ${room} is lost`)
  }
}

async function converse(scene: Scene, log: Log): Promise<void> {
  const { client, timeline } = scene
  for (const room of ROOMS) {
    const sent = client.room(room).send({ text: 'after' })
    scene.sent.set(sent.key, room)
    await say(log, room, HISTORY + 1, 1, timeline.now())
  }
  await becomesWell(scene, 'after a send')
  await timeline.advance(1_000)
  await checkLists(scene, log)
}

/** A well-behaved server takes over: the client comes back to it, reads the truth and talks with it. Then it ends, and leaves nothing. */
export async function recover(scene: Scene): Promise<void> {
  const { timeline, client, network, puppet, disk, lifecycle } = scene
  const { log, core, server } = await startServer(scene)
  scene.turnHonest()
  if (puppet.open > 0) puppet.drop()
  while (puppet.waiting) puppet.refuse()
  scene.reopenRooms()
  await becomesWell(scene, 'after lies')
  await timeline.advance(1_000)
  await checkLists(scene, log)
  await converse(scene, log)
  const ended = client.destroy()
  await timeline.advance(1)
  await ended
  server.kill()
  core.close()
  await timeline.settle()
  const left = {
    timers: timeline.pending,
    sockets: network.open,
    stores: disk.openStores,
    listeners: lifecycle.listeners,
  }
  for (const [what, count] of Object.entries(left))
    if (count > 0) throw new Broken(`${count} ${what} are left after the end`)
}
