import type { Clock, Random } from './core/seams.js'

/** Tokens by names that are good once: what stands in an address is kept by logs and histories, so it must be worth nothing afterwards. */
export interface Tickets {
  /** A name for a token. */
  issue(token: string): string
  /** The token of a name, which is spent by that; undefined where there is none, or not any more. */
  take(ticket: string): string | undefined
}

/** A page asks for a ticket right before it uses it. */
export const TICKET_MS = 30_000
/** Tickets that wait at once; those that wait the longest are forgotten first. */
const MOST = 10_000

export function createTickets({ now }: Pick<Clock, 'now'>, { id }: Pick<Random, 'id'>): Tickets {
  const tickets = new Map<string, { readonly token: string; readonly issuedAt: number }>()
  const isGood = (issuedAt: number) => Math.abs(now() - issuedAt) < TICKET_MS
  return {
    issue(token) {
      for (const [name, { issuedAt }] of tickets) {
        if (isGood(issuedAt) && tickets.size < MOST) break
        tickets.delete(name)
      }
      const ticket = id()
      tickets.set(ticket, { token, issuedAt: now() })
      return ticket
    },
    take(name) {
      const ticket = tickets.get(name)
      tickets.delete(name)
      return ticket && isGood(ticket.issuedAt) ? ticket.token : undefined
    },
  }
}
