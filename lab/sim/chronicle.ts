import type { Stage } from './stage.js'

/** What came of a stretch, a seed or a night: everything that is counted. */
export interface Chronicle {
  clientHours: number
  steps: number
  written: number
  /** Messages that nobody can be held to: what kept them was destroyed on purpose. */
  lost: number
  readonly faults: Map<string, number>
  /** Frames that the server sent, by type. */
  readonly frames: Map<string, number>
  /** Rare branches that were taken. */
  readonly branches: Map<string, number>
  /** How long each storm's survivors took to agree, ms. */
  readonly convergedMs: number[]
  /** Operations that waited in all outboxes together, by how long the storm had lasted: one list for each quarter of a minute. */
  readonly depths: number[][]
}

/** How finely the depth of outboxes is looked at. */
export const DEPTH_EVERY_MS = 15_000

export const createChronicle = (): Chronicle => ({
  clientHours: 0,
  steps: 0,
  written: 0,
  lost: 0,
  faults: new Map(),
  frames: new Map(),
  branches: new Map(),
  convergedMs: [],
  depths: [],
})

const addCounts = (to: Map<string, number>, from: ReadonlyMap<string, number>): void => {
  for (const [name, times] of from) to.set(name, (to.get(name) ?? 0) + times)
}

/** Adds what another one tells. */
export function addChronicle(to: Chronicle, from: Chronicle): void {
  to.clientHours += from.clientHours
  to.steps += from.steps
  to.written += from.written
  to.lost += from.lost
  addCounts(to.faults, from.faults)
  addCounts(to.frames, from.frames)
  addCounts(to.branches, from.branches)
  to.convergedMs.push(...from.convergedMs)
  from.depths.forEach((depths, i) => {
    const known = to.depths[i] ?? []
    known.push(...depths)
    to.depths[i] = known
  })
}

/** How much waits now, `sinceMs` after the storm began. */
export function noteDepth({ depths }: Chronicle, { seats }: Stage, sinceMs: number): void {
  const at = Math.floor(sinceMs / DEPTH_EVERY_MS)
  while (depths.length <= at) depths.push([])
  depths[at]?.push(seats.reduce((sum, { tab }) => sum + tab.client.outbox.get().pending, 0))
}

/** What a stage has seen in its time. */
export function closeStage(chronicle: Chronicle, stage: Stage, hours: number): void {
  chronicle.clientHours += hours * stage.seats.length
  chronicle.written += stage.intents.size
  chronicle.lost += [...stage.intents.values()].filter(({ lost }) => lost).length
  addCounts(chronicle.frames, stage.sent)
  addCounts(chronicle.branches, stage.reached)
  const disks = new Set(stage.seats.map(({ profile }) => profile.disk))
  const aborts = [...disks].reduce((sum, disk) => sum + disk.aborts, 0)
  addCounts(chronicle.branches, new Map([['abort', aborts]]))
}
