import type { ClientFrames } from 'tidings/protocol'
import type { Asking } from './asking.js'
import type { ServerLimits } from './limits.js'
import type { Peer } from './peer.js'
import type { Clock, Log, Page, PageAnswer, PageRequest, Place, Sees } from './seams.js'

/** A walk through a room's log: the client gives credit, the server pushes a page for each. */
interface Stream {
  readonly id: string
  next: PageRequest
  /** Messages of a page at most: as the client asked, or what a resume comes to. */
  readonly most: number
  /** The answer to it, where it is known. */
  known: Page | undefined
  credit: number
  /** A page is being read or held back. */
  busy: boolean
  /** How long the next look waits when a page is held back, ms. */
  patienceMs: number
  /** How long the next page has been held back so far, ms. */
  heldMs: number
}

/** The page streams of one connection. */
export interface Streams {
  /** One page as the answer, and `pages` more as they fit. */
  request(frame: ClientFrames['sync_request']): void
  /**
   * Pages of a room that is being resumed. Nobody asked for them by an id, so they carry the room's name as theirs, and credit for more
   * is given by that name. What is known already is not asked of the log.
   */
  resume(room: string, cursor: string | undefined, pages: number, known?: Page): void
  credit(frame: ClientFrames['sync_credit']): void
  /** Of which there are more pages to come. */
  rooms(): readonly string[]
  /** Ends the streams of a room that may not be read any more. */
  expel(room: string): void
  /** Ends the pages that a resume of the room has brought. */
  endResume(room: string): void
  end(): void
}

/** With nothing named, the newest. */
const placeOf = (
  { seq, ts, messageId }: NonNullable<ClientFrames['sync_request']['around']>,
  author: string,
): Place => {
  if (messageId !== undefined) return { messageId, author }
  return ts !== undefined ? { ts } : { seq: seq ?? Number.MAX_SAFE_INTEGER }
}

/** Messages of a page: 200 to begin with, more with each page that goes out at once, fewer where one waited for long. */
const PAGE = { first: 200, least: 50, most: 300, heldMs: 500 }

function nextLimit({ next: { limit }, most, heldMs }: Stream): number {
  if (heldMs >= PAGE.heldMs) return Math.min(limit, Math.max(PAGE.least, limit >> 1))
  return heldMs > 0 ? limit : Math.min(most, limit * 2)
}

