import type { Message, Timeline } from 'tidings/core'
import { Broken } from './broken.js'
import type { Seat, Stage } from './stage.js'

/** I14, each with room for what is on its way: items of a list, lines of the trace, timers of a client. */
const LIST_MOST = 1_100
const TRACE_MOST = 500
const TIMERS_MOST = 200

const isMessage = (item: Timeline['items'][number]): item is Message => item.type === 'message'

/** I14: whatever happens, a client stays small. */
function bounded({ name, tab }: Seat, list: Timeline, room: string): void {
  const { items } = list
  if (items.length > LIST_MOST + list.pending)
    throw new Broken(`I14: ${name} lists ${items.length} items of ${room}`)
  if (tab.client.trace().length > TRACE_MOST)
    throw new Broken(`I14: ${name} keeps ${tab.client.trace().length} lines of its trace`)
  if (tab.timers() > TIMERS_MOST) throw new Broken(`I14: ${name} has ${tab.timers()} timers`)
}

/**
 * I9: what a list shows between its lowest and its highest position is there without holes, but for gaps that it shows, and messages whose
 * place lies before everything shown, which it counts.
 */
function whole(stage: Stage, { name, profile, tap }: Seat, list: Timeline, room: string): void {
  const isNew = tap !== undefined && tap.welcomedAt > stage.rolledBackAt
  // What a server came back without is shown until the client has heard of it.
  if (list.status !== 'live' || stage.hides || !isNew) return
  const settled = list.items.filter(isMessage).filter(({ seq }) => seq !== null)
  const shown = settled.flatMap(({ seq }) => seq ?? [])
  // Own ones are shown as soon as they are acknowledged, which may be ahead of the log.
  const others = settled
    .filter(({ from }) => from !== profile.user)
    // Who goes to one that came late is shown it among those that it was written with, far below its position.
    .filter(({ late }) => !(late && list.hasNewer))
    .flatMap(({ seq }) => seq ?? [])
  const gaps = list.items.flatMap((item) => (item.type === 'gap' ? item : []))
  const [from, upTo] = [Math.min(...shown), Math.max(...others)]
  const has = new Set(shown)
  const missing = [...stage.kept.messages(room).values()].filter(
    (seq) =>
      seq > from &&
      seq < upTo &&
      !has.has(seq) &&
      !gaps.some(({ after, before }) => seq > after && seq < before),
  )
  if (missing.length > list.late)
    throw new Broken(
      `I9: ${name} shows ${from} to ${upTo} of ${room} without ${missing.join()}, and says nothing of it`,
    )
}

/** What a server answers to those alone who changed what they had sent, or changed what is not there. */
const MIXED_UP: ReadonlySet<string> = new Set(['id_conflict', 'not_found'])

/** Whether somebody answers a message that its author took back before it was sent, in another tab and at the same moment. */
const answersNothing = ({ takenBack }: Stage, { seq, replyTo }: Message): boolean =>
  seq === null && replyTo !== null && takenBack.has(replyTo)

/** I1: as long as nobody lost anything, no operation is refused because it does not fit what the server has. */
function fitting(stage: Stage, { name, profile }: Seat, list: Timeline): void {
  if (stage.rolledBackAt > 0 || stage.setbacks.has(profile)) return
  for (const item of list.items)
    if (isMessage(item) && MIXED_UP.has(item.error?.serverCode ?? '') && !answersNothing(stage, item))
      throw new Broken(`I1: ${name} is told ${item.error?.serverCode} about ${item.key}`)
}

/** What a list shows that seldom happens. */
function branches(stage: Stage, list: Timeline, marked: Set<string>): void {
  const note = (branch: string, key: string) => {
    if (marked.has(branch + key)) return
    marked.add(branch + key)
    stage.count(stage.reached, branch)
  }
  if (list.late > 0) note('held back', String(list.late))
  if (list.hasNewer) note('stands in the past', list.firstUnread ?? '')
  for (const item of list.items) {
    if (item.type === 'gap') note('gap shown', item.key)
    if (!isMessage(item)) continue
    if (item.late) note('late', item.key)
    if (item.status === 'unknown') note('unknown', item.key)
    if (!item.durable) note('not durable', item.key)
    if (item.deleted) note('tombstone', item.key)
  }
}

/** What holds at every step, of those who are at a stage: I8, I9, I10, I13, I14 and I18. Looked at beside the laws of lists. */
export function createStepLaws(stage: Stage) {
  const seen = new Map<Seat, Map<string, Timeline>>()
  const marked = new Map<Seat, Set<string>>()

  function lookAt(seat: Seat, room: string): void {
    const list = seat.tab.client.room(room).timeline.get()
    const of = seen.get(seat) ?? new Map<string, Timeline>()
    seen.set(seat, of)
    if (of.get(room) === list) return
    of.set(room, list)
    bounded(seat, list, room)
    whole(stage, seat, list, room)
    fitting(stage, seat, list)
    const marks = marked.get(seat) ?? new Set<string>()
    marked.set(seat, marks)
    branches(stage, list, marks)
  }

  return {
    look(): void {
      for (const seat of stage.seats) {
        const [fault] = seat.tap?.faults ?? []
        if (fault !== undefined) throw new Broken(`${seat.name} ${fault}`)
        const [twice] = seat.heard?.twice ?? []
        if (twice !== undefined) throw new Broken(`I10: ${seat.name} was told twice of ${twice}`)
        for (const room of stage.rooms) lookAt(seat, room)
      }
    },
  }
}

/** I1, when all is quiet: what was written is on a disk that answers. */
function stored({ seats, intents }: Stage): void {
  const here = new Set(
    seats.flatMap(({ name, tab }) => (tab.client.storage.get().state === 'ready' ? name : [])),
  )
  for (const { by, n, queued, lost } of intents.values())
    if (here.has(by) && !queued && !lost) throw new Broken(`I1: message ${n} of ${by} never reached the disk`)
}

/** I1, I2 and I16, when all is quiet: nobody lacks what the server has, and nothing runs of those who left. */
export function settleAccounts(stage: Stage): void {
  const { seats, rooms, kept, leaving } = stage
  stored(stage)
  const [first] = seats
  for (const room of first && !stage.hides ? rooms : []) {
    const shown = new Set(
      first?.tab.client
        .room(room)
        .timeline.get()
        .items.filter(isMessage)
        .map(({ id }) => id),
    )
    for (const [id, seq] of kept.messages(room))
      if (!shown.has(id)) throw new Broken(`I2: nobody shows ${id}, which stands at ${seq} of ${room}`)
  }
  for (const { name, tab, isOver } of leaving) {
    if (!isOver) throw new Broken(`I16: ${name} was closed and never ends`)
    const left = tab.left()
    if (left.length > 0) throw new Broken(`I16: ${name} was closed and leaves ${left.join(', ')}`)
  }
}
