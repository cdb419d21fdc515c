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

// Commits digest three short texts each: for those the memory is made once.
const SHORT_BYTES = 4096
const short = new Uint8Array(SHORT_BYTES)
const words = new Int32Array(ROUNDS)
const state = new Int32Array(8)
const wordAt = (from: Int32Array, index: number): number => from[index] ?? 0
const byteAt = (from: Uint8Array, index: number): number => from[index] ?? 0
const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/** UTF-8 needs at most three bytes a code unit; the padding at most 72. */
const room = (units: number): Uint8Array =>
  units * 3 + 72 <= SHORT_BYTES ? short : new Uint8Array(units * 3 + 72)

/** Writes a text as UTF-8 from `from` on and returns where it ends. */
function encode(text: string, bytes: Uint8Array, from: number): number {
  let at = from
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
  return at
}

/** Ends a message of so many bytes as SHA-256 wants it, and returns where the last block ends. */
function pad(bytes: Uint8Array, length: number): number {
  const end = ((length + 72) >> 6) << 6
  bytes.fill(0, length, end)
  bytes[length] = 0x80
  const bits = new DataView(bytes.buffer, end - 8)
  bits.setUint32(0, Math.floor((length * 8) / 0x1_0000_0000))
  bits.setUint32(4, length * 8)
  return end
}

function spread(bytes: Uint8Array, block: number): void {
  for (let i = 0, at = block; i < 16; i++, at += 4)
    words[i] =
      (byteAt(bytes, at) << 24) |
      (byteAt(bytes, at + 1) << 16) |
      (byteAt(bytes, at + 2) << 8) |
      byteAt(bytes, at + 3)
  for (let i = 16; i < ROUNDS; i++) {
    const a = wordAt(words, i - 15)
    const b = wordAt(words, i - 2)
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    words[i] = wordAt(words, i - 16) + low + wordAt(words, i - 7) + high
  }
}

const add = (index: number, value: number): void => {
  state[index] = wordAt(state, index) + value
}

function compress(): void {
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
  add(0, a)
  add(1, b)
  add(2, c)
  add(3, d)
  add(4, e)
  add(5, f)
  add(6, g)
  add(7, h)
}

/** The digest of the first `length` bytes as eight words of 32 bits. They hold until the next call. */
function digested(bytes: Uint8Array, length: number): Int32Array {
  const end = pad(bytes, length)
  state.set(INITIAL)
  for (let block = 0; block < end; block += 64) {
    spread(bytes, block)
    compress()
  }
  return state
}

/** The digest of a text. It holds until the next call. */
export function sha256(text: string): Int32Array {
  const bytes = room(text.length)
  return digested(bytes, encode(text, bytes, 0))
}

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((letter) =>
  letter.charCodeAt(0),
)
/** Digits of a length and its colon. */
const LENGTH_CHARS = 17

/** The first `length` characters of the digest in base64url, 6 bits each; the parts are told apart by their lengths. */
export function fingerprint(length: number, ...parts: readonly string[]): string {
  const bytes = room(parts.reduce((units, part) => units + part.length + LENGTH_CHARS, 0))
  let end = 0
  for (const part of parts) end = encode(part, bytes, encode(`${part.length}:`, bytes, end))
  const digest = digested(bytes, end)
  const letters: number[] = []
  for (let bit = 0; letters.length < length; bit += 6) {
    const offset = bit & 31
    const word = wordAt(digest, bit >> 5)
    const rest = offset > 26 ? wordAt(digest, (bit >> 5) + 1) >>> (58 - offset) : 0
    const six = offset > 26 ? (word << (offset - 26)) | rest : word >>> (26 - offset)
    letters.push(ALPHABET[six & 63] ?? 0)
  }
  return String.fromCharCode(...letters)
}

/** The server's id of a message: 132 bits of a digest over the three that make an operation unique, the same on every node and for ever. */
export const messageIdOf = (room: string, author: string, id: string): string =>
  fingerprint(22, room, author, id)
