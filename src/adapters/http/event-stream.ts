/** One event of a text/event-stream. */
export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly name: string
  readonly data: string
}

/** Reads a stream piece by piece. */
export interface EventStreamParser {
  /** Tells every event that these bytes complete. False once more is open than an event may hold: nothing can be read any more. */
  push(bytes: Uint8Array): boolean
}

/**
 * A parser of text/event-stream as the HTML standard says: UTF-8 with or without a mark, lines that end in LF, CR or both, comments,
 * data of several lines. Pieces may end anywhere, also within a letter or between CR and LF. An event of more than `mostChars` is refused
 * before it is whole, so that a stream without an end of line costs no memory. `id` and `retry` are not for readers that ask anew.
 */
export function createEventStreamParser(
  mostChars: number,
  onEvent: (event: StreamEvent) => void,
): EventStreamParser {
  const decoder = new TextDecoder()
  /** The line that has not ended yet. */
  let open = ''
  let afterReturn = false
  let name = ''
  let data: string[] = []
  let chars = 0

  function dispatch(): void {
    const event =
      data.length > 0 ? { name: name === '' ? 'message' : name, data: data.join('\n') } : undefined
    name = ''
    data = []
    chars = 0
    if (event) onEvent(event)
  }

  function take(line: string): void {
    if (line === '') {
      dispatch()
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else if (field === 'data') {
      data.push(value)
      chars += value.length + 1
    }
  }

  return {
    push(bytes) {
      let text = decoder.decode(bytes, { stream: true })
      // Half a letter is no character yet.
      if (text === '') return true
      if (afterReturn && text.startsWith('\n')) text = text.slice(1)
      afterReturn = text.endsWith('\r')
      let from = 0
      for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) {
        take(open + text.slice(from, index))
        open = ''
        from = index + end.length
      }
      open += text.slice(from)
      return open.length + chars <= mostChars
    },
  }
}
