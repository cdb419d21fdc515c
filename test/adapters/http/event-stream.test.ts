import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventStreamParser, type StreamEvent } from '../../../src/adapters/http/event-stream.js'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What a stream says that comes in these pieces. */
function read(...pieces: readonly (string | Uint8Array)[]): readonly StreamEvent[] {
  const events: StreamEvent[] = []
  const parser = createEventStreamParser(1000, (event) => events.push(event))
  for (const piece of pieces)
    expect(parser.push(typeof piece === 'string' ? bytesOf(piece) : piece)).toBe(true)
  return events
}
const message = (data: string) => ({ name: 'message', data })

describe('a stream of events', () => {
  it('is read event by event, whatever ends its lines', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(read(`data: one${end}${end}event: close${end}data: two${end}${end}`)).toEqual([
        message('one'),
        { name: 'close', data: 'two' },
      ])
  })
  it('joins data of several lines, and takes one space off each', () => {
    expect(read('data: one\ndata:two\ndata:  three\ndata\n\n')).toEqual([message('one\ntwo\n three\n')])
  })
  it('tells an event whose data is empty, and none for what has no data', () => {
    expect(read('data:\n\n', 'event: close\n\n', 'id: 7\n\n', '\n\n', 'data: after\n\n')).toEqual([
      message(''),
      message('after'),
    ])
  })
  it('passes over comments, unknown fields, and a mark of byte order at the start', () => {
    expect(
      read('\uFEFFdata: one\n\n', ':\n\n', ': data: no\n', 'retry: 10\nfoo: bar\ndata: two\n\n'),
    ).toEqual([message('one'), message('two')])
  })
  it('does not tell an event that is not whole', () => {
    expect(read('data: one\n\ndata: two\n')).toEqual([message('one')])
  })
  it('keeps letters whole that are cut in two, and a CR apart from its LF', () => {
    const bytes = bytesOf('data: 😀\r\ndata: é\r\n\r\n')
    const each = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(read(...each)).toEqual([message('😀\né')])
  })
  it('is the same however it is cut', () => {
    const line = fc.constantFrom(
      ...['data: a', 'data:', 'data', ':c', 'event: x', 'id: 1', '', 'data: naïve 😀', 'data: : b'],
    )
    const ended = fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')).map(([text, end]) => text + end)
    const cuts = fc.array(fc.nat(400), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(ended, { maxLength: 30 }), cuts, (lines, at) => {
        const bytes = bytesOf(lines.join(''))
        const places = [0, ...at.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
        const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
        expect(read(...pieces)).toEqual(read(bytes))
      }),
    )
  })
  it('gives up what never ends, before it is whole', () => {
    const inOneLine = createEventStreamParser(1000, () => undefined)
    expect(inOneLine.push(bytesOf('data: '.padEnd(900, 'x')))).toBe(true)
    expect(inOneLine.push(bytesOf('x'.repeat(200)))).toBe(false)
    const inLines = createEventStreamParser(1000, () => undefined)
    expect(inLines.push(bytesOf('data: xxxxxxx\n'.repeat(200)))).toBe(false)
  })
})
