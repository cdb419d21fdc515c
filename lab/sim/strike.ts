import type { Seat, Stage } from './stage.js'

/** Breaks something of a seat. */
export type Strike = (stage: Stage, seat: Seat) => void

/** Lasts for a while, or until everything heals. */
export function lasting({ heal, world }: Stage, ms: number, end: () => void): void {
  const over = () => {
    if (heal.delete(over)) end()
  }
  heal.add(over)
  world.timeline.clock().after(ms, over)
}

/** Between a second and so many minutes. */
export const minutes = (stage: Stage, most: number): number => stage.dice.between(1_000, most * 60_000)

/** Something is so for a while, and then as it was. */
export function forAWhile(stage: Stage, most: number, begin: () => () => void): void {
  lasting(stage, minutes(stage, most), begin())
}
