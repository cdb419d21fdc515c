import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fingerprint, messageIdOf, sha256 } from '../../src/log/digest.js'

const hex = (words: Int32Array) =>
  [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
const reference = (text: string) => createHash('sha256').update(text)

describe('the digest', () => {
  it('is SHA-256, at every length around a block and in every width of UTF-8', () => {
    for (let length = 0; length < 200; length++) {
      const text = 'aΩ€😀'.repeat(length).slice(0, length)
      if (/[\ud800-\udbff]$/.test(text)) continue
      expect(hex(sha256(text))).toBe(reference(text).digest('hex'))
    }
    const long = 'long text '.repeat(10_000)
    expect(hex(sha256(long))).toBe(reference(long).digest('hex'))
  })
  it('prints base64url, and tells parts apart', () => {
    expect(fingerprint(22, 'ab', 'c')).toBe(reference('2:ab1:c').digest('base64url').slice(0, 22))
    for (let i = 0; i < 500; i++) {
      const text = `text ${i}`
      const expected = reference(`${text.length}:${text}`).digest('base64url')
      expect(fingerprint(42, text)).toBe(expected.slice(0, 42))
    }
    expect(messageIdOf('a', 'bc', 'd')).not.toBe(messageIdOf('ab', 'c', 'd'))
    expect(messageIdOf('a', '1:b', 'c')).not.toBe(messageIdOf('a1:', 'b', 'c'))
  })
})
