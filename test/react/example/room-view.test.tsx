// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { TidingsError } from '../../../src/core/errors.js'
import { idle, messageOf } from '../fake-client.js'
import { openRoom, own, rows } from './open-room.js'

const open = openRoom
const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })
const type = (text: string) => fireEvent.change(box(), { target: { value: text } })

it('shows each message with its key, its id and how far it got', () => {
  const { show } = open()
  show([
    own('a', { id: 'm1', status: 'confirmed', seq: 1, ts: 1 }),
    own('b', { id: 'tmp_b', status: 'delayed' }),
    own('c', { id: 'tmp_c', status: 'unknown' }),
  ])
  expect(rows().map(({ dataset }) => [dataset['key'], dataset['id'], dataset['status']])).toEqual([
    ['a', 'm1', 'confirmed'],
    ['b', 'tmp_b', 'delayed'],
    ['c', 'tmp_c', 'unknown'],
  ])
})

it('keeps the row of a message over its confirmation', () => {
  const { show } = open()
  show([own('a', { id: 'tmp_a' })])
  const [before] = rows()
  show([own('a', { id: 'm1', status: 'confirmed' })])
  expect(rows()).toEqual([before])
})

it('shows content as text, whatever it looks like', () => {
  const { show } = open()
  show([own('a', { body: { text: '<img src=x onerror=alert(1)>' } })])
  expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeDefined()
  expect(document.querySelector('img')).toBeNull()
})

it('sends on Enter, and makes a line on Shift and Enter or while a word is composed', () => {
  const { sent } = open()
  type('hello')
  fireEvent.keyDown(box(), { key: 'Enter', shiftKey: true })
  fireEvent.keyDown(box(), { key: 'Enter', isComposing: true })
  expect(sent).toEqual([])
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(sent).toEqual([{ body: { text: 'hello' }, options: {} }])
  expect(box().value).toBe('')
})

it('keeps what was refused in the box and says why', () => {
  const { refuseWith } = open()
  refuseWith(new TidingsError('too_large', 'The message is too large.'))
  type('a very long story')
  fireEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(box().value).toBe('a very long story')
  expect(screen.getByRole('alert').textContent).toBe('The message is too large.')
})

it('keeps a draft over a reload', () => {
  open()
  type('half a thought')
  cleanup()
  open()
  expect(box().value).toBe('half a thought')
})

it('answers a message that is still waiting, by its key', () => {
  const { show, sent } = open()
  show([own('a', { id: 'tmp_a', status: 'delayed' })])
  fireEvent.click(screen.getByRole('button', { name: 'Reply' }))
  type('to myself')
  fireEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(sent).toEqual([{ body: { text: 'to myself' }, options: { replyTo: 'a' } }])
})

it('offers retry and discard where a message failed or may have arrived, and nowhere else', () => {
  const { show, asked } = open()
  show([own('a', { status: 'failed', error: new TidingsError('rejected', 'Too rude.') }), own('b', {})])
  expect(screen.getAllByRole('button', { name: 'Retry' })).toHaveLength(1)
  expect(screen.getByText(/Too rude/)).toBeDefined()
  fireEvent.click(screen.getByRole('button', { name: 'Retry' }))
  fireEvent.click(screen.getByRole('button', { name: 'Discard' }))
  expect(asked).toEqual(['retry a', 'discard a'])
})

it('marks what arrived late, and says once when a run of them came', () => {
  const { show } = open()
  const late = (key: string) => ({ ...messageOf(key, 'from the tunnel'), late: true, ts: 60_000 })
  show([messageOf('a', 'in time'), late('b'), late('c'), messageOf('d', 'in time')])
  expect(rows().map(({ dataset }) => dataset['late'])).toEqual(['false', 'true', 'true', 'false'])
  expect(screen.getAllByTitle('Arrived late')).toHaveLength(2)
  expect(rows().map((row) => row.querySelector('.late')?.textContent ?? '')).toEqual([
    '',
    '',
    expect.stringMatching(/^Arrived late, /),
    '',
  ])
})

it('announces what others write after the list was shown, and nothing that was loaded or is its own', () => {
  const { show } = open()
  const at = (seq: number, from = 'bob') => ({ ...messageOf(`k${seq}`, `text ${seq}`), from, seq, ts: seq })
  const announced = () => document.querySelector('.timeline > [aria-live="polite"]')?.textContent
  show([at(5)])
  show([at(3), at(4), at(5)])
  show([at(3), at(4), at(5), at(6, 'alice')])
  expect(announced()).toBe('')
  show([at(3), at(4), at(5), at(6, 'alice'), at(7)])
  expect(announced()).toBe('bob: text 7')
  show([at(3), at(4), at(5), at(6, 'alice'), at(7), at(8), at(9)])
  expect(announced()).toBe('2 new messages')
})

it('says the state of the connection in one place', () => {
  const { connection } = open()
  const status = screen.getByRole('status')
  expect([status.dataset['state'], status.textContent]).toEqual(['idle', 'Offline'])
  act(() => connection.set({ ...idle, state: 'connected' }))
  expect([status.dataset['state'], status.textContent]).toEqual(['connected', 'Connected'])
})

it('takes the window offline and back', () => {
  const { offline } = open()
  const toggle = screen.getByRole('switch', { name: 'Offline' })
  expect(toggle.getAttribute('aria-checked')).toBe('false')
  fireEvent.click(toggle)
  expect(offline.get()).toBe(true)
  expect(toggle.getAttribute('aria-checked')).toBe('true')
})

it('lets Tab lead to one row, and the arrow keys to the others', () => {
  const { show } = open()
  show([own('a', {}), own('b', {}), own('c', {})])
  const stops = () =>
    rows()
      .filter(({ tabIndex }) => tabIndex === 0)
      .map(({ dataset }) => dataset['key'])
  expect(stops()).toEqual(['c'])
  const [, , last] = rows()
  act(() => last?.focus())
  fireEvent.keyDown(last ?? document.body, { key: 'ArrowUp' })
  expect(stops()).toEqual(['b'])
  expect(document.activeElement).toBe(rows()[1])
})

it.each([
  ['an empty room', { status: 'live' }, /Nothing said in #general yet/],
  ['a refused room', { status: 'refused' }, /closed to you/],
  ['a device that holds nothing, without a connection', { status: 'cached' }, /Nothing kept on this device/],
  ['a list that is being read', { status: 'loading' }, /Loading messages/],
] as const)('says why there is nothing to see: %s', (_name, state, words) => {
  const { show } = open()
  show([], state)
  expect(screen.getByText(words)).toBeDefined()
})
