import { describe, expect, it } from 'vitest'
import { fromCreate, type StoredMessage } from '../../../src/core/messages/record.js'
import { messagesOf, readBlock, rowOf, writeBlock } from '../../../src/core/messages/rows.js'
import { entry } from './synced.js'

const plain = fromCreate(entry(7))
const messages: readonly StoredMessage[] = [
  plain,
  { ...plain, replyTo: 'm3' },
  { ...plain, body: null },
  { ...plain, body: [1, { text: 'ten words' }] },
  { ...plain, kind: 'system' },
  { ...plain, rev: 9, version: 2, edited: true },
  { ...plain, rev: 9, body: null, deleted: true },
  { ...plain, reactions: [{ emoji: '+1', users: ['alice'] }] },
  { ...plain, replyTo: 'm3', ahead: { upTo: 12, reactions: [{ emoji: '+1', user: 'alice', seq: 12 }] } },
]

describe('a message on disk', () => {
  it('is read as it was written, whatever happened to it', () => {
    for (const message of messages) {
      const { rows, bad } = readBlock(writeBlock([rowOf(message)]))
      expect(messagesOf(rows)).toEqual([message])
      expect(bad).toBe(0)
    }
  })

  it('says no names as long as nothing happened to it', () => {
    for (const message of messages.slice(0, 4)) expect(rowOf(message).text).not.toContain('"stamp"')
    expect(rowOf(plain).text.length).toBeLessThan(JSON.stringify(plain).length / 2)
  })

  it('is left out and counted where it is none', () => {
    const texts = ['[]', '[7]', '{}', 'null', '7', 'no JSON', JSON.stringify([...[7, 'm', 'o', 'bob'], 7])]
    const { rows, bad } = readBlock({ v: 1, m: [rowOf(plain).text, ...texts, 8, null] })
    expect(messagesOf(rows)).toEqual([plain])
    expect(bad).toBe(texts.length + 2)
  })
})
