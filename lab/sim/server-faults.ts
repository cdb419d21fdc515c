import { CLOSE } from 'tidings/protocol'
import { reckon } from './reckon.js'
import { type Stage, USUAL } from './stage.js'
import { forAWhile, lasting, type Strike } from './strike.js'
import type { WalletMood } from './wallet.js'

type Share = keyof typeof USUAL

/** The server is like this for a while, and then as it is on a good day. */
const mood =
  (share: Share, value: number): Strike =>
  (stage) =>
    forAWhile(stage, 1, () => {
      stage.mood[share] = value
      return () => {
        stage.mood[share] = USUAL[share]
      }
    })

const wallet =
  (how: WalletMood): Strike =>
  (stage, seat) => {
    const { wallet: held } = seat
    if (!held) return
    seat.mayGiveUp = true
    held.mood = how
    lasting(stage, stage.dice.between(1_000, 60_000), () => {
      held.mood = 'good'
    })
    // Tokens are asked for when somebody connects.
    seat.tab.link.drop()
  }

/** Codes with which servers turn people away, none of them for good. */
const DOOR = [1006, 1008, 1011, 1012, 1013, CLOSE.internal, CLOSE.goingAway, CLOSE.rateLimited] as const

/** Most of what a server forgets when it comes back from a backup, in commits and marks. */
const FORGOTTEN = 40

function restoreServer(stage: Stage): void {
  const { dice, kept, world } = stage
  const restart = stage.killServer()
  kept.rollBack(1 + Math.floor(dice.between(0, FORGOTTEN)))
  world.setLog(kept.log)
  stage.rolledBackAt = world.timeline.now()
  for (const { profile } of stage.seats) stage.setBack(profile)
  // What was confirmed of changes may be gone with their authors' devices.
  stage.told.length = 0
  reckon(stage)
  lasting(stage, dice.between(100, 10_000), restart)
}

/** What a server does, and those who give out its tokens. */
export const serverFaults = {
  'server killed'(stage) {
    lasting(stage, stage.dice.between(100, 10_000), stage.killServer())
  },
  'server drained'(stage) {
    void stage.world.core.drain()
    // Who was sent away finds a new server at its slot, or a little later.
    lasting(stage, stage.dice.between(500, 4_000), () => stage.killServer()())
  },
  'server restored': restoreServer,
  'acks lost': mood('lossy', 0.4),
  'not now': mood('notNow', 0.95),
  'not here': mood('rejects', 0.3),
  'cannot tell': mood('forgets', 0.3),
  'turned away'(stage) {
    stage.mood.door = stage.dice.pick(DOOR)
    stage.world.network.cutAll()
    lasting(stage, stage.dice.between(1_000, 30_000), () => {
      stage.mood.door = undefined
    })
  },
  'room closed'(stage) {
    const room = stage.dice.pick(stage.rooms)
    if (room === undefined) return
    stage.mood.closedRooms.add(room)
    for (const { profile } of stage.seats) stage.world.core.kick(profile.user, room, 'unavailable')
    lasting(stage, stage.dice.between(1_000, 60_000), () => {
      stage.mood.closedRooms.delete(room)
      // It is asked for again at the next connection.
      stage.world.network.cutAll()
    })
  },
  'token refused': wallet('refused'),
  'token of another': wallet('other'),
  'token short': wallet('short'),
  'token late': wallet('late'),
  'token fails': wallet('failing'),
} as const satisfies Readonly<Record<string, Strike>>
