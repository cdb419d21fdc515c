import { describe, expect, it } from 'vitest'
import { placeBeside } from '../../../examples/react/src/model/beside.js'
import { stretchesOf } from '../../../examples/react/src/model/links.js'
import { namesOf } from '../../../examples/react/src/model/reactions.js'
import { createRoomList } from '../../../examples/react/src/model/rooms.js'
import { theme, wearTheme } from '../../../examples/react/src/model/theme.js'

const links = (text: string) => stretchesOf(text).flatMap(({ href }) => href ?? [])

describe('addresses in a text', () => {
  it('are found, without what ends the sentence', () => {
    expect(links('See https://example.org/a?b=c, or (http://example.org).')).toEqual([
      'https://example.org/a?b=c',
      'http://example.org',
    ])
  })
  it('are never of a kind that runs something', () => {
    expect(links('javascript:alert(1) data:text/html,x file:///etc/passwd http://')).toEqual([])
  })
  it('leave the text as it was', () => {
    for (const text of ['', 'a', 'https://x.org', 'https://x.org https://y.org!', '<https://x.org>'])
      expect(
        stretchesOf(text)
          .map((stretch) => stretch.text)
          .join(''),
      ).toBe(text)
  })
})

describe('the rooms of a person', () => {
  it('are those that were visited in any window of the browser', () => {
    const windows = [createRoomList('dora'), createRoomList('dora')]
    windows[0]?.add('garden')
    windows[1]?.add('kitchen')
    const rooms = createRoomList('dora').get()
    localStorage.removeItem('tidings:rooms:dora')
    expect(rooms.slice(-2)).toEqual(['garden', 'kitchen'])
  })
})

describe('what opens beside something', () => {
  const screen = { width: 400, height: 600 }
  const size = { width: 150, height: 200 }
  const at = (left: number, top: number) => ({ left, top, right: left + 40, bottom: top + 30 })
  it('stands below it, in line with the edge that is nearer', () => {
    expect(placeBeside(at(20, 100), size, screen)).toEqual({ left: 20, top: 136 })
    expect(placeBeside(at(340, 100), size, screen)).toEqual({ left: 230, top: 136 })
  })
  it('stands above it where there is no space below', () => {
    expect(placeBeside(at(20, 500), size, screen).top).toBe(294)
  })
  it('never leaves the screen', () => {
    expect(placeBeside(at(-30, 300), { width: 390, height: 590 }, screen)).toEqual({ left: 8, top: 8 })
  })
})

it('names people as one says it, the reader first', () => {
  expect(namesOf(['bob'], 'alice')).toBe('bob')
  expect(namesOf(['bob', 'alice'], 'alice')).toBe('you and bob')
  expect(namesOf(['bob', 'carol', 'dave'], 'alice')).toBe('bob, carol, and dave')
})

it('wears the colours that were chosen, and keeps them in this browser', () => {
  wearTheme()
  expect(document.documentElement.dataset['theme']).toBe('system')
  theme.set('dark')
  expect([document.documentElement.dataset['theme'], localStorage.getItem('tidings:theme')]).toEqual([
    'dark',
    'dark',
  ])
  theme.set('system')
  expect(localStorage.getItem('tidings:theme')).toBeNull()
})
