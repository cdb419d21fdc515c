import type { TokenSource } from './contract.js'

const MOST_CHARS = 16 * 1024

/** Token requests of which at most one is under way: a provider that talks to a server is not asked twice at once. */
export interface TokenFlight {
  /** Joins the request under way or makes one. Rejects when the provider throws, rejects or gives no token. */
  fetch(): Promise<string>
  /** Forgets the request under way, so that one that hangs does not hang the next attempt too. */
  abandon(): void
}

async function ask(source: TokenSource): Promise<string> {
  const token: unknown = await source()
  if (typeof token === 'string' && token !== '' && token.length <= MOST_CHARS) return token
  throw new TypeError(`A token is a text of 1 to ${MOST_CHARS} characters.`)
}

/** A flight over the application's provider. */
export function createTokenFlight(source: TokenSource): TokenFlight {
  let underWay: Promise<string> | undefined
  return {
    fetch() {
      if (underWay) return underWay
      const mine = ask(source)
      underWay = mine
      const over = (): void => {
        if (underWay === mine) underWay = undefined
      }
      mine.then(over, over)
      return mine
    },
    abandon() {
      underWay = undefined
    },
  }
}
