import type { TidingsError } from './errors.js'

/** Promises about operations, made only when somebody asks for one. */
export interface Verdicts {
  /** Resolves when the operation is confirmed; rejects when it failed for good, was discarded, or the client was destroyed. */
  await(id: string): Promise<void>
  confirm(id: string): void
  refuse(id: string, error: TidingsError): void
  /** Nothing will be told any more, and why. */
  end(why: TidingsError): void
}

export function createVerdicts(): Verdicts {
  const waiting = new Map<string, { resolve(): void; reject(error: TidingsError): void }[]>()
  const take = (id: string) => {
    const all = waiting.get(id) ?? []
    waiting.delete(id)
    return all
  }
  return {
    await: (id) =>
      new Promise((resolve, reject) => {
        waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }])
      }),
    confirm(id) {
      for (const waiter of take(id)) waiter.resolve()
    },
    refuse(id, error) {
      for (const waiter of take(id)) waiter.reject(error)
    },
    end(why) {
      for (const id of [...waiting.keys()]) this.refuse(id, why)
    },
  }
}
