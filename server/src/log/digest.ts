import { utf8Bytes } from 'tidings/protocol'

/**
 * SHA-256 (FIPS 180-4) in plain JavaScript: the log runs where no platform offers a synchronous digest, and must give the same
 * message ids and cursors everywhere.
 */
const ROUNDS = 64
const constants = (count: number, root: (n: number) => number): Int32Array => {
  const words = new Int32Array(count)
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
    return true
  }
  for (let n = 2, found = 0; found < count; n++)
    if (isPrime(n)) words[found++] = (root(n) % 1) * 0x1_0000_0000
  return words
}
const K = /* @__PURE__ */ constants(ROUNDS, Math.cbrt)
const INITIAL = /* @__PURE__ */ constants(8, Math.sqrt)

/** UTF-8 of a text, then the padding and the length in bits, as SHA-256 wants it. */
function padded(text: string): Uint8Array {
  const length = utf8Bytes(text)
  const bytes = new Uint8Array(((length + 72) >> 6) << 6)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (point >= 0xd800 && point < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00)
      point = 0x10000 + ((point & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff)
    if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6)
    else {
      if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12)
      else {
        bytes[at++] = 0xf0 | (point >> 18)
        bytes[at++] = 0x80 | ((point >> 12) & 63)
      }
      bytes[at++] = 0x80 | ((point >> 6) & 63)
    }
    bytes[at++] = 0x80 | (point & 63)
  }
  bytes[at] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor((length * 8) / 0x1_0000_0000))
  view.setUint32(bytes.length - 4, length * 8)
  return bytes
}

const words = new Int32Array(ROUNDS)
const wordAt = (from: Int32Array, index: number): number => from[index] ?? 0
const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

function spread(view: DataView, block: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + i * 4)
  for (let i = 16; i < ROUNDS; i++) {
    const a = wordAt(words, i - 15)
    const b = wordAt(words, i - 2)
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    words[i] = wordAt(words, i - 16) + low + wordAt(words, i - 7) + high
  }
}

function compress(state: Int32Array): void {
  let a = wordAt(state, 0)
  let b = wordAt(state, 1)
  let c = wordAt(state, 2)
  let d = wordAt(state, 3)
  let e = wordAt(state, 4)
  let f = wordAt(state, 5)
  let g = wordAt(state, 6)
  let h = wordAt(state, 7)
  for (let i = 0; i < ROUNDS; i++) {
    const choice = (e & f) ^ (~e & g)
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + wordAt(K, i) + wordAt(words, i)) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  const result = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) state[i] = wordAt(state, i) + (result[i] ?? 0)
}

/** The digest's bytes. */
export function sha256(text: string): Uint8Array {
  const bytes = padded(text)
  const view = new DataView(bytes.buffer)
  const state = INITIAL.slice()
  for (let block = 0; block < bytes.length; block += 64) {
    spread(view, block)
    compress(state)
  }
  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  for (let i = 0; i < 8; i++) out.setInt32(i * 4, wordAt(state, i))
  return digest
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The first `length` characters of the digest in base64url, 6 bits each; the parts are told apart by their lengths. */
export function fingerprint(length: number, ...parts: readonly string[]): string {
  const digest = sha256(parts.map((part) => `${part.length}:${part}`).join(''))
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of digest) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 6 && text.length < length) {
      bits -= 6
      text += ALPHABET[(held >> bits) & 63]
    }
  }
  return text
}

/** The server's id of a message: 132 bits of a digest over the three that make an operation unique, the same on every node and for ever. */
export const messageIdOf = (room: string, author: string, id: string): string =>
  fingerprint(22, room, author, id)
