import { describe, expect, it } from 'vitest'
import { textOf } from '../../../examples/react/src/model/body.js'
import { initialsOf, tintOf } from '../../../examples/react/src/model/people.js'
import { rowsOf } from '../../../examples/react/src/model/rows.js'
import { dayName } from '../../../examples/react/src/model/time.js'
import type { Message } from '../../../src/core/message.js'
import { messageOf } from '../fake-client.js'

const noon = new Date(2026, 4, 12, 12, 0).getTime()
const minute = 60_000
const day = 24 * 60 * minute

const said = (key: string, from: string, sentAt: number): Message => ({
  ...messageOf(key, key),
  from,
  sentAt,
})
const shapeOf = (items: Parameters<typeof rowsOf>[0]) =>
  rowsOf(items).map((row) =>
    row.kind === 'message' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.kind,
  )

describe('the rows of the example', () => {
  it('stand in groups of one author without a long pause', () => {
    const items = [
      said('a', 'bob', noon),
      said('b', 'bob', noon + minute),
      said('c', 'bob', noon + 9 * minute),
      said('d', 'carol', noon + 9 * minute),
    ]
    expect(shapeOf(items)).toEqual(['day', 'a first', 'b last', 'c first last', 'd first last'])
  })
  it('are parted where a day begins, however close the messages are', () => {
    const midnight = new Date(2026, 4, 13).getTime()
    const items = [said('a', 'bob', midnight - 1_000), said('b', 'bob', midnight + 1_000)]
    expect(shapeOf(items)).toEqual(['day', 'a first last', 'day', 'b first last'])
  })
  it('never join messages over a gap, and show what cannot be read', () => {
    const items = [
      said('a', 'bob', noon),
      { type: 'gap', key: 'g', after: 1, before: 9 } as const,
      said('b', 'bob', noon + 1),
      { type: 'unreadable', key: 'u', id: 'u', from: 'bob', stamp: '', seq: 10, issues: [] } as const,
    ]
    expect(shapeOf(items)).toEqual(['day', 'a first last', 'gap', 'b first last', 'unreadable'])
  })
  it('have keys of their own, also where a message begins a day', () => {
    const keys = rowsOf([said('a', 'bob', noon), said('b', 'bob', noon + day)]).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('words of the example', () => {
  it('name a day as people do', () => {
    expect(dayName(noon, noon + minute)).toBe('Today')
    expect(dayName(new Date(2026, 4, 11, 23, 59).getTime(), noon)).toBe('Yesterday')
    expect(dayName(noon - 3 * day, noon)).toBe(
      new Date(noon - 3 * day).toLocaleDateString(undefined, { weekday: 'long' }),
    )
    expect(dayName(noon - 400 * day, noon)).toContain('2025')
  })
  it('take a body of any shape', () => {
    expect(textOf({ text: 'hi' })).toBe('hi')
    expect(textOf('hi')).toBe('hi')
    expect(textOf({ text: 7 })).toBe('{"text":7}')
    expect(textOf(null)).toBe('null')
  })
  it('make a face of a name, also one outside of the letters of the keyboard', () => {
    expect(initialsOf('alice')).toBe('A')
    expect(initialsOf('mary-jane watson')).toBe('MJ')
    expect(initialsOf('🦊')).toBe('🦊')
    expect(initialsOf('---')).toBe('-')
    expect(tintOf('alice')).toBe(tintOf('alice'))
  })
})