export function createStreams(options: {
  readonly peer: Peer
  readonly log: Log
  readonly clock: Pick<Clock, 'after'>
  readonly limits: ServerLimits
  readonly sees: Sees | undefined
  readonly asking: Asking
}): Streams {
  const { peer, log, clock, limits, sees, asking } = options
  const streams = new Map<string, Stream>()
  const held = new Set<() => void>()

  const current = (stream: Stream) => peer.open && streams.get(stream.id) === stream
  const drop = (stream: Stream) => {
    if (streams.get(stream.id) === stream) streams.delete(stream.id)
  }

  const sendPage = (id: string, room: string, page: Page) => {
    const visible = sees ? page.items.filter((item) => sees(peer.user, { ...item, room })) : page.items
    const messages = visible.map(({ text }) => text).join(',')
    const { prev, cursor, seq, hasMore, head } = page
    const tail = JSON.stringify({ prev, cursor, seq, hasMore, head }).slice(1)
    const text = `{"type":"sync_response","id":${JSON.stringify(id)},"room":${JSON.stringify(room)},"messages":[${messages}],${tail}`
    peer.sendText({ type: 'sync_response', id, room }, text)
  }

  const answered = (stream: Stream, answer: PageAnswer) => {
    stream.busy = false
    if (!current(stream)) return
    const { id, next } = stream
    if ('lost' in answer) {
      drop(stream)
      peer.send({ type: 'reset', room: next.room, reason: answer.lost, head: answer.head })
      return
    }
    sendPage(id, next.room, answer)
    stream.credit -= 1
    const limit = nextLimit(stream)
    stream.patienceMs = 0
    stream.heldMs = 0
    const { room, dir } = next
    const cursor = dir === 'forward' ? answer.cursor : answer.prev
    if (!answer.hasMore || cursor === null) drop(stream)
    else {
      stream.next = { room, dir, limit, cursor }
      pump(stream)
    }
  }
  const unread = (id: string) => {
    const message = 'The log cannot be read now.'
    peer.send({ type: 'error', code: 'unavailable', message, retryable: true, re: id })
  }
  const failed = (stream: Stream) => {
    stream.busy = false
    if (!current(stream)) return
    drop(stream)
    unread(stream.id)
  }
  const hold = (stream: Stream) => {
    // Mostly what fills the buffer is what this tick has written, and goes with it. A slow reader is looked at less and less often.
    const waitMs = stream.patienceMs
    stream.heldMs += waitMs
    stream.patienceMs = Math.min(limits.pageRetryMs, Math.max(1, 2 * waitMs))
    const cancel = clock.after(waitMs, () => {
      held.delete(cancel)
      stream.busy = false
      pump(stream)
    })
    held.add(cancel)
  }
  const pump = (stream: Stream) => {
    if (stream.busy || stream.credit < 1 || !current(stream)) return
    stream.busy = true
    const { known } = stream
    if (peer.buffered() > limits.pageBufferedBytes) hold(stream)
    else if (known) answered(stream, known)
    else
      log.page(stream.next).then(
        (answer) => answered(stream, answer),
        () => failed(stream),
      )
  }
  /** Whoever asks for one page after the other leaves a stream behind each: the oldest that waits for credit makes room. */
  const makeRoom = () => {
    for (const stream of streams.values()) if (!stream.busy) return drop(stream)
  }
  const start = (id: string, next: PageRequest, most: number, credit: number, known?: Page) => {
    if (streams.size >= limits.streamsPerConnection && !streams.has(id)) makeRoom()
    if (streams.size >= limits.streamsPerConnection && !streams.has(id)) {
      const message = 'Too many pages are being read at once.'
      const retryAfter = limits.pageRetryMs
      peer.send({ type: 'error', code: 'rate_limited', message, retryable: true, retryAfter, re: id })
      return
    }
    const stream: Stream = { id, next, most, known, credit, busy: false, patienceMs: 0, heldMs: 0 }
    streams.set(id, stream)
    pump(stream)
  }

  /** The profile without cursors: what has a timestamp since the one named. */
  const since = ({ id, room, limit }: ClientFrames['sync_request'], timestamp: number) => {
    const isWanted = asking.ask(room)
    log.since(room, timestamp, limit).then(
      (page) => isWanted() && sendPage(id, room, page),
      () => isWanted() && unread(id),
    )
  }

  /** One page around a place, which has no next one. A message that this user may not see is not here. */
  const around = ({ id, room, limit }: ClientFrames['sync_request'], place: Place) => {
    const isWanted = asking.ask(room)
    log.around(room, place, limit).then(
      (page) => {
        if (!isWanted() || !peer.open) return
        const named = 'messageId' in place ? page?.items.find(({ seq }) => seq === page.at) : undefined
        const isHidden = named !== undefined && sees !== undefined && !sees(peer.user, { ...named, room })
        if (page && !isHidden) return sendPage(id, room, page)
        const message = 'There is no such message.'
        peer.send({ type: 'error', code: 'not_found', message, retryable: false, re: id })
      },
      () => isWanted() && unread(id),
    )
  }

  return {
    request(frame) {
      const { id, room, cursor, dir = 'forward', limit, pages = 0, checkpoints, lastSyncTimestamp } = frame
      // Whatever is asked for by this id now, it is no pages of before.
      streams.delete(id)
      if (frame.around) {
        around(frame, placeOf(frame.around, peer.user))
        return
      }
      if (lastSyncTimestamp !== undefined) {
        since(frame, lastSyncTimestamp)
        return
      }
      // Whoever asks for one page alone knows how long it should be.
      const first = pages === 0 ? limit : Math.min(limit, PAGE.first)
      const place = { ...(cursor && { cursor }), ...(checkpoints && { checkpoints }) }
      // Checkpoints lead forward, whatever the request says, and so do the pages behind the first.
      start(id, { room, dir: checkpoints ? 'forward' : dir, limit: first, ...place }, limit, 1 + pages)
    },
    resume(room, cursor, pages, known) {
      if (pages === 0) return
      const next = { room, dir: 'forward' as const, limit: PAGE.first, ...(cursor && { cursor }) }
      start(room, next, PAGE.most, pages, known)
    },
    credit({ id, pages }) {
      const stream = streams.get(id)
      if (!stream) return
      stream.credit += pages
      pump(stream)
    },
    endResume(room) {
      const stream = streams.get(room)
      if (stream?.next.room === room) drop(stream)
    },
    rooms: () => [...streams.values()].map(({ next }) => next.room),
    expel(room) {
      for (const stream of [...streams.values()]) if (stream.next.room === room) drop(stream)
    },
    end() {
      streams.clear()
      for (const cancel of held) cancel()
      held.clear()
    },
  }
}
