import { timingSafeEqual } from 'node:crypto'
import { bearerOf, fail, json, type Route } from '../answers.js'
import type { Clock, Log } from '../core/seams.js'
import type { Metrics } from './metrics.js'

export interface ChecksOptions {
  readonly log: Pick<Log, 'locate'>
  readonly clock: Pick<Clock, 'after'>
  readonly isDraining: () => boolean
  /** The numbers, and the token that opens them. Without it the address does not exist. */
  readonly metrics?: { readonly of: Metrics; readonly token: string } | undefined
}

/** How long the log may take to say anything. */
const READY_MS = 1_000
/** Asked of the log, and never written. */
const NOWHERE = '@ready'

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether the log answers, in time. */
export const isReady = (log: ChecksOptions['log'], clock: ChecksOptions['clock']): Promise<boolean> =>
  new Promise((resolve) => {
    const cancel = clock.after(READY_MS, () => resolve(false))
    const settle = (does: boolean) => {
      cancel()
      resolve(does)
    }
    log.locate([{ room: NOWHERE }]).then(
      () => settle(true),
      () => settle(false),
    )
  })

/** What load balancers and monitors ask: `/health` (the process lives), `/ready` (it takes connections), `/metrics`. */
export function createChecks({ log, clock, isDraining, metrics }: ChecksOptions): Route {
  return async (route, request, response) => {
    const status = (code: number, word: string) => json(response, code, JSON.stringify({ status: word }))
    switch (route.replace('HEAD ', 'GET ')) {
      case 'GET /health':
        status(isDraining() ? 503 : 200, isDraining() ? 'draining' : 'ok')
        return true
      case 'GET /ready':
        if (isDraining()) status(503, 'draining')
        else if (await isReady(log, clock)) status(200, 'ready')
        else status(503, 'unavailable')
        return true
      case 'GET /metrics': {
        if (!metrics) return false
        if (!isSame(bearerOf(request) ?? '', metrics.token)) {
          fail(response, 401, 'unauthorised', 'The token of the metrics is needed.')
          return true
        }
        const text = await metrics.of.text()
        response
          .writeHead(200, { 'content-type': metrics.of.contentType, 'cache-control': 'no-store' })
          .end(text)
        return true
      }
      default:
        return false
    }
  }
}
