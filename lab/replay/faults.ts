import type { Clock, Random } from 'tidings/core'
import type { Outage } from './ground.js'
import type { Player } from './player.js'
import type { Cut } from './wire.js'

export interface FaultsParts {
  readonly messages: number
  readonly players: readonly Player[]
  readonly outages: readonly Outage[]
  readonly clock: Clock
  readonly random: Random
  readonly onMistake: (cause: unknown) => void
}

/** Breaks things on a plan: by how much was said, so that a run twice as long sees twice as many faults. */
export interface Faults {
  /** One more message was said. */
  said(player: Player): void
  /** A player handed operations to a socket. */
  sending(player: Player): void
  /** Resolves when nothing is being killed or built any more. No fault comes after it was called. */
  end(): Promise<void>
}

type Fault =
  | { readonly kind: 'cut'; readonly how: Cut }
  | { readonly kind: 'client' }
  | { readonly kind: 'outage'; readonly outage: Outage }

// The bar is a reconnect for 250 messages and a resend for 500: well above it, since some faults find nothing to break.
const MESSAGES_A_CUT = 80
const CUTS_AT_LEAST = 8
const MESSAGES_A_CLIENT_KILL = 500
const CUTS: readonly Cut[] = ['late', 'now', 'late', 'before', 'late', 'after']

/** What breaks when, as counts of messages said. */
function planOf({
  messages,
  outages,
  random,
}: FaultsParts): { readonly at: number; readonly fault: Fault }[] {
  const somewhere = () => Math.floor(messages * (0.02 + 0.93 * random.next()))
  const cuts = Array.from(
    { length: Math.max(CUTS_AT_LEAST, Math.ceil(messages / MESSAGES_A_CUT)) },
    (_, i) => {
      return { at: somewhere(), fault: { kind: 'cut' as const, how: CUTS[i % CUTS.length] ?? 'now' } }
    },
  )
  const clients = Array.from({ length: Math.ceil(messages / MESSAGES_A_CLIENT_KILL) }, () => {
    return { at: somewhere(), fault: { kind: 'client' as const } }
  })
  // Spread evenly: a server that is killed while it starts proves nothing.
  const strikes = outages.flatMap((outage) => {
    const times = outage.times(messages)
    return Array.from({ length: times }, (_, i) => {
      return {
        at: Math.floor((messages * (i + 0.3 + 0.4 * random.next())) / times),
        fault: { kind: 'outage' as const, outage },
      }
    })
  })
  return [...cuts, ...clients, ...strikes].sort((a, b) => a.at - b.at)
}

export function createFaults(parts: FaultsParts): Faults {
  const { players, clock, random, onMistake } = parts
  const plan = planOf(parts)
  const running = new Set<Promise<void>>()
  /** Players whose client goes at its next send; the value says which moment of a send. */
  const doomed = new Map<Player, 'said' | 'sending'>()
  /** Players whose client is being killed or built anew. */
  const dying = new Set<Player>()
  /** What strikes when somebody sends next. */
  let due: Outage[] = []
  let said = 0
  let over = false

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve)
    })

  function start(work: () => Promise<void>): void {
    const done = work().catch(onMistake)
    running.add(done)
    void done.then(() => running.delete(done))
  }

  /** Any of those that can be hit now. */
  function choose(): Player | undefined {
    const able = players.filter((player) => player.isConnected() && !doomed.has(player) && !dying.has(player))
    return able[Math.floor(random.next() * able.length)]
  }

  async function killClient(player: Player): Promise<void> {
    await wait(random.next() * 4)
    player.kill()
    await wait(random.next() * 300)
    await player.rebuild()
    dying.delete(player)
  }

  const unanswered = (url: string): number => players.reduce((sum, player) => sum + player.unanswered(url), 0)

  async function strike(outage: Outage): Promise<void> {
    if (!(await outage.strike({ unanswered, wait, random }))) due.push(outage)
  }

  function happen(fault: Fault): void {
    if (fault.kind === 'outage') due.push(fault.outage)
    else {
      const player = choose()
      if (player && fault.kind === 'cut') player.cut(fault.how)
      else if (player) doomed.set(player, random.next() < 0.5 ? 'said' : 'sending')
    }
  }

  function doom(player: Player, moment: 'said' | 'sending'): void {
    if (over || doomed.get(player) !== moment) return
    doomed.delete(player)
    dying.add(player)
    start(() => killClient(player))
  }

  return {
    said(player) {
      said += 1
      for (let next = plan[0]; next && next.at <= said && !over; next = plan[0]) {
        plan.shift()
        happen(next.fault)
      }
      doom(player, 'said')
    },
    sending(player) {
      const striking = over ? [] : due
      due = due.filter((outage) => !striking.includes(outage))
      for (const outage of striking) start(() => strike(outage))
      doom(player, 'sending')
    },
    async end() {
      over = true
      while (running.size > 0) await Promise.all(running)
    },
  }
}
