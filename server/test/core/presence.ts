import type { PresenceEntry } from 'tidings/protocol'
import { createBench, type Puppet } from '../support/bench.js'

type Bench = ReturnType<typeof createBench>

export const withGrace = (options: Parameters<typeof createBench>[0] = {}): Bench =>
  createBench({ ...options, limits: { presenceGraceMs: 15_000, ...options.limits } })

/** Asks for more to be watched, or less. */
export const watch = (puppet: Puppet, add: object, remove: object = {}) =>
  puppet.send({ type: 'presence', watch: { add, remove } })

export const told = (puppet: Puppet) => puppet.takeOnly('presence_update')

export const statuses = (puppet: Puppet) =>
  told(puppet).flatMap(({ users = [] }) => users.map(({ userId, status }) => [userId, status]))

export const names = (users: readonly PresenceEntry[] | undefined) => users?.map(({ userId }) => userId)
