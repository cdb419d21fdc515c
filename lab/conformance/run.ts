import { Failed } from './failed.js'
import { type Case, createStage, type Target } from './stage.js'
import { chapters } from './suite.js'

/** What came of one case. */
export interface Verdict {
  readonly chapter: string
  readonly name: string
  /** The sentence of the protocol: its section and number. */
  readonly says: string
  /** What the server did wrong, or nothing. */
  readonly fault: string | undefined
}

export interface RunOptions {
  /** Chapters to run; all unless given. */
  readonly only?: readonly string[]
  /** Cases at a time. */
  readonly lanes?: number
  readonly onVerdict?: (verdict: Verdict) => void
}

const LANES = 8

async function judge(target: Target, chapter: string, each: Case, number: number): Promise<Verdict> {
  const stage = createStage(target, number)
  const verdict = (fault?: string): Verdict => ({ chapter, name: each.name, says: each.says, fault })
  try {
    await each.run(stage)
    return verdict()
  } catch (cause) {
    if (cause instanceof Failed) return verdict(cause.message)
    return verdict(`the case itself failed: ${cause instanceof Error ? cause.message : String(cause)}`)
  } finally {
    stage.end()
  }
}

/** Puts a server to every test. Cases share nothing, so several run at a time. */
export async function conform(target: Target, options: RunOptions = {}): Promise<readonly Verdict[]> {
  const { only, lanes = LANES, onVerdict } = options
  const due = Object.entries(chapters)
    .filter(([chapter]) => only === undefined || only.includes(chapter))
    .flatMap(([chapter, cases]) => cases.map((each) => ({ chapter, each })))
    .filter(({ each }) => each.only === undefined || each.only === target.over)
  const verdicts: Verdict[] = []
  let next = 0
  async function lane(): Promise<void> {
    while (next < due.length) {
      const number = next++
      const item = due[number]
      if (!item) return
      const verdict = await judge(target, item.chapter, item.each, number)
      verdicts[number] = verdict
      onVerdict?.(verdict)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return verdicts
}
