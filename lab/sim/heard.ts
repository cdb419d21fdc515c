import type { Tab } from '../world.js'

/** What a listener for every message of a room was told. */
export interface Heard {
  readonly ids: Set<string>
  /** Told twice (I10). */
  readonly twice: string[]
}

/** Listens to every message of a room from now on. */
export function hearAll(room: ReturnType<Tab['client']['room']>): Heard {
  const heard: Heard = { ids: new Set(), twice: [] }
  room.arrivals(({ id }) => {
    if (heard.ids.has(id)) heard.twice.push(id)
    heard.ids.add(id)
  })
  return heard
}
