import type { Json } from '../../../src/protocol/index.js'

/** An array in an array, so many levels deep. */
export const deep = (levels: number): Json => (levels === 0 ? 'end' : [deep(levels - 1)])
