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
const short = new DataView(new ArrayBuffer(SHORT_BYTES))
const words = new Int32Array(ROUNDS)
const state = new Int32Array(8)
const wordAt = (from: Int32Array, index: number): number => from[index] ?? 0
const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/** Writes a text as UTF-8 and returns its length in bytes. */
function encode(text: string, bytes: DataView): number {
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point < 0x80) {
      bytes.setUint8(at++, point)
      continue
    }
    if (point >= 0xd800 && point < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00)
      point = 0x10000 + ((point & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff)
    if (point < 0x800) bytes.setUint8(at++, 0xc0 | (point >> 6))
    else {
      if (point < 0x10000) bytes.setUint8(at++, 0xe0 | (point >> 12))
      else {
        bytes.setUint8(at++, 0xf0 | (point >> 18))
        bytes.setUint8(at++, 0x80 | ((point >> 12) & 63))
      }
      bytes.setUint8(at++, 0x80 | ((point >> 6) & 63))
    }
    bytes.setUint8(at++, 0x80 | (point & 63))
  }
  return at
}

/** Ends a message of so many bytes as SHA-256 wants it, and returns where the last block ends. */
function pad(bytes: DataView, length: number): number {
  const end = ((length + 72) >> 6) << 6
  bytes.setUint8(length, 0x80)
  for (let at = length + 1; at < end - 8; at++) bytes.setUint8(at, 0)
  bytes.setUint32(end - 8, Math.floor((length * 8) / 0x1_0000_0000))
  bytes.setUint32(end - 4, length * 8)
  return end
}

function spread(bytes: DataView, block: number): void {
  for (let i = 0; i < 16; i++) words[i] = bytes.getInt32(block + i * 4)
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

/** The digest as eight words of 32 bits. They hold until the next call. */
export function sha256(text: string): Int32Array {
  // UTF-8 needs at most three bytes a code unit; the padding at most 72.
  const isShort = text.length * 3 + 72 <= SHORT_BYTES
  const bytes = isShort ? short : new DataView(new ArrayBuffer(text.length * 3 + 72))
  const end = pad(bytes, encode(text, bytes))
  state.set(INITIAL)
  for (let block = 0; block < end; block += 64) {
    spread(bytes, block)
    compress()
  }
  return state
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The first `length` characters of the digest in base64url, 6 bits each; the parts are told apart by their lengths. */
export function fingerprint(length: number, ...parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  const digest = sha256(text)
  let printed = ''
  for (let bit = 0; printed.length < length; bit += 6) {
    const offset = bit & 31
    const word = wordAt(digest, bit >> 5)
    const rest = offset > 26 ? wordAt(digest, (bit >> 5) + 1) >>> (58 - offset) : 0
    const six = offset > 26 ? (word << (offset - 26)) | rest : word >>> (26 - offset)
    printed += ALPHABET[six & 63]
  }
  return printed
}

/** The server's id of a message: 132 bits of a digest over the three that make an operation unique, the same on every node and for ever. */
export const messageIdOf = (room: string, author: string, id: string): string =>
  fingerprint(22, room, author, id)
