import type { Conversation, Line } from './conversation.js'
import type { Player } from './player.js'
import type { View } from './verdict.js'

/** Rooms that are played side by side: enough to fill the round trips, few enough for memory. */
const ROOMS_AT_ONCE = 24
const LOOK_EVERY_MS = 500
/** Nothing was said or seen for this long: what is missing will not come. */
const STALLED_AFTER_MS = 30_000
/** Before that, everybody looks whether the list shows more than arrived. */
const LOOK_AGAIN_AFTER_MS = 5_000

/** Which of the players says what a sender said: the same one for all that a sender says in a room. */
export function playerOf(sender: string, players: number): number {
  // FNV-1a: spreads names evenly, and needs no table.
  let hash = 0x811c9dc5
  for (let i = 0; i < sender.length; i++) hash = Math.imul(hash ^ sender.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % players
}

/** Plays a conversation: a few rooms at a time, each until everybody has seen all of it. */
export interface Stage {
  /** Resolves when every room is complete; false when nothing moved any more, which `onStall` is told before the rooms are left. */
  play(onStall: () => void): Promise<boolean>
  /** A player has seen one more line of a room. */
  seen(room: string): void
  /** Opens every room again, one group at a time, and takes down what is shown. */
  readAgain(): Promise<void>
  /** What was shown of a room, by each player at the end of it and at each reading. */
  views(room: string): readonly View[]
  readonly roomsDone: number
}

export interface StageOptions {
  readonly onMistake: (cause: unknown) => void
  /** As a run is told. */
  readonly stalledAfterMs?: number | undefined
}

export function createStage(
  { rooms }: Conversation,
  players: readonly Player[],
  { onMistake, stalledAfterMs = STALLED_AFTER_MS }: StageOptions,
): Stage {
  const views = new Map<string, View[]>()
  const waiting = [...rooms.keys()]
  const open = new Set<string>()
  const finishing = new Set<string>()
  let [done, moves] = [0, 0]
  const played: { end: (whole: boolean) => void } = { end: () => undefined }

  async function enter(room: string): Promise<void> {
    const lines = rooms.get(room) ?? []
    const shares: Line[][] = players.map(() => [])
    for (const line of lines) shares[playerOf(line.sender, players.length)]?.push(line)
    await Promise.all(players.map((player, i) => player.enter(room, shares[i] ?? [], lines.length)))
  }

  function openMore(): void {
    for (const room of waiting.splice(0, ROOMS_AT_ONCE - open.size)) {
      open.add(room)
      enter(room).catch(onMistake)
    }
    if (open.size === 0) played.end(true)
  }

  async function takeDown(room: string): Promise<void> {
    const parts = players.flatMap((player) => player.part(room) ?? [])
    const shown = await Promise.all(parts.map((part) => part.view()))
    views.set(room, [...(views.get(room) ?? []), ...shown])
    for (const part of parts) part.leave()
    moves += 1
  }

  async function finish(room: string): Promise<void> {
    await takeDown(room)
    open.delete(room)
    done += 1
    openMore()
  }

  function finishIfComplete(room: string): void {
    if (!open.has(room) || finishing.has(room)) return
    if (!players.every((player) => player.part(room)?.isComplete() === true)) return
    finishing.add(room)
    finish(room).catch(onMistake)
  }

  function seen(room: string): void {
    moves += 1
    finishIfComplete(room)
  }

  async function lookAgain(): Promise<void> {
    const unfinished = [...open].flatMap((room) => players.flatMap((player) => player.part(room) ?? []))
    await Promise.all(unfinished.filter((part) => !part.hasSeenAll()).map((part) => part.lookAgain()))
  }

  /** Watches over the run: a message that is lost must end it with a verdict, not hang it. */
  function watch(): () => void {
    let [last, since, looked] = [moves, performance.now(), false]
    const timer = setInterval(() => {
      // What was seen last may have been confirmed after it.
      for (const room of [...open]) finishIfComplete(room)
      const quietMs = performance.now() - since
      if (moves !== last) [last, since, looked] = [moves, performance.now(), false]
      else if (quietMs > stalledAfterMs) played.end(false)
      else if (quietMs > LOOK_AGAIN_AFTER_MS && !looked) {
        looked = true
        lookAgain().catch(onMistake)
      }
    }, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }

  return {
    async play(onStall) {
      const unwatch = watch()
      const whole = await new Promise<boolean>((resolve) => {
        played.end = resolve
        openMore()
      })
      unwatch()
      if (!whole) onStall()
      await Promise.all([...open].map(takeDown))
      return whole
    },
    seen,
    async readAgain() {
      for (const room of rooms.keys()) {
        await enter(room)
        await takeDown(room)
      }
    },
    views: (room) => views.get(room) ?? [],
    get roomsDone() {
      return done
    },
  }
}
