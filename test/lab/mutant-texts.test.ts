import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { canary } from '../../lab/mutants/canary.js'
import { mutants } from '../../lab/mutants/defects/index.js'
import { mutated, occurrences } from '../../lab/mutants/mutant.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

describe('the mutants', () => {
  it('change what stands exactly once in the code', () => {
    const astray = [...mutants, canary]
      .map(({ name, file, find }) => ({ name, file, times: occurrences(textOf(file), find) }))
      .filter(({ times }) => times !== 1)
    expect(astray).toEqual([])
  })

  it('are at least sixty, each with a name of its own and a change', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(60)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    expect(new Set(mutants.map(({ file, replace, find }) => `${file} ${find} ${replace}`)).size).toBe(
      mutants.length,
    )
    for (const { find, replace } of mutants) expect(replace).not.toBe(find)
  })

  it('are refused when the code has moved', () => {
    const mutant = { name: 'a', why: '', file: 'b.ts', find: 'one', replace: 'two' }
    expect(mutated(mutant, 'only one is here')).toBe('only two is here')
    expect(() => mutated(mutant, 'nothing')).toThrow('0 times in b.ts')
    expect(() => mutated(mutant, 'one and one')).toThrow('2 times')
  })
})
