import { nanoid } from 'nanoid'
import { TidingsError } from '../core/errors.js'
import type { Random } from '../core/seams/random.js'

/**
 * Chance from the platform's cryptographic source. Throws a TidingsError `no_random` where there is none: ids are idempotency keys, so
 * nothing weaker will do.
 */
export function createCryptoRandom(): Random {
  const source: Crypto | undefined = globalThis.crypto
  if (typeof source?.getRandomValues !== 'function')
    throw new TidingsError(
      'no_random',
      [
        'This platform has no crypto.getRandomValues, and ids must never repeat. On React Native:',
        '  npm install react-native-get-random-values',
        "  import 'react-native-get-random-values' // the first line of the app",
      ].join('\n'),
    )
  return {
    next() {
      const [word = 0] = source.getRandomValues(new Uint32Array(1))
      return word / 2 ** 32
    },
    id: () => nanoid(),
  }
}
