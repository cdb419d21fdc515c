import { SignJWT } from 'jose'

/** The secret that tests start servers with. */
export const SECRET = 'a secret of thirty-two characters'

/** A token such as the other system signs; `audience` to say what it is for, `lifeS` until when. */
export const signed = (audience: string, lifeS = 60, secret = SECRET): Promise<string> =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('records')
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifeS)
    .sign(new TextEncoder().encode(secret))

/** A change as the other system tells it. */
export const change = (more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ database: 'blog', collection: 'posts', id: 'p1', action: 'create' },
  ...{ timestamp: '2026-02-27T11:38:24.000Z', record: { title: 'Hello' }, ...more },
})
