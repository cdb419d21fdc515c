import type { Chronicle } from './chronicle.js'
import { namesOf } from './dice.js'
import { FAULTS } from './faults.js'

/** Branches that are taken seldom, and that a run which says much has to have taken. */
export const RARE = [
  'gap repair',
  'gap shown',
  'jump over',
  'stale page',
  'page of the past',
  'page around a place',
  'stands in the past',
  'fall back',
  'reset',
  'reset: restored',
  'reset: fork',
  'quarantine',
  'steal',
  'held back',
  'late',
  'unknown',
  'not durable',
  'tombstone',
  'nack: not now',
  'nack: never',
  'failed: rejected',
  'failed: conflict',
  'resent',
  'duplicate ack',
  'abort',
  'storage degraded',
  'heard after its end',
  'room refused',
  'sent away',
  'token renewed',
  'error: unauthorised',
  'error: wrong_user',
  'error: token_failed',
  'error: listener',
] as const

/** A kind of fault that makes up less of all faults is there on paper only. */
const LEAST_SHARE = 0.01
/** Faults in each client-hour: 60,000 in a thousand. */
const FAULTS_PER_HOUR = 60

/** What a run lacks, as sentences; nothing where it says enough. */
export function lacks({ clientHours, faults, branches }: Chronicle): readonly string[] {
  const total = [...faults.values()].reduce((sum, each) => sum + each, 0)
  const few = namesOf(FAULTS).filter((fault) => (faults.get(fault) ?? 0) < total * LEAST_SHARE)
  const never = RARE.filter((branch) => !branches.get(branch))
  return [
    ...few.map((fault) => `"${fault}" struck ${faults.get(fault) ?? 0} times of ${total}: less than 1 %`),
    ...never.map((branch) => `"${branch}" never came to pass`),
    ...(total < clientHours * FAULTS_PER_HOUR
      ? [`${total} faults in ${clientHours.toFixed(0)} client-hours are less than ${FAULTS_PER_HOUR} an hour`]
      : []),
  ]
}
