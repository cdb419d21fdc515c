import type { IncomingMessage } from 'node:http'
import type { Clock } from '../core/seams.js'

/** A body that was not read: it is too large, or did not come in time, or its sender went. */
export type Unread = 'too_large' | 'timeout' | 'gone'

/** How long a body may take: 64 KiB over the slowest phone. */
const BODY_MS = 10_000

/** Reads the text of a body, of at most so many bytes. What is more is not read at all. */
export function readBody(
  request: IncomingMessage,
  mostBytes: number,
  clock: Pick<Clock, 'after'>,
): Promise<string | { readonly unread: Unread }> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let bytes = 0
    const settle = (result: string | { readonly unread: Unread }) => {
      cancel()
      request.off('data', take)
      if (typeof result !== 'string') request.pause()
      resolve(result)
    }
    const take = (piece: Buffer) => {
      bytes += piece.length
      pieces.push(piece)
      if (bytes > mostBytes) settle({ unread: 'too_large' })
    }
    const cancel = clock.after(BODY_MS, () => settle({ unread: 'timeout' }))
    request.on('data', take)
    request.once('end', () => settle(Buffer.concat(pieces).toString()))
    request.once('close', () => settle({ unread: 'gone' }))
    request.on('error', () => settle({ unread: 'gone' }))
  })
}
