import type { Watch } from './core/wire.js'

/** Faults on purpose, for those who want to see their client survive them. */
export interface Chaos {
  /** Part of the acknowledgements that is lost, 0 to 1. */
  readonly dropAcks: number
  readonly seed: number
}

/** Reads `drop-acks=0.05,seed=1`; undefined when it is not of that form. */
export function parseChaos(text: string): Chaos | undefined {
  const given = new Map<string, number>()
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=')
    const isKnown = name === 'drop-acks' || name === 'seed'
    if (!isKnown || !/^\d+(\.\d+)?$/.test(value)) return undefined
    given.set(name, Number(value))
  }
  const dropAcks = given.get('drop-acks') ?? 0
  return dropAcks <= 1 ? { dropAcks, seed: given.get('seed') ?? 1 } : undefined
}

/** The same faults for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

export function createChaos({ dropAcks, seed }: Chaos): Watch {
  const next = seeded(seed)
  // Acks without a room answer tokens, not operations.
  return ({ type, room }) => (type === 'ack' && room !== undefined && next() < dropAcks ? 'drop' : 'pass')
}
