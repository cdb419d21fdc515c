// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from '@testing-library/react'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Message } from '../../../src/core/message.js'
import { messageOf } from '../fake-client.js'
import { openRoom, own, rows } from './open-room.js'

const confirmed = { id: 'm1', status: 'confirmed', seq: 1, ts: 1 } as const
const rowOf = (index: number) => rows()[index] ?? document.body
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key })
const focused = () =>
  document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent
const openMenuOf = (index: number) => {
  act(() => rowOf(index).focus())
  press('Enter')
}
const entries = () => screen.getAllByRole('menuitem').map(({ textContent }) => textContent)

it('offers what the author may do with a message, and less to others', () => {
  const { show } = openRoom()
  show([own('a', confirmed), { ...messageOf('b', 'by bob'), status: 'confirmed' }])
  openMenuOf(0)
  expect(entries()).toEqual(['Reply', 'Copy text', 'Edit', 'Pin', 'Delete'])
  fireEvent.click(screen.getByRole('menuitem', { name: 'Reply' }))
  openMenuOf(1)
  expect(entries()).toEqual(['Reply', 'Copy text', 'Pin'])
})

it('offers nothing where a message was deleted, and only a copy where one failed', () => {
  const { show } = openRoom()
  show([own('a', { ...confirmed, deleted: true, body: null }), own('b', { status: 'failed' })])
  openMenuOf(0)
  expect(screen.queryByRole('menu')).toBeNull()
  openMenuOf(1)
  expect(entries()).toEqual(['Copy text'])
  expect(screen.queryByRole('menuitemcheckbox')).toBeNull()
})

it('is used with the arrow keys: sideways along the pictures, up and down past them', () => {
  const { show } = openRoom()
  show([own('a', confirmed)])
  openMenuOf(0)
  expect(focused()).toBe('Thumbs up')
  press('ArrowRight')
  expect(focused()).toBe('Heart')
  press('ArrowDown')
  expect(focused()).toBe('Reply')
  press('ArrowUp')
  expect(focused()).toBe('Thumbs up')
  press('ArrowLeft')
  expect(focused()).toBe('Done')
  press('End')
  expect(focused()).toBe('Delete')
})

it('reacts with a picture, and takes back the one that was given', () => {
  const { show, asked } = openRoom()
  const reactions = [{ emoji: '🎉', users: ['bob', 'alice'] }]
  show([{ ...messageOf('a', 'by bob'), status: 'confirmed', reactions }])
  openMenuOf(0)
  fireEvent.click(screen.getByRole('menuitemcheckbox', { name: 'Thumbs up' }))
  openMenuOf(0)
  expect(screen.getByRole('menuitemcheckbox', { name: 'Party' }).getAttribute('aria-checked')).toBe('true')
  fireEvent.click(screen.getByRole('menuitemcheckbox', { name: 'Party' }))
  expect(asked).toEqual(['react a 👍', 'unreact a 🎉'])
  expect(screen.queryByRole('menu')).toBeNull()
})

it('counts reactions, names who reacted, and joins in at a click', () => {
  const { show, asked } = openRoom()
  const reactions = [
    { emoji: '🎉', users: ['bob', 'alice', 'carol'] },
    { emoji: 'so true', users: ['bob'] },
  ]
  show([own('a', { ...confirmed, reactions })])
  const mine = screen.getByRole('button', { name: '3 party: you, bob, and carol' })
  expect([mine.getAttribute('aria-pressed'), mine.querySelector('.reaction-count')?.textContent]).toEqual([
    'true',
    '3',
  ])
  fireEvent.click(mine)
  fireEvent.click(screen.getByRole('button', { name: '1 so true: bob' }))
  expect(asked).toEqual(['unreact a 🎉', 'react a so true'])
})

const editing = (): Pick<ReturnType<typeof openRoom>, 'show' | 'asked'> & { box: HTMLTextAreaElement } => {
  const { show, asked } = openRoom()
  show([own('a', confirmed)])
  act(() => rowOf(0).focus())
  press('e')
  return { show, asked, box: screen.getByRole('textbox', { name: 'Edit message' }) }
}

it('edits in place: Enter saves, and the row has the focus again', () => {
  const { asked, box } = editing()
  expect([box.value, document.activeElement]).toEqual(['a', box])
  fireEvent.change(box, { target: { value: 'better' } })
  press('Enter')
  expect(asked).toEqual(['edit a {"text":"better"} of version 1'])
  expect(screen.queryByRole('textbox', { name: 'Edit message' })).toBeNull()
  expect(document.activeElement).toBe(rowOf(0))
})

