import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock, Verified, Verify } from './core/seams.js'

/** What tokens of this server are for; a token for something else signed with the same secret is refused. */
const AUDIENCE = 'tidings'
/** The same for those who tell of changes elsewhere: no user's token lets anybody write as the server. */
export const WEBHOOK_AUDIENCE = 'tidings-webhook'
const ALGORITHM = 'HS256'
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

/** Who a token for an audience speaks for. */
async function check(
  token: string,
  key: Uint8Array,
  audience: string,
  { now }: Pick<Clock, 'now'>,
): Promise<Verified> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      audience,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now()),
    })
    const { sub, exp, ...rights } = payload
    return sub === undefined || exp === undefined ? 'refused' : { user: sub, expiresAt: exp * 1000, rights }
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) return 'expired'
    if (cause instanceof errors.JOSEError) return 'refused'
    throw cause
  }
}

/** Checks tokens that are signed with a shared secret for an audience of their own. */
export function createVerify(secret: string, audience: string, clock: Pick<Clock, 'now'>): Verify {
  const key = keyOf(secret)
  return (token) => (token === undefined ? 'refused' : check(token, key, audience, clock))
}

/** Tokens signed with a shared secret: HS256, with `sub`, `exp` and `aud: tidings`. */
export function createTokens(secret: string, clock: Pick<Clock, 'now'>): Tokens {
  const key = keyOf(secret)
  return {
    verify: createVerify(secret, AUDIENCE, clock),
    sign: (user, lifeMs, claims = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(user)
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.floor((clock.now() + lifeMs) / 1000))
        .sign(key),
  }
}
