/** What happened, folded into one number, so that two runs can be compared without keeping either. */
export interface Trace {
  /** One line of what happened. */
  note(line: string): void
  /** The same, for what is too much to print. */
  fold(line: string): void
  /** 16 hexadecimal digits: equal for equal runs. */
  hash(): string
}

/** FNV-1a over 64 bits, in two halves (Fowler, Noll, Vo): the same on every engine. */
export function createTrace(print?: (line: string) => void): Trace {
  let high = 0xcbf29ce4
  let low = 0x84222325
  function take(code: number): void {
    low = (low ^ code) >>> 0
    // The prime is 2^40 + 0x1b3.
    const product = low * 0x1b3
    const carried = Math.floor(product / 0x1_0000_0000)
    high = (Math.imul(high, 0x1b3) + carried + (low << 8)) >>> 0
    low = product >>> 0
  }
  function fold(line: string): void {
    for (let i = 0; i < line.length; i++) take(line.charCodeAt(i))
    take(10)
  }
  return {
    note(line) {
      print?.(line)
      fold(line)
    },
    fold,
    hash: () => high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'),
  }
}
