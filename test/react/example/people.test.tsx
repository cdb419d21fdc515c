// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { inOrder, presenceInWords } from '../../../examples/react/src/model/presences.js'
import { rowsOf } from '../../../examples/react/src/model/rows.js'
import { typistsInWords } from '../../../examples/react/src/model/typists.js'
import { TidingsError } from '../../../src/core/errors.js'
import { messageOf } from '../fake-client.js'
import { openRoom, own, rows } from './open-room.js'

const confirmed = { id: 'm1', status: 'confirmed', seq: 1, ts: 1 } as const

it('says who types while they are few', () => {
  expect([[], ['bob'], ['bob', 'carol'], ['a', 'b', 'c']].map(typistsInWords)).toEqual([
    '',
    'bob is typing',
    'bob and carol are typing',
    'Several people are typing',
  ])
})

it('says how somebody is there, and where when it is elsewhere', () => {
  const bob = { user: 'bob', status: 'online', custom: null, device: 'phone', room: 'general' } as const
  expect(presenceInWords(bob, 'general')).toBe('Online · on a phone')
  expect(presenceInWords({ ...bob, room: 'coffee', device: null }, 'general')).toBe('Online · in #coffee')
  expect(presenceInWords({ ...bob, status: 'offline', custom: 'On the train' }, 'general')).toBe(
    'Offline · On the train',
  )
})

it('lists the reader first, then who is there', () => {
  const person = (user: string, status: 'online' | 'away' | 'offline') => ({
    ...{ user, status, custom: null, device: null, room: null },
  })
  const people = [
    person('carol', 'offline'),
    person('bob', 'away'),
    person('alice', 'away'),
    person('dan', 'online'),
  ]
  expect(inOrder(people, 'alice').map(({ user }) => user)).toEqual(['alice', 'dan', 'bob', 'carol'])
})

it('draws a line above what was new when the reader came, and parts a group there', () => {
  const items = [messageOf('a', '1'), messageOf('b', '2'), messageOf('c', '3')]
  const shape = (firstUnread: string | null) =>
    rowsOf(items, firstUnread).map((row) =>
      row.kind === 'message' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.kind,
    )
  expect(shape(null)).toEqual(['day', 'a first', 'b', 'c last'])
  expect(shape('b')).toEqual(['day', 'a first last', 'unread', 'b first', 'c last'])
})

it('keeps the line of what was new while the mark moves on, until the reader answers', () => {
  const { show } = openRoom()
  const items = [messageOf('a', '1'), messageOf('b', '2')]
  const line = () => screen.queryByText('New messages')
  show(items, { unread: null })
  expect(line()).toBeNull()
  show(items, { unread: 1, firstUnread: 'b' })
  expect(line()?.compareDocumentPosition(rows()[1] ?? document)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
  act(() => window.dispatchEvent(new Event('focus')))
  show(items, { unread: 0, firstUnread: null })
  expect(line()).not.toBeNull()
  fireEvent.change(screen.getByRole('textbox', { name: 'Message' }), { target: { value: 'yes' } })
  fireEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(line()).toBeNull()
})

const conflicting = {
  ...confirmed,
  status: 'failed',
  body: { text: 'theirs' },
  error: new TidingsError('conflict', 'Changed meanwhile.', {
    edit: { yours: { text: 'mine' }, current: { text: 'theirs' }, base: { text: 'first' } },
  }),
} as const

it('shows both texts of a conflict and three ways out', () => {
  const { show, asked } = openRoom()
  show([own('a', conflicting)])
  const conflict = within(screen.getByRole('region', { name: 'Two edits at the same time' }))
  expect(conflict.getAllByRole('definition').map(({ textContent }) => textContent)).toEqual([
    'mine',
    'theirs',
  ])
  fireEvent.click(conflict.getByRole('button', { name: 'Use mine' }))
  fireEvent.click(conflict.getByRole('button', { name: 'Discard mine' }))
  fireEvent.click(conflict.getByRole('button', { name: 'Edit again' }))
  expect(asked).toEqual(['edit a {"text":"mine"}', 'discard a'])
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Edit message' }).value).toBe('mine')
})

it('says of a change that failed that it was not changed, not that it was not sent', () => {
  const { show } = openRoom()
  show([own('a', { ...confirmed, status: 'failed', error: new TidingsError('rejected', 'Too late.') })])
  expect(screen.getByText('Not changed.')).toBeDefined()
})

it('says why a message that was quoted cannot be shown', async () => {
  const { show } = openRoom()
  show([own('a', { ...confirmed, replyTo: 'far away' })])
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'An earlier message' })))
  expect(screen.getByRole('alert').textContent).toContain('not on this device')
})

it('draws no row anew while somebody writes', () => {
  const { show } = openRoom()
  let reads = 0
  const watched = { ...messageOf('b', 'by bob') }
  Object.defineProperty(watched, 'sentAt', { get: () => (reads += 1) })
  show([own('a', confirmed), watched])
  expect(reads).toBeGreaterThan(0)
  reads = 0
  fireEvent.change(screen.getByRole('textbox', { name: 'Message' }), { target: { value: 'x' } })
  expect(reads).toBe(0)
})
