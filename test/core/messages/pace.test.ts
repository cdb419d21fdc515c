import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { createPace } from '../../../src/core/messages/pace.js'

const { least, first, most, deafMs } = LIMITS.write

describe('how much goes into one write', () => {
  it('is less where the page was deaf for long, down to a page', () => {
    const pace = createPace()
    pace.took(first, deafMs + 1)
    expect(pace.entries()).toBe(first / 2)
    for (let i = 0; i < 9; i++) pace.took(pace.entries(), 100)
    expect(pace.entries()).toBe(least)
  })
  it('is more where it was not, up to a bound', () => {
    const pace = createPace()
    pace.took(first, deafMs / 2 - 1)
    expect(pace.entries()).toBe(2 * first)
    for (let i = 0; i < 9; i++) pace.took(pace.entries(), 0)
    expect(pace.entries()).toBe(most)
  })
  it('stays where it took about as long as it may', () => {
    const pace = createPace()
    pace.took(first, deafMs)
    pace.took(first, deafMs / 2)
    expect(pace.entries()).toBe(first)
  })
  it('learns nothing of small writes, and a clock that jumped back costs nothing but a step', () => {
    const pace = createPace()
    pace.took(first / 2, 100)
    pace.took(1, 0)
    expect(pace.entries()).toBe(first)
    pace.took(first, -3_600_000)
    expect(pace.entries()).toBe(2 * first)
  })
})
