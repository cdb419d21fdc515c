import { describe, expect, it } from 'vitest'
import { utf8Bytes, WIRE } from '../../src/protocol/index.js'
import { sides } from './sides.js'

const ping = '{"type":"ping","t":1}'

describe.each(sides)('the codec of what a %s sends', (_side, decode, _shapes, maxBytes) => {
  it.each([
    ['bytes instead of text', new Uint8Array([1]), 'not_a_frame'],
    ['nothing', undefined, 'not_a_frame'],
    ['an empty text', '', 'not_json'],
    ['half a frame', '{"type":"ping"', 'not_json'],
    ['two frames one after the other', `${ping}${ping}`, 'not_json'],
    ['NaN', '{"type":"ping","t":NaN}', 'not_json'],
    ['a number', '7', 'not_a_frame'],
    ['null', 'null', 'not_a_frame'],
    ['an object without a type', '{"t":1}', 'not_a_frame'],
    ['a type that is a number', '{"type":7}', 'not_a_frame'],
    ['a type of 129 characters', `{"type":"${'x'.repeat(129)}"}`, 'not_a_frame'],
    ['an array in an array', `[[${ping}]]`, 'not_a_frame'],
    ['a type of tomorrow', '{"type":"hologram"}', 'unknown_type'],
    ['a type of a prototype', '{"type":"constructor"}', 'unknown_type'],
    ['a type named __proto__', '{"type":"__proto__"}', 'unknown_type'],
    ['a number too large for a float', '{"type":"ping","t":1e400}', 'invalid'],
    ['a field that only a prototype has', '{"type":"ping","__proto__":{"t":1}}', 'invalid'],
  ])('refuses %s', (_what, text, fault) => {
    const { frames, refused } = decode(text)
    expect(frames).toEqual([])
    expect(refused).toEqual([expect.objectContaining({ fault })])
  })

  it('takes an empty array for what it is', () => {
    expect(decode('[]')).toEqual({ frames: [], refused: [] })
  })

  it('tells whom a refused frame is about and where it is wrong, and repeats none of its content', () => {
    const { refused } = decode('{"type":"pong","id":"op-1","room":"general","t":"secret","now":"secret"}')
    expect(refused).toEqual([{ fault: 'invalid', type: 'pong', id: 'op-1', room: 'general', path: 't' }])
  })

  it.each([
    ['too long', `"${'i'.repeat(129)}"`],
    ['empty', '""'],
    ['a number', '7'],
    ['with a control character', '"a\\u0000b"'],
    ['with half a surrogate pair', '"a\\ud800"'],
  ])('names no id or room that an answer could not repeat: %s', (_what, bad) => {
    const { refused } = decode(`{"type":"pong","id":${bad},"room":${bad}}`)
    expect(refused).toEqual([{ fault: 'invalid', type: 'pong', path: 't' }])
  })

  it('takes as many frames as an array may hold, and not one more', () => {
    const array = (count: number) => `[${Array.from({ length: count }, () => ping).join()}]`
    expect(decode(array(WIRE.framesPerArray)).frames).toHaveLength(WIRE.framesPerArray)
    expect(decode(array(WIRE.framesPerArray + 1))).toEqual({ frames: [], refused: [{ fault: 'too_many' }] })
  })

  it.each([
    ['one byte', 'x'],
    ['two', 'ü'],
    ['three', '€'],
    ['four', '👍'],
  ])('counts bytes, not characters: the longest text of letters of %s', (_bytes, letter) => {
    const frame = (pad: string) => `{"type":"ping","t":1,"pad":"${pad}"}`
    const room = maxBytes - utf8Bytes(frame(''))
    const fill = letter.repeat(Math.floor(room / utf8Bytes(letter)))
    const longest = frame(fill + 'x'.repeat(room - utf8Bytes(fill)))
    expect(new TextEncoder().encode(longest)).toHaveLength(maxBytes)
    expect(decode(longest).refused).toEqual([])
    expect(decode(`${longest} `)).toEqual({ frames: [], refused: [{ fault: 'too_large' }] })
  })

  it('survives a text nested 100,000 levels deep', () => {
    const levels = 100_000
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`.slice(0, maxBytes)
    expect(() => decode(deep)).not.toThrow()
    const inside = '['.repeat(15_000) + ']'.repeat(15_000)
    const { frames } = decode(`[${ping},{"type":"message","body":${inside}},${ping}]`)
    expect(frames).toHaveLength(2)
  })
})
