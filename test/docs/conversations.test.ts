import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeClientText, decodeServerText } from '../../src/protocol/index.js'
import { play } from './conversation.js'
import { at, readDocument } from './markdown.js'

const PATH = 'docs/protocol.md'
const document = readDocument(PATH)
const conversations = document.sections.flatMap(({ title, blocks }) =>
  blocks.filter(({ language }) => language === 'conversation').map(({ text }) => ({ title, text })),
)

/** `…` at the end of a line's object stands for fields that are not shown. */
const ELISION = /,…\}$/

const frameOf = (line: string): unknown => JSON.parse(line.replace(/^\w+ [→←✗] /, '').replace(ELISION, '}'))

/** The line as the document has it, if that says the same with some fields left out. */
function asWritten(played: string, written: string | undefined): string {
  if (!written || !ELISION.test(written) || written.slice(0, 8) !== played.slice(0, 8)) return played
  const [whole, part] = [frameOf(played), frameOf(written)]
  const missing = Object.entries(part ?? {}).some(([key, value]) => {
    const there: unknown = Reflect.get(Object(whole), key)
    return JSON.stringify(there) !== JSON.stringify(value)
  })
  return missing ? played : written
}

// UPDATE_DOCS=1 writes what the server answers into the document, for review: `UPDATE_DOCS=1 npx vitest run test/docs/conversations`.
describe('the conversations of the protocol document', () => {
  it.each(conversations)('$title', async ({ text }) => {
    const written = text.split('\n')
    const played = (await play(text)).map((line, i) => asWritten(line, written[i]))
    if (process.env['UPDATE_DOCS'] === '1') {
      const now = readDocument(PATH).text
      writeFileSync(
        at(PATH),
        now.replace(text, () => played.join('\n')),
      )
    } else expect(played).toEqual(written)
  })

  it('are seventeen, in the order of their numbers', () => {
    const numbers = conversations.map(({ title }) => Number.parseInt(title, 10))
    expect(numbers).toEqual(Array.from({ length: 17 }, (_, i) => i + 1))
  })

  it('hold only frames of clients that servers read', () => {
    for (const { text } of conversations)
      for (const line of text.split('\n').filter((each) => / → /.test(each))) {
        const { frames, refused } = decodeClientText(line.replace(/^\w+ → /, ''))
        expect([line, frames.length, refused]).toEqual([line, 1, []])
      }
  })
})

describe('the JSON examples of the protocol document', () => {
  const examples = document.sections.flatMap(({ title, blocks }) =>
    blocks
      .filter(({ language }) => language === 'json')
      .map(({ notes, text }) => ({ title, side: notes, text })),
  )
  it.each(examples)('$title, sent by a $side', ({ side, text }) => {
    const decode = { client: decodeClientText, server: decodeServerText }[side]
    expect(decode?.(text)).toMatchObject({ frames: [JSON.parse(text)], refused: [] })
  })
})