it('overwrites nothing that another device made of the message while the editor was open', () => {
  const { show, asked, box } = editing()
  show([own('a', { ...confirmed, body: { text: 'theirs' }, version: 2 })])
  press('Enter')
  expect(asked).toEqual([])
  press('e')
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Edit message' }).value).toBe('theirs')
  show([own('a', { ...confirmed, body: { text: 'theirs again' }, version: 3 })])
  fireEvent.change(screen.getByRole('textbox', { name: 'Edit message' }), { target: { value: 'mine' } })
  press('Enter')
  expect(asked).toEqual(['edit a {"text":"mine"} of version 2'])
  expect(box.isConnected).toBe(false)
})

it('leaves a message alone when the edit is cancelled, empty or changes nothing', () => {
  const { asked, box } = editing()
  fireEvent.change(box, { target: { value: '  ' } })
  press('Enter')
  expect(screen.getByRole('textbox', { name: 'Edit message' })).toBe(box)
  press('Escape')
  press('e')
  press('Enter')
  expect(asked).toEqual([])
})

it('edits the last own message on ArrowUp in the empty box', () => {
  const { show } = openRoom()
  show([own('a', confirmed), own('b', { status: 'failed' }), messageOf('c', 'by bob')])
  const box = screen.getByRole('textbox', { name: 'Message' })
  fireEvent.change(box, { target: { value: 'x' } })
  fireEvent.keyDown(box, { key: 'ArrowUp' })
  expect(screen.queryByRole('textbox', { name: 'Edit message' })).toBeNull()
  fireEvent.change(box, { target: { value: '' } })
  fireEvent.keyDown(box, { key: 'ArrowUp' })
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Edit message' }).value).toBe('a')
})

it('deletes only after asking', () => {
  const { show, asked } = openRoom()
  show([own('a', confirmed)])
  act(() => rowOf(0).focus())
  press('Delete')
  const question = () => within(screen.getByRole('alertdialog', { name: 'Delete this message?' }))
  fireEvent.click(question().getByRole('button', { name: 'Cancel' }))
  expect([screen.queryByRole('alertdialog'), asked]).toEqual([null, []])
  press('Delete')
  fireEvent.click(question().getByRole('button', { name: 'Delete' }))
  expect([screen.queryByRole('alertdialog'), asked]).toEqual([null, ['remove a']])
})

it('shows a tombstone without words, reactions or what it answered', () => {
  const { show } = openRoom()
  const reactions = [{ emoji: '🎉', users: ['bob'] }]
  show([own('a', { ...confirmed, deleted: true, body: null, replyTo: 'x', reactions })])
  expect(rowOf(0).querySelector('.words')?.textContent).toBe('This message was deleted.')
  expect(within(rowOf(0)).queryAllByRole('button')).toEqual([])
})

it('previews what is answered as it is now, and forgets it on Escape', () => {
  const { show, messageCell, sent } = openRoom()
  const first: Message = { ...messageOf('a', 'first words'), status: 'confirmed' }
  show([first])
  act(() => messageCell('a').set(first))
  fireEvent.click(screen.getByRole('button', { name: 'Reply' }))
  const box = screen.getByRole('textbox', { name: 'Message' })
  expect([document.activeElement, document.querySelector('.replying-words')?.textContent]).toEqual([
    box,
    'first words',
  ])
  act(() => messageCell('a').set({ ...first, deleted: true, body: null }))
  expect(document.querySelector('.replying-words')?.textContent).toBe('Deleted')
  fireEvent.keyDown(box, { key: 'Escape' })
  fireEvent.change(box, { target: { value: 'no answer' } })
  fireEvent.keyDown(box, { key: 'Enter' })
  expect(sent).toEqual([{ body: { text: 'no answer' }, options: {} }])
})

it('opens its menu under a finger that stays, not under one that scrolls', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const wait = () => act(() => vi.advanceTimersByTime(1_000))
  const { show } = openRoom()
  show([own('a', confirmed)])
  const line = rowOf(0).querySelector('.line') ?? document.body
  const touch = { pointerType: 'touch', clientX: 10, clientY: 10 }
  fireEvent.pointerDown(line, touch)
  fireEvent.pointerMove(line, { ...touch, clientY: 60 })
  wait()
  expect(screen.queryByRole('menu')).toBeNull()
  fireEvent.pointerDown(line, touch)
  fireEvent.pointerUp(line, touch)
  wait()
  expect(screen.queryByRole('menu')).toBeNull()
  fireEvent.pointerDown(line, touch)
  wait()
  expect(screen.getByRole('menu')).toBeDefined()
})
