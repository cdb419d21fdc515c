import type { Mutant } from '../../../../lab/mutants/mutant.js'
import { defects } from './table.js'

/** A defect, and the count of a run on several servers that must not be 0 then. */
export interface ReplayDefect extends Mutant {
  readonly symptom: 'lost' | 'duplicated' | 'breaks'
}

const known = (name: string, symptom: ReplayDefect['symptom']): readonly ReplayDefect[] =>
  defects.filter((defect) => defect.name === name).map((defect) => ({ ...defect, symptom }))

/** Deliberate defects of servers that the replay on several of them has to notice, and by what. */
export const replayDefects: readonly ReplayDefect[] = [
  ...known('a repeat is written again', 'duplicated'),
  {
    name: 'of what follows at once only the first is told',
    why: 'Whoever is connected has a hole, until something comes that does not fit; at the end of a room for ever.',
    file: 'server/src/redis/feed.ts',
    find: '  tell(following)\n',
    replace: '  tell(following.slice(0, 1))\n',
    symptom: 'breaks',
  },
  {
    name: 'what Redis cannot take now is refused for good',
    why: 'Each restart of Redis costs what was said in that moment.',
    file: 'server/src/core/operations.ts',
    find: "const UNAVAILABLE: Refusal = {\n  code: 'unavailable',",
    replace: "const UNAVAILABLE: Refusal = {\n  code: 'forbidden',",
    symptom: 'lost',
  },
]
