import { describe, expect, it } from 'vitest'
import { createTurns } from '../../../src/core/messages/turns.js'

describe('turns', () => {
  it('are taken one at a time, in order, those that somebody looks at first', () => {
    const turns = createTurns()
    const order: string[] = []
    const take = (name: string, urgent = false) => turns.take(urgent, () => order.push(name))
    const release = take('first')
    take('second')
    const third = take('third', true)
    expect(order).toEqual(['first'])
    release()
    expect(order).toEqual(['first', 'third'])
    third()
    expect(order).toEqual(['first', 'third', 'second'])
  })

  it('are given back once, and a place in the queue can be left', () => {
    const turns = createTurns()
    const order: string[] = []
    const take = (name: string) => turns.take(false, () => order.push(name))
    const first = take('first')
    const second = take('second')
    take('third')
    take('fourth')
    second()
    first()
    first()
    expect(order).toEqual(['first', 'third'])
  })

  it('pass on when one gives its turn back in the moment it gets it', () => {
    const turns = createTurns()
    const order: string[] = []
    const first = turns.take(false, () => order.push('first'))
    let second = (): void => undefined
    second = turns.take(false, () => {
      order.push('second')
      second()
    })
    turns.take(false, () => order.push('third'))
    first()
    expect(order).toEqual(['first', 'second', 'third'])
  })
})
