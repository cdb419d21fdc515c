import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock, Verified, Verify } from './core/seams.js'

/** What tokens of this server are for; a token for something else signed with the same secret is refused. */
const AUDIENCE = 'tidings'
const ALGORITHM = 'HS256'
/** A secret is at least as long as what it keys. */
export const SECRET_CHARS = 32

export interface Tokens {
  readonly verify: Verify
  /** A token for a user, for so long. `claims` may hold `rooms`, the rooms that the user may enter. */
  sign(user: string, lifeMs: number, claims?: Readonly<Record<string, unknown>>): Promise<string>
}

/** Tokens signed with a shared secret: HS256, with `sub`, `exp` and `aud: tidings`. */
export function createTokens(secret: string, clock: Pick<Clock, 'now'>): Tokens {
  if (secret.length < SECRET_CHARS) throw new Error(`The secret needs at least ${SECRET_CHARS} characters.`)
  const key = new TextEncoder().encode(secret)
  const check = async (token: string): Promise<Verified> => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(clock.now()),
      })
      const { sub, exp, ...rights } = payload
      return sub === undefined || exp === undefined ? 'refused' : { user: sub, expiresAt: exp * 1000, rights }
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) return 'expired'
      if (cause instanceof errors.JOSEError) return 'refused'
      throw cause
    }
  }
  return {
    verify: (token) => (token === undefined ? 'refused' : check(token)),
    sign: (user, lifeMs, claims = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(user)
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.floor((clock.now() + lifeMs) / 1000))
        .sign(key),
  }
}
