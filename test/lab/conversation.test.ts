import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConversation, readLines } from '../../lab/replay/conversation.js'
import { madeUpLines } from '../../lab/replay/made-up.js'
import { playerOf } from '../../lab/replay/stage.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-lab-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const event = (n: number, more: object = {}) =>
  JSON.stringify({
    room: 'general',
    n,
    at: 1000 + n,
    kind: 'message',
    sender: 'ann',
    text: `text ${n}`,
    ...more,
  })

describe('a chat log', () => {
  it('is read plain and gzipped alike, without joins and leaves', async () => {
    const text = [event(0), event(1, { kind: 'join', text: undefined }), '', event(2, { replyTo: 0 })].join(
      '\n',
    )
    const [plain, zipped] = [join(folder, 'log.jsonl'), join(folder, 'log.jsonl.gz')]
    writeFileSync(plain, text)
    writeFileSync(zipped, gzipSync(text))
    const read = await readConversation(plain)
    expect(read).toEqual(await readConversation(zipped))
    expect(read.messages).toBe(2)
    expect(read.rooms.get('general')).toEqual([
      { room: 'general', n: 0, sender: 'ann', text: 'text 0', at: 1000 },
      { room: 'general', n: 2, sender: 'ann', text: 'text 2', at: 1002, replyTo: 0 },
    ])
  })

  it('is cut after the first messages, replies to what was left out included', async () => {
    const read = await readLines([event(0), event(1, { room: 'other' }), event(2), event(3)], 3)
    expect([read.messages, [...read.rooms.keys()]]).toEqual([3, ['general', 'other']])
  })

  it('plays a reply to something that is no earlier message of the room as a plain message', async () => {
    const read = await readLines([
      event(0, { kind: 'leave' }),
      event(1, { replyTo: 0 }),
      event(2, { replyTo: 9 }),
    ])
    expect(read.strays).toBe(2)
    expect(read.rooms.get('general')?.map((line) => line.replyTo)).toEqual([undefined, undefined])
  })

  it('names the line that cannot be read', async () => {
    await expect(readLines([event(0), '{"kind":'])).rejects.toThrow(/^Line 2 is not part of a chat log/)
    await expect(readLines([event(0, { sender: 7 })])).rejects.toThrow(/Line 1 .*sender/)
    await expect(readLines([event(0), event(0)])).rejects.toThrow(/Line 2 .*two events 0/)
  })

  it('that does not exist, or is not gzipped although it says so, is an error', async () => {
    const wrong = join(folder, 'wrong.gz')
    writeFileSync(wrong, 'plain')
    await expect(readConversation(join(folder, 'missing.jsonl'))).rejects.toThrow(/ENOENT/)
    await expect(readConversation(join(folder, 'missing.gz'))).rejects.toThrow(/ENOENT/)
    await expect(readConversation(wrong)).rejects.toThrow(/header/)
  })
})

describe('a made-up conversation', () => {
  it('is the same for the same seed, another for another', () => {
    const lines = (seed: number) => [...madeUpLines(seed, { messages: 200 })]
    expect(lines(1)).toEqual(lines(1))
    expect(lines(1)).not.toEqual(lines(2))
  })

  it('has the messages asked for, in rooms, with replies to what was said before', async () => {
    const read = await readLines(madeUpLines(3, { messages: 1_001, rooms: 4 }))
    expect([read.messages, read.rooms.size, read.strays]).toEqual([1_001, 4, 0])
    const replies = [...read.rooms.values()].flat().filter((line) => line.replyTo !== undefined)
    expect(replies.length).toBeGreaterThan(150)
    for (const { n, replyTo } of replies) expect(replyTo).toBeLessThan(n)
  })
})

describe('a sender', () => {
  it('speaks through the same client every time, and senders are spread over all clients', () => {
    const senders = Array.from({ length: 400 }, (_, i) => `person-${i}`)
    const players = senders.map((sender) => playerOf(sender, 8))
    expect(senders.map((sender) => playerOf(sender, 8))).toEqual(players)
    for (let i = 0; i < 8; i++) expect(players.filter((player) => player === i).length).toBeGreaterThan(20)
  })
})
