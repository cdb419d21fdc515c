import { describe, expect, it } from 'vitest'
import { type Foldable, fold } from '../../../src/core/messages/fold.js'

const message: Foldable = { body: 'text', version: 1, edited: false, deleted: false, reactions: [] }
const react = (from: string, body: string) => ({ kind: 'react' as const, from, body })
const unreact = (from: string, body: string) => ({ kind: 'unreact' as const, from, body })
const run = (...operations: Parameters<typeof fold>[1][]): Foldable => operations.reduce(fold, message)

describe('an operation on a message', () => {
  it('edits: the body changes, the version is the server’s, or the next one', () => {
    expect(fold(message, { kind: 'edit', from: 'a', body: 'new' })).toEqual({
      ...{ ...message, body: 'new', edited: true, version: 2 },
    })
    expect(fold(message, { kind: 'edit', from: 'a', body: 'new', version: 7 }).version).toBe(7)
    expect(fold(message, { kind: 'edit', from: 'a' }).body).toBeNull()
  })

  it('S114: deletes for good: whatever comes after, also late, brings nothing back', () => {
    const gone = run(react('b', '👍'), { kind: 'delete', from: 'a' })
    expect(gone).toEqual({ ...message, body: null, deleted: true, reactions: [], version: 2 })
    for (const after of [
      react('b', '👍'),
      unreact('b', '👍'),
      { kind: 'edit' as const, from: 'a', body: 'x' },
    ])
      expect(fold(gone, after)).toBe(gone)
  })

  it('reacts: a person counts once per emoji, in the order of coming, and an emoji without people is gone', () => {
    const two = run(react('b', '👍'), react('a', '👍'), react('b', '🎉'))
    expect(two.reactions).toEqual([
      { emoji: '🎉', users: ['b'] },
      { emoji: '👍', users: ['b', 'a'] },
    ])
    expect(two.version).toBe(1)
    expect(fold(two, react('b', '🎉')).reactions).toEqual(two.reactions)
    expect(fold(two, unreact('b', '🎉')).reactions).toEqual([{ emoji: '👍', users: ['b', 'a'] }])
    expect(fold(two, unreact('nobody', '🎉')).reactions).toEqual(two.reactions)
  })

  it('S20: takes a reaction named like a prototype for a name', () => {
    const odd = run(react('__proto__', 'constructor'), react('a', '__proto__'))
    expect(odd.reactions).toEqual([
      { emoji: '__proto__', users: ['a'] },
      { emoji: 'constructor', users: ['__proto__'] },
    ])
  })

  it('leaves a reaction alone whose emoji is not a text', () => {
    expect(fold(message, { kind: 'react', from: 'a', body: { emoji: '👍' } })).toBe(message)
  })
})
