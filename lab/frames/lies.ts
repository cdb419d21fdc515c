import {
  type ClientFrames,
  formatStamp,
  NACK_CODES,
  type NackCode,
  type PageEntry,
  type ServerFrame,
  type ServerFrames,
} from 'tidings/protocol'
import { namesOf } from '../sim/dice.js'
import type { Lie } from './repertoire.js'
import { ROOMS, type Scene, USER } from './scene.js'

type Event = ServerFrames['event']
type Request = ClientFrames['sync_request']
type Page = ServerFrames['sync_response']

export const cursorAt = (seq: number): string => `c${seq}`
const FAR = Number.MAX_SAFE_INTEGER

export const placeOf = (cursor: string | undefined): number => Number(cursor?.match(/^c(\d{1,9})$/)?.[1] ?? 0)

const roomOf = ({ chance }: Scene): string => chance.one([...ROOMS])

/** Times that make a clock or a list fall over. */
const timeOf = ({ chance, timeline }: Scene): number => {
  const now = timeline.now()
  return chance.one([now, now, now - 3_600_000, now + 3_600_000, 0, 1, 36 ** 9 - 1, 36 ** 9 - 2])
}

export const stampOf = (scene: Scene, ms = timeOf(scene)): string =>
  formatStamp(
    ms,
    scene.chance.one([0, 1, 36 ** 4 - 1]),
    scene.chance.one(['bobs-clock-', '-----------', 'ZZZZZZZZZZZ']),
  )

export function eventAt(scene: Scene, room: string, seq: number, more: Partial<Event> = {}): Event {
  const ts = scene.timeline.now()
  return {
    ...{ type: 'event', room, seq, cursor: cursorAt(seq), prev: cursorAt(seq - 1) },
    ...{ messageId: `m${seq}`, id: `op${seq}`, from: 'bob', kind: 'create', body: { text: `no. ${seq}` } },
    ...{ stamp: formatStamp(ts, seq % 1_000, 'bobs-clock-'), ts, version: 1 },
    ...more,
  }
}

export function entryAt(scene: Scene, seq: number, more: Partial<Event> = {}): PageEntry {
  const { type: _type, room: _room, cursor: _cursor, prev: _prev, ...entry } = eventAt(scene, '', seq, more)
  return entry
}

/** A change of something that came before. */
function changeAt(scene: Scene, room: string, seq: number): Event {
  const { chance } = scene
  const on = Math.max(1, seq - 1 - chance.whole(8))
  const kind = chance.one(['edit', 'delete', 'react', 'unreact', 'system'])
  return eventAt(scene, room, seq, {
    kind,
    target: { messageId: `m${on}`, seq: on, stamp: stampOf(scene) },
    body: kind === 'react' || kind === 'unreact' ? '👍' : { text: 'changed' },
  })
}

const lastRequest = (scene: Scene): Request | undefined => scene.asked('sync_request').at(-1)

export function pageFor(scene: Scene, request: Request, upTo: number, more: Partial<Page> = {}): Page {
  const from = placeOf(request.cursor)
  const seqs = Array.from({ length: Math.max(0, Math.min(200, upTo - from)) }, (_, i) => from + i + 1)
  return {
    ...{ type: 'sync_response', id: request.id, room: request.room, prev: request.cursor ?? null },
    messages: seqs.map((seq) => entryAt(scene, seq)),
    ...{ cursor: cursorAt(upTo), seq: upTo, hasMore: false, head: upTo },
    ...more,
  }
}

/** A page about the last request, or nothing where nothing was asked. */
function answer(
  scene: Scene,
  tell: (request: Request, from: number) => readonly ServerFrame[],
): readonly ServerFrame[] {
  const request = lastRequest(scene)
  return request ? tell(request, placeOf(request.cursor)) : []
}

export const subscribed = (room: string, head: number, more: Partial<ServerFrames['subscribed']> = {}) =>
  ({
    ...{
      type: 'subscribed',
      room,
      seq: Math.min(head, FAR),
      cursor: cursorAt(head),
      head,
      first: 1,
      unread: 0,
    },
    ...more,
  }) satisfies ServerFrames['subscribed']

/** Operations that the client has sent, to be answered in every wrong way. */
const operations = (scene: Scene) => [...scene.asked('message'), ...scene.asked('message_update')]

function verdict(scene: Scene, id: string): ServerFrame {
  const { chance } = scene
  if (chance.chance(0.5)) {
    const seq = chance.one([1, FAR, (scene.heads.get('general') ?? 0) + 1])
    const messageId = chance.one([`m${seq}`, id, '__proto__', `tmp_${id}`])
    return {
      type: 'ack',
      id,
      seq,
      messageId,
      stamp: stampOf(scene),
      ts: timeOf(scene),
      version: chance.whole(3),
    }
  }
  const code: NackCode = chance.pick(namesOf(NACK_CODES)) ?? 'invalid'
  const retryAfter = chance.one([0, 10, 5_000, FAR])
  const later = chance.chance(0.5)
    ? { retryAfter }
    : { currentVersion: FAR, currentValue: { text: 'theirs' } }
  return { type: 'nack', id, code, message: 'No.', retryable: chance.chance(0.5), ...later }
}

const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i))

