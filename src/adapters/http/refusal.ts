import type { Closed } from '../../core/seams/transport.js'
import { httpRefusal, readAs } from '../../protocol/index.js'

/** No close was seen. */
export const brokenOff = (reason: string): Closed => ({ code: 1006, reason })

/**
 * What an answer that is no success means for the connection. Only a tidings server's own words count: what a proxy or the login page of
 * a hotel says about itself must never be final.
 */
export async function refusalOf(response: Response): Promise<Closed> {
  const said = readAs(httpRefusal, await response.text())
  if (said?.close === undefined) return brokenOff(`HTTP status ${response.status}`)
  const { code, retryAfter } = said
  return {
    code: said.close,
    reason: JSON.stringify({ code, ...(retryAfter !== undefined && { retryAfter }) }),
  }
}
