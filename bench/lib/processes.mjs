// Scripts of `bench/children` that live as long as their row needs them and talk with it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts `bench/children/NAME.mjs` with the arguments. */
export const startChild = (name, args, execArgv = []) => {
  const script = fileURLToPath(new URL(`../children/${name}.mjs`, import.meta.url))
  return fork(script, args.map(String), { execArgv })
}

/** The next message of a child. One that ends instead, ends the row. */
export const told = async (child) => {
  const end = new AbortController()
  try {
    const { signal } = end
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`A process of the benchmark ended by itself (${code}).`)
      }),
    ])
  } finally {
    end.abort()
  }
}

/** Says something to a child and resolves with its answer. */
export const ask = (child, question) => {
  const answer = told(child)
  child.send(question)
  return answer
}