const TELL: Readonly<Record<Lie, (scene: Scene) => readonly ServerFrame[]>> = {
  follow(scene) {
    const room = roomOf(scene)
    const head = scene.heads.get(room) ?? 0
    const count = 1 + scene.chance.whole(12)
    scene.heads.set(room, head + count)
    return many(count, (i) =>
      scene.chance.chance(0.7) ? eventAt(scene, room, head + i + 1) : changeAt(scene, room, head + i + 1),
    )
  },
  loop: (scene) =>
    answer(scene, (request, from) => {
      const same = {
        messages: [],
        cursor: request.cursor ?? cursorAt(0),
        seq: from,
        hasMore: true,
        head: FAR,
      }
      return many(1 + scene.chance.whole(4), () => pageFor(scene, request, from, same))
    }),
  again: (scene) =>
    answer(scene, (request, from) => {
      const page = pageFor(scene, request, from + 3, { hasMore: true })
      return many(4, () => page)
    }),
  back: (scene) =>
    answer(scene, (request, from) => [
      pageFor(scene, request, Math.max(0, from - 5), { hasMore: scene.chance.chance(0.5) }),
    ]),
  endless: (scene) =>
    answer(scene, (request, from) =>
      many(6, (i) =>
        pageFor(scene, request, from + i + 1, {
          messages: [],
          prev: i > 0 ? cursorAt(from + i) : (request.cursor ?? null),
          hasMore: true,
          head: FAR,
        }),
      ),
    ),
  otherRoom: (scene) =>
    answer(scene, (request, from) => [pageFor(scene, request, from + 2, { room: roomOf(scene) })]),
  unsorted: (scene) =>
    answer(scene, (request, from) => {
      const entry = () =>
        entryAt(scene, Math.max(1, from - 3 + scene.chance.whole(9)), {
          messageId: `m${scene.chance.whole(5)}`,
        })
      return [
        pageFor(scene, request, from + 9, { messages: many(12, entry), hasMore: scene.chance.chance(0.3) }),
      ]
    }),
  huge: (scene) =>
    answer(scene, (request, from) => [
      pageFor(scene, request, from + 500, { messages: many(500, (i) => entryAt(scene, from + i + 1)) }),
    ]),
  stale(scene) {
    const room = roomOf(scene)
    const head = scene.heads.get(room) ?? 0
    const seq = Math.max(1, head + scene.chance.one([-5, -1, 0, 2, 50, FAR - head]))
    return [
      eventAt(scene, room, seq),
      { type: 'skip', room, seq, cursor: cursorAt(seq), prev: cursorAt(head) },
    ]
  },
  collide(scene) {
    const room = roomOf(scene)
    const seq = (scene.heads.get(room) ?? 0) + 1
    scene.heads.set(room, seq)
    const own = operations(scene).at(-1)?.id ?? 'op1'
    const { one, whole } = scene.chance
    const ids = {
      id: one([own, 'op1', '__proto__', `op${seq}`]),
      messageId: one([own, `tmp_${own}`, `m${whole(4)}`, 'toString']),
    }
    return [eventAt(scene, room, seq, { ...ids, from: one([USER, 'bob']), replyTo: own })]
  },
  stamps(scene) {
    const room = roomOf(scene)
    const head = scene.heads.get(room) ?? 0
    scene.heads.set(room, head + 3)
    return many(3, (i) => eventAt(scene, room, head + i + 1, { stamp: stampOf(scene), ts: timeOf(scene) }))
  },
  verdicts(scene) {
    const ids = [
      ...operations(scene)
        .slice(-3)
        .map(({ id }) => id),
      'never-sent',
      'toString',
    ]
    return ids.map((id) => verdict(scene, id))
  },
  resets: (scene) =>
    many(1 + scene.chance.whole(3), () => ({
      ...{ type: 'reset', room: roomOf(scene), head: scene.chance.one([0, 1, FAR]) },
      reason: scene.chance.one(['fork', 'trimmed', 'restored', 'unknown']),
    })),
  shut: (scene) => [
    { type: 'unsubscribed', room: roomOf(scene), code: 'forbidden', retryable: scene.chance.chance(0.7) },
  ],
  heads: (scene) => [
    subscribed(roomOf(scene), scene.chance.one([0, 1, 600, FAR]), { unread: FAR, mark: FAR }),
  ],
  errors(scene) {
    const re = scene.chance.chance(0.6) ? lastRequest(scene)?.id : undefined
    const code = scene.chance.one([
      'not_found',
      'token_expiring',
      'unauthorised',
      'rate_limited',
      '__proto__',
    ])
    return [{ type: 'error', code, message: 'No.', retryable: true, ...(re !== undefined && { re }) }]
  },
  goaway: (scene) => [
    { type: 'goaway', retryAfter: scene.chance.one([0, 500, 60_000, FAR]), reason: 'why not' },
  ],
  typists: (scene) => {
    const room = roomOf(scene)
    return many(1_000, (i) => ({ type: 'typing_start', room, userId: `u${i}`, expires: i % 2 ? FAR : 0 }))
  },
  people: (scene) => [
    {
      ...{ type: 'presence_update', room: roomOf(scene), count: FAR },
      users: many(1_024, (i) => ({
        ...{ userId: `u${i + scene.chance.whole(2) * 500}`, status: 'busy', lastSeen: timeOf(scene), ver: i },
        doNotDisturbUntil: timeOf(scene),
      })),
    },
  ],
  readers: (scene) => [
    {
      ...{ type: 'read_receipt', room: roomOf(scene) },
      readers: many(4_096, (i) => ({
        readBy: `u${i + scene.chance.whole(5) * 4_096}`,
        upTo: i + 1,
        readAt: FAR,
      })),
    },
  ],
  burst(scene) {
    const room = roomOf(scene)
    const head = scene.heads.get(room) ?? 0
    scene.heads.set(room, head + 1_000)
    return many(1_000, (i) => eventAt(scene, room, head + i + 1 + (i % 7 === 0 ? 1 : 0)))
  },
  pings: () => many(500, (i) => ({ type: 'ping', t: i })),
}

/** The frames of one lie. */
export const tell = (scene: Scene, lie: Lie): readonly ServerFrame[] => TELL[lie](scene)
