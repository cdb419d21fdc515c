import { type Client, type Clock, createRouterOn } from 'tidings/core'

/** Which server a client goes to. */
export interface Way {
  /** As `createClient` takes it. */
  readonly url: string | (() => string)
  /** Looks which servers are gone. */
  follow(connection: Client['connection']): void
}

/** As long as a server takes to come back: everybody returns to their own then. */
const COOL_DOWN_MS = 2_000

/** The only address there is; of several the user's own, or the next best one while that one is gone. */
export function createWay(urls: readonly [string, ...string[]], user: string, clock: Clock): Way {
  if (urls.length === 1) return { url: urls[0], follow: () => undefined }
  const router = createRouterOn(clock, urls, { coolDownMs: COOL_DOWN_MS })
  let current = router.pick(user)
  return {
    url() {
      current = router.pick(user)
      return current
    },
    follow(connection) {
      connection.subscribe(() => {
        const { state } = connection.get()
        if (state === 'waiting') router.markDown(current)
        if (state === 'connected') router.markUp(current)
      })
    },
  }
}
