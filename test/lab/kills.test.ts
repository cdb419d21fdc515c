import { describe, expect, it } from 'vitest'
import { add, CLEAN, isClean, lostOf, stageOf, verdictOf } from '../../lab/kills/judge.js'
import { endsTorn, tornRecord } from '../../lab/kills/leveldb.js'
import { planOf, SCENES } from '../../lab/kills/plan.js'
import { missedOf } from '../../lab/kills/run.js'

const confirmed = (...numbers: number[]) => numbers.map((n) => ({ n, status: 'confirmed' }))

describe('the judge of killed browsers', () => {
  it('finds nothing wrong where everything is in the file once and shown once', () => {
    expect(isClean(verdictOf([1, 2, 3], [1, 2, 3], confirmed(1, 2, 3)))).toBe(true)
  })

  it('owes what was called queued and nothing else', () => {
    expect(verdictOf([1, 2], [1, 2, 3], confirmed(1, 2, 3))).toEqual(CLEAN)
    expect(verdictOf([1, 2, 3], [1, 3], confirmed(1, 3))).toEqual({ ...CLEAN, lost: [2] })
    expect(lostOf({ queued: [1, 2, 3, 4], file: [1, 2], waiting: [2, 3] })).toEqual([4])
  })

  it('sees a message that is not shown, and one that is shown and nowhere else', () => {
    expect(verdictOf([], [1, 2], confirmed(1))).toEqual({ ...CLEAN, lost: [2] })
    expect(verdictOf([], [1], confirmed(1, 2))).toEqual({ ...CLEAN, doubled: [2] })
  })

  it('sees what is in the file or in the list twice', () => {
    expect(verdictOf([1, 2], [1, 2, 1], confirmed(1, 2))).toEqual({ ...CLEAN, doubled: [1] })
    expect(verdictOf([1, 2], [1, 2], confirmed(1, 1, 2))).toEqual({ ...CLEAN, doubled: [1] })
  })

  it('sees what stands below a later one, and what is not confirmed in the end', () => {
    expect(verdictOf([], [2, 1, 3], confirmed(2, 1, 3))).toEqual({ ...CLEAN, disordered: [1] })
    const shown = [{ n: 1, status: 'unknown' }]
    expect(verdictOf([1], [1], shown)).toEqual({ ...CLEAN, unconfirmed: [1] })
  })

  it('forgets nothing that was wrong before', () => {
    const sum = add({ ...CLEAN, lost: [1] }, { ...CLEAN, lost: [1, 2], doubled: [3] })
    expect(sum).toEqual({ ...CLEAN, lost: [1, 2], doubled: [3] })
    expect(isClean(sum)).toBe(false)
  })

  it('knows by where the messages are how far they had come', () => {
    const queued = [1, 2]
    expect(stageOf({ queued, file: [], waiting: [1, 2] })).toBe('device')
    expect(stageOf({ queued, file: [1, 2], waiting: [2] })).toBe('both')
    expect(stageOf({ queued, file: [1, 2], waiting: [] })).toBe('server')
    expect(stageOf({ queued, file: [1], waiting: [2] })).toBe('between')
    expect(stageOf({ queued: [], file: [1], waiting: [1] })).toBe('none')
  })

  it('is not content with kills at one stage alone', () => {
    const at = (...stages: ('device' | 'both' | 'server' | 'between' | 'none')[]) =>
      stages.map((stage) => ({ scene: 'writing' as const, stage }))
    const missed = (torn: number, ...stages: Parameters<typeof at>) =>
      missedOf({ outcomes: at(...stages), torn })
    expect(missed(1, 'device', 'device', 'none', 'between')).toEqual(['both', 'server'])
    expect(missed(0, 'device', 'both', 'server')).toEqual(['a torn log'])
    expect(missed(1, 'device', 'both', 'server')).toEqual([])
  })
})

describe('the plan of a kill', () => {
  it('is the same for the same seed, and each scene has its turn', () => {
    const plans = (seed: number) => SCENES.map((_, trial) => planOf(seed, trial))
    expect(plans(1)).toEqual(plans(1))
    expect(plans(1)).not.toEqual(plans(2))
    expect(plans(1).map(({ scene }) => scene)).toEqual(SCENES)
  })

  it('waits for no more messages than are written, and often for nothing after them', () => {
    const plans = Array.from({ length: 200 }, (_, trial) => planOf(7, trial))
    expect(plans.every(({ beats, killAfter }) => killAfter >= 1 && killAfter <= beats.length)).toBe(true)
    const atOnce = plans.filter(({ delayMs }) => delayMs === 0).length
    expect(atOnce).toBeGreaterThan(60)
    expect(atOnce).toBeLessThan(140)
  })
})

describe('a log that a killed browser leaves', () => {
  const BLOCK = 32_768
  /** A log of whole records whose contents are as long as this. */
  const logOf = (...lengths: readonly number[]) =>
    Uint8Array.from(
      lengths.flatMap((length) => [
        0,
        0,
        0,
        0,
        length % 256,
        Math.floor(length / 256),
        1,
        ...Array(length).fill(0),
      ]),
    )

  it('ends torn where the last record is there in part only', () => {
    const whole = logOf(10, 300)
    expect(endsTorn(whole)).toBe(false)
    for (const missing of [1, 299, 300, 303, 306]) expect(endsTorn(whole.subarray(0, -missing))).toBe(true)
    expect(endsTorn(whole.subarray(0, -307))).toBe(false)
  })

  it('can be torn by hand, wherever it ends', () => {
    for (const length of [0, 10, BLOCK - 7 - 7, BLOCK - 7 - 6, BLOCK - 7 - 1, BLOCK - 7]) {
      const whole = logOf(length)
      expect(endsTorn(whole)).toBe(false)
      expect(endsTorn(Uint8Array.from([...whole, ...tornRecord(whole.length)]))).toBe(true)
    }
  })
})
