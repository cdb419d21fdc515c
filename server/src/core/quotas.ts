/**
 * What is limited over all connections of somebody, and over all nodes that share a log: attempts to connect from an address, connections,
 * durable operations and requests over HTTP of a user, changes that another system tells of.
 */
export type Quota = 'attempts' | 'connections' | 'operations' | 'requests' | 'changes'

/** So many within so many seconds, counted from the first. */
export interface Allowance {
  readonly points: number
  readonly seconds: number
}

/** Counts what is used of each quota. */
export interface Quotas {
  /** Uses so many points of what `who` has. 0 when there were as many, else the ms until there are some again. Never throws or rejects. */
  use(quota: Quota, who: string, points?: number): number | Promise<number>
}

/** Nothing is limited. */
export const NO_QUOTAS: Quotas = { use: () => 0 }
