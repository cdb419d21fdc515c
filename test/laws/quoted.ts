import type { Connect } from '../../src/core/seams/transport.js'

/** What `quoted` connections greet with. */
export const GREETING = 'greeting'

/** Carries the texts of the laws as JSON, for a transport that can carry nothing else. */
export const quoted =
  (connect: Connect): Connect =>
  (url, events) => {
    const inner = connect(url, {
      ...events,
      onText(text) {
        const value: unknown = JSON.parse(text)
        events.onText(typeof value === 'string' ? value : `not a text: ${text}`)
      },
    })
    return {
      get kind() {
        return inner.kind
      },
      get bufferedAmount() {
        return inner.bufferedAmount
      },
      send: (text) => inner.send(JSON.stringify(text)),
      close: inner.close,
    }
  }
