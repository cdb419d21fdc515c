import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose'
import type { Clock, Verified, Verify } from './core/seams.js'

/** What tokens of this server are for; a token for something else signed with the same secret is refused. */
const AUDIENCE = 'tidings'
/** The same for those who tell of changes elsewhere: no user's token lets anybody write as the server. */
export const WEBHOOK_AUDIENCE = 'tidings-webhook'
const ALGORITHM = 'HS256'
/** What a set of public keys may sign with. HS256 is not among them: a public key is no secret. */
const PUBLIC_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']
/** A secret is at least as long as what it keys. */
export const SECRET_CHARS = 32

export interface Tokens {
  readonly verify: Verify
  /** A token for a user, for so long. `claims` may hold `rooms`, the rooms that the user may enter. */
  sign(user: string, lifeMs: number, claims?: Readonly<Record<string, unknown>>): Promise<string>
}

const keyOf = (secret: string): Uint8Array => {
  if (secret.length < SECRET_CHARS) throw new Error(`The secret needs at least ${SECRET_CHARS} characters.`)
  return new TextEncoder().encode(secret)
}

/** Where the keys of tokens come from. */
export interface KeyParts {
  /** At least 32 characters: the key of HS256. */
  readonly secret: string
  /** The address of a JSON Web Key Set, whose keys sign by RS256, PS256, ES256, ES384 or EdDSA. Read when it is needed, and kept. */
  readonly jwks?: string
}

/** The key for a token: by what it says of itself, but a key is used for its own algorithms alone. */
function keysOf({ secret, jwks }: KeyParts): JWTVerifyGetKey {
  const key = keyOf(secret)
  const published = jwks === undefined ? undefined : createRemoteJWKSet(new URL(jwks))
  return async (header, token) => {
    if (header.alg === ALGORITHM) return key
    if (published && PUBLIC_ALGORITHMS.includes(header.alg ?? '')) return published(header, token)
    throw new errors.JOSEAlgNotAllowed('No key for this algorithm.')
  }
}

/** What says something of the way to the keys, and not of the token: an answer that is no set of keys, or none. */
const OF_THE_WAY: ReadonlySet<string> = new Set([
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
])

/** Checks tokens for an audience of their own. Rejects where the keys cannot be had now. */
export function createVerify(parts: KeyParts, audience: string, { now }: Pick<Clock, 'now'>): Verify {
  const keys = keysOf(parts)
  const algorithms = [ALGORITHM, ...PUBLIC_ALGORITHMS]
  const check = async (token: string): Promise<Verified> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        audience,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(now()),
      })
      const { sub, exp, ...rights } = payload
      return sub === undefined || exp === undefined ? 'refused' : { user: sub, expiresAt: exp * 1000, rights }
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) return 'expired'
      if (cause instanceof errors.JOSEError && !OF_THE_WAY.has(cause.code)) return 'refused'
      throw cause
    }
  }
  return (token) => (token === undefined ? 'refused' : check(token))
}

/**
 * Tokens with `sub`, `exp` and `aud: tidings`, signed with a shared secret (HS256) or by the keys of a set. Those that are made here are
 * signed with the secret.
 */
export function createTokens(secret: string, clock: Pick<Clock, 'now'>, jwks?: string): Tokens {
  const key = keyOf(secret)
  return {
    verify: createVerify({ secret, ...(jwks !== undefined && { jwks }) }, AUDIENCE, clock),
    sign: (user, lifeMs, claims = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(user)
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.floor((clock.now() + lifeMs) / 1000))
        .sign(key),
  }
}
