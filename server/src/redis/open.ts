import type { Bus } from '../core/bus.js'
import { SERVER_LIMITS } from '../core/limits.js'
import type { Presence } from '../core/presence/seam.js'
import type { Clock, Committed, Log, Loss, Random } from '../core/seams.js'
import { createFollowers, type Followers } from '../log/followers.js'
import { createCommits } from './commits.js'
import { createFeed } from './feed.js'
import { openGroups } from './groups.js'
import { type ArchiveOptions, openHistory } from './history.js'
import { type Keep, keepingOf } from './keeping.js'
import { type Link, openLink } from './link.js'
import { createReads, look, readMissed } from './log.js'
import { createRedisMarks } from './marks.js'
import { createRedisPresence } from './presence.js'
import { PART, toldIn } from './record.js'

export interface RedisOptions extends ArchiveOptions {
  /** `redis://` or `rediss://`; Redis 7 or newer. */
  readonly url: string
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  /** Server time. Default: Redis's own, the same for every node. */
  readonly now?: () => number
  /** What keys begin with, so that several servers may share one Redis. Default `tidings`. */
  readonly prefix?: string
  /**
   * Entries that each room keeps, or a function that gives them by the room's name; a cursor from before them gets `reset` with
   * `trimmed`. Default 10,000; 0 keeps all. Every node should say the same of a room: it is cut by whoever writes there. What is no
   * whole number rejects here, or refuses what is written to that room.
   */
  readonly keep?: Keep
  /** How long the ids of entries that are not kept any more are remembered at least, ms. Default 7 days. */
  readonly forgetMs?: number
  /** How long a worker of a group may be silent before its rooms are for others, ms. Default 30 s. */
  readonly workerIdleMs?: number
  /** As `presenceTtlMs` and `presenceGraceMs` of the server's limits, which they must equal. */
  readonly presence?: { readonly ttlMs: number; readonly graceMs: number }
}

/** What a node needs of Redis. */
export interface Redis {
  readonly log: Log
  readonly bus: Bus
  readonly presence: Presence
  /** Runs a script there, on keys behind the prefix. Rejects when it cannot now. */
  script(
    text: string,
    on: { readonly keys: readonly string[]; readonly arguments: readonly string[] },
  ): Promise<unknown>
  /** Compares the rooms in which somebody is with their logs now, as every half minute. */
  check(): void
  /** Moves into the archive what there is now and no other server has taken, as every second. Rejects when it cannot. */
  archive(): Promise<void>
}

/** No room is called so: the channel of what concerns all nodes. */
const ALL_NODES = ''
const PREFIX = 'tidings'
const KEEP = 10_000
const PRESENCE = { ttlMs: SERVER_LIMITS.presenceTtlMs, graceMs: SERVER_LIMITS.presenceGraceMs }
const WORKER_IDLE_MS = 30_000
const FORGET_MS = 7 * 24 * 60 * 60_000

/** Follows what comes in groups one by one. */
const eachOf =
  <T>({ follow }: Pick<Followers<T>, 'follow'>) =>
  (listener: (one: T) => void) =>
    follow((some) => {
      for (const one of some) listener(one)
    })

/** Tells the nodes that are in a room, or all of them: texts of clients, presence, groups. */
const tellingBy =
  ({ tell }: Pick<Link, 'tell'>, node: string) =>
  (room: string, kind: 'g' | 'p' | 't', text: string) =>
    tell(room, `${kind}${node}${PART}${text}`)

/** What of a node the other nodes have as well, and tell each other of. */
async function openShared(options: RedisOptions, link: Link, node: string) {
  const { clock, now, prefix = PREFIX, workerIdleMs: idleMs = WORKER_IDLE_MS } = options
  const tell = tellingBy(link, node)
  const presence = createRedisPresence({
    clock,
    node,
    prefix,
    ...(options.presence ?? PRESENCE),
    link: { command: link.command, tell: (text) => tell(ALL_NODES, 'p', text) },
  })
  const groups = await openGroups({
    link,
    clock,
    prefix,
    node,
    now,
    idleMs,
    tell: (news) => tell(ALL_NODES, 'g', news),
  })
  return { presence, groups }
}

/** Opens log, bus and presence on Redis, shared with every other node that does. Rejects when there is none, or one before version 7. */
export async function openRedis(options: RedisOptions): Promise<Redis> {
  const { url, clock, now, prefix = PREFIX, forgetMs = FORGET_MS } = options
  const keep = keepingOf(options.keep ?? KEEP)
  const node = options.random.id()
  const entries = createFollowers<Committed>()
  const losses = createFollowers<Loss>()
  const texts = createFollowers<{ readonly room: string; readonly text: string }>()

  /** What begins with `e` are entries, with `m` read marks, with `t` texts, with `p` presence of a node, with `g` groups; then the node that tells. */
  const hear = (room: string, text: string) => {
    const at = text.indexOf(PART)
    const [kind, from, rest] = [text[0], text.slice(1, at), text.slice(at + 1)] as const
    // What cannot be repaired now is, by the next check.
    if (kind === 'e') void Promise.resolve(feed.take(room, toldIn(room, rest))).catch(() => undefined)
    else if (from === node) return
    else if (kind === 'm') marks.heard(room, rest)
    else if (kind === 'p') presence.heard(from, rest)
    else if (kind === 'g') groups.heard(rest)
    else if (kind === 't') texts.tell([{ room, text: rest }])
  }
  const heard = (room: string, text: string) => {
    try {
      hear(room, text)
    } catch {
      // None of ours told that: whatever throws in a listener ends the subscription for all rooms.
    }
  }
  const reconnected = () => {
    history.reconnected()
    groups.reconnected()
    feed.check()
    presence.read().catch(() => undefined)
  }
  const link = await openLink({ url, prefix, clock, heard, reconnected })
  const shared = { link, node, now, keep, forgetMs }
  const history = await openHistory({ ...options, ...shared, prefix })
  const { presence, groups } = await openShared(options, link, node)
  await link.listen(ALL_NODES)
  await presence.read()
  const marks = createRedisMarks(link, node)
  const feed = createFeed({
    clock,
    listen: link.listen,
    unlisten: link.unlisten,
    look: (room, seq) => look(history.recall, room, seq),
    read: (room, after, limit) => readMissed(link, room, after, limit),
    tell: entries.tell,
    lost: (room, reason, head) => losses.tell([{ room, reason, head }]),
  })
  const append = createCommits({
    ...shared,
    due: history.due,
    wantedBy: groups.wantedBy,
    dueFor: groups.dueFor,
    recall: history.isArchived ? history.recall : undefined,
    tell(room, told) {
      if (feed.has(room)) return feed.take(room, told)
      entries.tell(told.map(({ committed }) => committed))
    },
  })
  return {
    log: {
      ...createReads(history.recall),
      dedupeMs: forgetMs,
      append,
      follow: entries.follow,
      onLost: eachOf(losses),
      marks,
      groups,
      async close() {
        feed.close()
        await groups.close()
        await history.close()
        await link.drained()
        link.close()
      },
    },
    bus: {
      enter: feed.enter,
      leave: feed.leave,
      tell: (room, text) => tellingBy(link, node)(room, 't', text),
      hear: (listener) => eachOf(texts)(({ room, text }) => listener(room, text)),
    },
    presence,
    script: (text, { keys, arguments: words }) =>
      link.command('EVAL', text, String(keys.length), ...keys.map((key) => `${prefix}:${key}`), ...words),
    check: feed.check,
    archive: history.run,
  }
}
