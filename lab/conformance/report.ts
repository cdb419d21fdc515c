import type { Verdict } from './run.js'

/** The verdicts for people: a line a chapter, then what was wrong and where it is written. */
export function report(verdicts: readonly Verdict[]): string {
  const names = [...new Set(verdicts.map(({ chapter }) => chapter))]
  const lines = names.map((chapter) => {
    const cases = verdicts.filter((verdict) => verdict.chapter === chapter)
    const passed = cases.filter(({ fault }) => fault === undefined).length
    return `${passed === cases.length ? '✓' : '✗'} ${chapter.padEnd(12)} ${passed} of ${cases.length}`
  })
  const faults = verdicts.flatMap(({ chapter, name, says, fault }) =>
    fault === undefined
      ? []
      : [`\n✗ ${chapter}: ${name}\n    written in docs/protocol.md: ${says}\n    ${fault}`],
  )
  const passed = verdicts.length - faults.length
  return [...lines, ...faults, `\n${passed} passed, ${faults.length} failed`].join('\n')
}
