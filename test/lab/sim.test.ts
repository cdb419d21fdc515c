import { describe, expect, it } from 'vitest'
import { FAULTS } from '../../lab/sim/faults.js'
import { simulate } from '../../lab/sim/run.js'
import { createTrace } from '../../lab/sim/trace.js'

const SEED = Number(process.env['SEED'] ?? 100)

describe('the simulation', () => {
  it('keeps every promise through everything that can break', { timeout: 120_000 }, async () => {
    const tally = await simulate({ seed: SEED, hours: 9, clients: 6 })
    expect(tally.broken).toBeUndefined()
    expect(tally.written).toBeGreaterThan(200)
    const { faults, branches, convergedMs } = tally.chronicle
    // No kind of fault is only there on paper.
    const idle = Object.keys(FAULTS).filter((fault) => !faults.get(fault))
    expect(idle).toEqual([])
    for (const branch of ['reset', 'gap repair', 'quarantine', 'nack: never', 'resent', 'abort', 'unknown'])
      expect([branch, (branches.get(branch) ?? 0) > 0]).toEqual([branch, true])
    expect(convergedMs.length).toBeGreaterThan(3)
  })

  it('keeps what holds at every step where faults never stop', { timeout: 60_000 }, async () => {
    const tally = await simulate({ seed: SEED + 1, hours: 3, clients: 6, mode: 'safety' })
    expect([tally.broken, tally.chronicle.convergedMs]).toEqual([undefined, []])
  })

  it('plays the same for the same seed, and something else for another', { timeout: 60_000 }, async () => {
    const stretchMs = 4 * 60_000
    const hash = async (seed: number) => (await simulate({ seed, hours: 0.3, clients: 6, stretchMs })).hash
    const first = await hash(3)
    expect(await hash(3)).toBe(first)
    expect(await hash(4)).not.toBe(first)
  })

  it('catches a server that keeps messages from one of them', { timeout: 60_000 }, async () => {
    const server = { sees: (user: string, { seq }: { seq: number }) => user !== 'bob' || seq % 17 !== 0 }
    // Whoever looks first: at what bob sees of what was written, or at what all show in the end.
    expect((await simulate({ seed: 5, hours: 9, clients: 6, server })).broken).toMatch(/: I[247]: /)
  })
})

describe('a trace', () => {
  it('is folded by FNV-1a over 64 bits', () => {
    const hashOf = (...lines: string[]) => {
      const trace = createTrace()
      for (const line of lines) trace.note(line)
      return trace.hash()
    }
    // Each line ends in a line feed.
    const fnv = (text: string) => {
      let hash = 0xcbf29ce484222325n
      for (const character of text)
        hash = BigInt.asUintN(64, (hash ^ BigInt(character.charCodeAt(0))) * 0x100000001b3n)
      return hash.toString(16).padStart(16, '0')
    }
    expect(hashOf()).toBe(fnv(''))
    expect(hashOf('hello', 'world')).toBe(fnv('hello\nworld\n'))
  })
})
