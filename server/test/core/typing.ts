import type { Puppet } from '../support/bench.js'

export const start = (room = 'general') => ({ type: 'typing_start' as const, room })

export const stop = (room = 'general') => ({ type: 'typing_stop' as const, room })

export const told = (puppet: Puppet) =>
  puppet
    .take()
    .flatMap((frame) =>
      frame.type === 'typing_start' || frame.type === 'typing_stop'
        ? `${frame.type === 'typing_start' ? '+' : '-'}${frame.userId}`
        : [],
    )
