import type { Readable, Writable } from 'node:stream'

/** The protocol that Chromium's developer tools speak, over the pipes that it was started with. */
export interface Devtools {
  /** Rejects when the browser refuses, or is gone. */
  send(method: string, params?: object, session?: string): Promise<object>
  on(method: string, listener: (params: object) => void): void
  /** The browser is gone: nobody waits for it any longer. */
  end(): void
}

interface Waiter {
  readonly resolve: (result: object) => void
  readonly reject: (error: Error) => void
}

const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

export function createDevtools(output: Writable, input: Readable): Devtools {
  const waiting = new Map<number, Waiter>()
  const listeners = new Map<string, (params: object) => void>()
  let calls = 0
  let rest = ''
  let isOver = false

  function take(text: string): void {
    const message = objectOf(JSON.parse(text))
    const method: unknown = Reflect.get(message, 'method')
    if (typeof method === 'string') listeners.get(method)?.(objectOf(Reflect.get(message, 'params')))
    const id = Number(Reflect.get(message, 'id'))
    const waiter = waiting.get(id)
    waiting.delete(id)
    const error: unknown = Reflect.get(message, 'error')
    if (error === undefined) waiter?.resolve(objectOf(Reflect.get(message, 'result')))
    else waiter?.reject(new Error(`The browser refused: ${JSON.stringify(error)}`))
  }

  // A browser that is killed takes its pipes with it.
  output.on('error', () => undefined)
  input.setEncoding('utf8').on('data', (piece: string) => {
    const texts = (rest + piece).split('\0')
    rest = texts.pop() ?? ''
    for (const text of texts) take(text)
  })

  const gone = () => new Error('The browser is gone.')
  return {
    send(method, params = {}, session = undefined) {
      if (isOver) return Promise.reject(gone())
      const id = ++calls
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        output.write(`${JSON.stringify({ id, method, params, sessionId: session })}\0`)
      })
    },
    on: (method, listener) => listeners.set(method, listener),
    end() {
      isOver = true
      for (const { reject } of waiting.values()) reject(gone())
      waiting.clear()
    },
  }
}
