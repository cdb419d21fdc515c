import type { Said } from '../core/presence/seam.js'

/** A connection as its node writes it down. */
export interface Seat {
  readonly user: string
  said: Said | undefined
  readonly rooms: Set<string>
}

/** What a node tells the others of its connections: what happened, to which (or to which user), and with what. */
export type Act =
  | readonly ['enter' | 'join' | 'part' | 'expel', string, string]
  | readonly ['say', string, Said]
  | readonly ['beat', string, string]
  | readonly ['leave', string, number]

const STATUSES: readonly string[] = ['online', 'away', 'busy', 'offline'] satisfies Said['status'][]

const isSaid = (value: unknown): value is Said =>
  typeof value === 'object' && value !== null && STATUSES.includes(String(Reflect.get(value, 'status')))

export const seatText = ({ user, said, rooms }: Seat): string =>
  JSON.stringify([user, said ?? null, [...rooms]])

/** Reads what a node wrote down; undefined when it is none. */
export function seatOf(text: string): Seat | undefined {
  const written: unknown = JSON.parse(text)
  if (!Array.isArray(written)) return undefined
  const [user, said, rooms]: unknown[] = written
  if (typeof user !== 'string' || !Array.isArray(rooms)) return undefined
  return { user, said: isSaid(said) ? said : undefined, rooms: new Set(rooms.map(String)) }
}

function actOf(value: unknown): readonly Act[] {
  if (!Array.isArray(value)) return []
  const [what, whose, rest]: unknown[] = value
  if (typeof whose !== 'string') return []
  if (what === 'say') return isSaid(rest) ? [['say', whose, rest]] : []
  if (what === 'leave') return typeof rest === 'number' ? [['leave', whose, rest]] : []
  if (what === 'beat') return [['beat', '', '']]
  if (what !== 'enter' && what !== 'join' && what !== 'part' && what !== 'expel') return []
  return typeof rest === 'string' ? [[what, whose, rest]] : []
}

/** Reads what another node told; what a newer one may say that this one does not know is left out. */
export function actsOf(text: string): { readonly told: number; readonly acts: readonly Act[] } {
  const said: unknown = JSON.parse(text)
  const acts: unknown = Reflect.get(Object(said), 'acts')
  return {
    told: Number(Reflect.get(Object(said), 'told')),
    acts: Array.isArray(acts) ? acts.flatMap(actOf) : [],
  }
}
