import type { Client } from '../api.js'
import { backstageOf } from '../backstage.js'
import { TidingsError } from '../errors.js'
import { idleAfterMs, idleMostMs, idleWarnMs } from '../limits.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import { activityOf } from './activity.js'

/** When nobody counts as being there. */
export interface IdleOptions {
  /** Without a sign of a person for this long: `idle`. From 1 s to 24 h; 5 minutes unless given. */
  readonly afterMs?: number | undefined
  /** This long before: `warning`, once. Less than `afterMs`; 0 for none; 1 minute unless given. */
  readonly warnMs?: number | undefined
}

/** Whether somebody is there. */
export interface IdleStatus {
  /** `active`; `warning`: will be idle unless something happens; `idle`. */
  readonly state: 'active' | 'warning' | 'idle'
  /** Since when, by this device's clock: ms since the epoch. */
  readonly since: number
}

/**
 * Watches whether a person is there, from the first subscription to the last: then it begins anew. Pointer, keys, wheel, touch and
 * a page that comes into view count, in every tab of the profile in which this is watched: exact to the second in the tab that is
 * used, to half a minute in the others. It counts elapsed time, so a clock that is set changes nothing. Throws a TidingsError
 * `invalid_argument` for options that cannot be meant and for a client of another making.
 */
export function idle<Body, Input>(
  client: Client<Body, Input>,
  options: IdleOptions = {},
): Readable<IdleStatus> {
  const { clock, connection, onThrow, onEnd } = backstageOf(client)
  const activity = activityOf(client)
  const afterMs = options.afterMs ?? idleAfterMs
  const warnMs = options.warnMs ?? Math.min(idleWarnMs, afterMs / 2)
  check(afterMs, warnMs)
  const quietMs = afterMs - warnMs

  let status: IdleStatus = { state: 'active', since: clock.now() }
  let cancel: (() => void) | undefined
  let stop: (() => void) | undefined

  function enter(state: IdleStatus['state']): void {
    if (status.state === state) return
    status = { state, since: clock.now() }
    view.touch()
  }

  function sign(): void {
    cancel?.()
    cancel = clock.after(quietMs, warn)
    enter('active')
  }

  function warn(): void {
    cancel = warnMs > 0 ? clock.after(warnMs, rest) : undefined
    enter(warnMs > 0 ? 'warning' : 'idle')
  }

  function rest(): void {
    cancel = undefined
    enter('idle')
  }

  function end(): void {
    stop?.()
    stop = undefined
    cancel?.()
    cancel = undefined
  }

  function begin(): void {
    if (connection.get().state === 'destroyed') return
    // Half of the quiet time: a tab that is used is heard of before the others would warn.
    const stops = [activity.listen(sign, quietMs / 2), onEnd(end)]
    stop = () => {
      for (const each of stops) each()
    }
    sign()
  }

  const view = createView<IdleStatus>(
    () => status,
    onThrow,
    (watched) => {
      end()
      if (watched) begin()
      else enter('active')
    },
  )
  return { get: view.get, subscribe: view.subscribe }
}

function check(afterMs: number, warnMs: number): void {
  const areTimes = Number.isFinite(afterMs) && Number.isFinite(warnMs)
  if (areTimes && afterMs >= 1_000 && afterMs <= idleMostMs && warnMs >= 0 && warnMs < afterMs) return
  const message =
    'Idle needs an `afterMs` from 1,000 to 86,400,000 and a `warnMs` from 0 to less than `afterMs`. ' +
    `It was given ${afterMs} and ${warnMs}.`
  throw new TidingsError('invalid_argument', message)
}
