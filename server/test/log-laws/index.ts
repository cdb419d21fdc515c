import { describe } from 'vitest'
import { type LogUnderTest, logBench } from './bench.js'
import { changingLaws } from './changing.js'
import { readingLaws } from './reading.js'
import { writingLaws } from './writing.js'

export type { LogUnderTest } from './bench.js'

/** What every log of the server has to keep. */
export function logLaws(name: string, subject: LogUnderTest): void {
  describe(`${name} as a log`, () => {
    const bench = logBench(subject)
    writingLaws(bench)
    changingLaws(bench)
    readingLaws(bench)
  })
}
