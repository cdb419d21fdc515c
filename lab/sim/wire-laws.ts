import type { ClientFrame, ServerFrame } from 'tidings/protocol'
import type { TapParts } from './tap.js'

/** Operations of one room that may be on their way (I14), how long each counts as being, and how often a room's receipts may be told (I13). */
const IN_FLIGHT = 50
const ANSWER_MS = 10_000
const RECEIPT_MS = 500

type SyncRequest = Extract<ClientFrame, { type: 'sync_request' }>
type SyncResponse = Extract<ServerFrame, { type: 'sync_response' }>

/** One connection of a client. */
export interface Line {
  said(frame: ClientFrame): void
  heard(frame: ServerFrame): void
  /** It said what no server understands. */
  garbled(what: string): void
}

const seqOf = (cursor: string | null | undefined): number => Number.parseInt(cursor ?? '0', 36)

/** What makes two page requests the same question. */
const questionOf = ({ room, dir, cursor, around, checkpoints }: SyncRequest): string =>
  JSON.stringify([room, dir, cursor, around, checkpoints])

/** Which branch of a replica a page request shows. */
function branchOf({ dir, cursor, around, checkpoints }: SyncRequest, wasLive: boolean): string | undefined {
  if (checkpoints) return 'fall back'
  if (around) return 'page around a place'
  if (dir === 'backward') return cursor === undefined ? 'jump over' : 'page of the past'
  return dir === undefined && wasLive ? 'gap repair' : undefined
}

/** What a client must not do on the wire, over all of its connections, and the rare branches that show there. */
export function createWireLaws({ user, now, setbacks, reached }: TapParts) {
  const faults: string[] = []
  /** Where each room stood, and how often it fell. */
  const positions = new Map<string, { readonly seq: number; readonly falls: number }>()

  /** I8: where a replica says it stands. A setback may show late, when memory looks at the disk again: one fall for each. */
  function stands(room: string, cursor: string | undefined): void {
    const last = positions.get(room) ?? { seq: 0, falls: 0 }
    const seq = seqOf(cursor)
    const falls = last.falls + (seq < last.seq ? 1 : 0)
    if (falls > setbacks())
      faults.push(`I8: went back from ${last.seq} to ${seq} in ${room}, and nothing was taken away`)
    positions.set(room, { seq, falls })
  }

  function line(): Line {
    let welcomed: string | undefined
    /** Where each room was said to stand when it was asked for. */
    const asked = new Map<string, string | undefined>()
    const live = new Set<string>()
    /** When the unanswered operations of a room were said last. */
    const flying = new Map<string, Map<string, number>>()
    /** Operations that this connection has told of: what is said of them again, before that was read to the end, waits for no answer. */
    const heardOf = new Set<string>()
    const told = new Map<string, number>()
    const questions = new Map<string, string>()
    const answered = new Set<string>()

    function ask(rooms: readonly { readonly room: string; readonly cursor?: string | undefined }[]): void {
      for (const { room, cursor } of rooms) {
        stands(room, cursor)
        asked.set(room, cursor)
        live.delete(room)
      }
    }

    function page(frame: SyncRequest): void {
      const branch = branchOf(frame, live.has(frame.room))
      if (branch) reached(branch)
      // A page around a place says where a reader looks, not where the replica stands.
      if (frame.dir === undefined && !frame.checkpoints && !frame.around) {
        stands(frame.room, frame.cursor)
        live.delete(frame.room)
      }
      const question = questionOf(frame)
      if (frame.dir !== undefined && answered.delete(question)) reached('stale page')
      questions.set(frame.id, question)
    }

    function operate({ id, room, attempt }: { id: string; room: string; attempt: number }): void {
      const of = flying.get(room) ?? new Map<string, number>()
      // What nobody answered in time is said again with what stands at the head by then, which may be others: a tab of the same profile
      // may have heard of some.
      for (const [other, at] of of) if (now() - at >= ANSWER_MS) of.delete(other)
      if (attempt > 1) reached('resent')
      if (heardOf.has(id)) return
      flying.set(room, of.set(id, now()))
      if (of.size > IN_FLIGHT) faults.push(`I14: ${of.size} operations of ${room} are on their way`)
    }

    function hear(room: string, id: string): void {
      heardOf.add(id)
      flying.get(room)?.delete(id)
    }

    function receipt(room: string): void {
      const last = told.get(room)
      if (last !== undefined && now() - last < RECEIPT_MS)
        faults.push(`I13: told its receipts in ${room} twice within ${now() - last} ms`)
      told.set(room, now())
    }

    function answer({ id, room, hasMore, messages }: SyncResponse): void {
      if (!hasMore) live.add(room)
      for (const entry of messages) if ('id' in entry) hear(room, entry.id)
      const question = questions.get(id)
      if (question === undefined) return
      questions.delete(id)
      answered.clear()
      answered.add(question)
    }

    return {
      garbled: (what) => void faults.push(`says what no server understands: ${what}`),
      said(frame) {
        if (frame.type !== 'hello' && welcomed !== user)
          faults.push(`I18: says ${frame.type} to a server that has not welcomed ${user}`)
        if (frame.type === 'hello') ask(frame.rooms ?? [])
        else if (frame.type === 'subscribe') ask(frame.rooms)
        else if (frame.type === 'sync_request') page(frame)
        else if (frame.type === 'message' || frame.type === 'message_update') operate(frame)
        else if (frame.type === 'read_receipt') receipt(frame.room)
        else if (frame.type === 'auth') reached('token renewed')
      },
      heard(frame) {
        if (frame.type === 'welcome') welcomed ??= frame.user
        else if (frame.type === 'subscribed' && asked.get(frame.room) === frame.cursor) live.add(frame.room)
        else if (frame.type === 'event') hear(frame.room, frame.id)
        else if (frame.type === 'sync_response') answer(frame)
        else if (frame.type === 'reset') {
          live.delete(frame.room)
          reached(`reset: ${frame.reason}`)
        } else if (frame.type === 'ack' || frame.type === 'nack') {
          for (const of of flying.values()) of.delete(frame.id)
          if (frame.type === 'nack') reached(frame.retryable ? 'nack: not now' : 'nack: never')
          else if (frame.dup) reached('duplicate ack')
        } else if (frame.type === 'unsubscribed') reached('room refused')
        else if (frame.type === 'goaway') reached('sent away')
      },
    }
  }

  return { faults, line }
}
