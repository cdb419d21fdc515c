import type { Seat, Stage } from './stage.js'

/** Everything that breaks, and how often compared with the others. */
export const FAULTS = {
  drop: 10,
  'black hole up': 5,
  'black hole down': 5,
  'black hole': 5,
  refuse: 6,
  slow: 4,
  crash: 8,
  freeze: 5,
  'server killed': 5,
  'server drained': 2,
  'acks lost': 5,
  disconnect: 4,
  'clock jump': 5,
  'disk aborts': 6,
  'disk full': 3,
  'disk slow': 3,
  'disk lost': 3,
  'disk refuses to open': 2,
  'disk runs twice': 4,
  'disk deaf': 3,
  signals: 6,
} as const

export type Fault = keyof typeof FAULTS

/** Lasts for a while, or until everything heals. */
function lasting({ heal, world }: Stage, ms: number, end: () => void): void {
  const over = () => {
    if (heal.delete(over)) end()
  }
  heal.add(over)
  world.timeline.clock().after(ms, over)
}

type Strike = (stage: Stage, seat: Seat) => void

const minutes = (stage: Stage, most: number) => stage.dice.between(1_000, most * 60_000)

const blackHole =
  (...directions: readonly ('up' | 'down')[]): Strike =>
  (stage, seat) =>
    lasting(stage, minutes(stage, 1), seat.tab.link.blackHole(...directions))

const strikes: Readonly<Record<Fault, Strike>> = {
  drop: (_, { tab }) => tab.link.drop(),
  'black hole up': blackHole('up'),
  'black hole down': blackHole('down'),
  'black hole': blackHole(),
  refuse(stage, seat) {
    seat.tab.link.refuse(true)
    lasting(stage, minutes(stage, 1), () => seat.tab.link.refuse(false))
  },
  slow(stage, seat) {
    seat.tab.link.latency(stage.dice.between(200, 4_000))
    lasting(stage, minutes(stage, 2), () => seat.tab.link.latency(25))
  },
  crash: (stage, seat) => stage.replace(seat),
  freeze: (stage, seat) => lasting(stage, minutes(stage, 3), seat.tab.freeze()),
  'server killed'(stage) {
    lasting(stage, stage.dice.between(100, 10_000), stage.killServer())
  },
  'server drained'(stage) {
    void stage.world.core.drain()
    // Who was sent away finds a new server at its slot, or a little later.
    lasting(stage, stage.dice.between(500, 4_000), () => stage.killServer()())
  },
  'acks lost'(stage) {
    stage.lossy = 0.4
    lasting(stage, minutes(stage, 1), () => {
      stage.lossy = 0
    })
  },
  disconnect(stage, seat) {
    seat.tab.client.disconnect()
    lasting(stage, minutes(stage, 2), () => seat.tab.client.connect())
  },
  'clock jump': (stage, { tab }) => tab.clock.jump(stage.dice.between(-4, 4) * 3_600_000),
  'disk aborts': (stage, { profile }) =>
    profile.disk.abortNext('unavailable', Math.ceil(stage.dice.between(0, 3))),
  'disk full'(stage, seat) {
    const { disk } = seat.profile
    disk.quota(Math.floor(stage.dice.between(1_000, 100_000)))
    lasting(stage, minutes(stage, 1), () => disk.quota(null))
  },
  'disk slow': (stage, seat) => lasting(stage, stage.dice.between(500, 4_000), seat.profile.disk.hang()),
  'disk lost': (_, { profile, tab }) => profile.disk.lose('closed', tab.storage),
  'disk refuses to open'({ dice }, { profile, tab }) {
    profile.disk.refuseOpen('unavailable', Math.ceil(dice.between(0, 2)))
    profile.disk.lose('closed', tab.storage)
  },
  'disk runs twice': (_, { profile }) => profile.disk.rerunNext(2),
  'disk deaf'(stage, seat) {
    seat.profile.disk.deafen(true)
    lasting(stage, minutes(stage, 1), () => seat.profile.disk.deafen(false))
  },
  signals({ dice }, { tab }) {
    const signal = dice.pick(['online', 'offline', 'visible', 'hidden', 'resume', 'pageshow'] as const)
    if (signal) tab.lifecycle.signal(signal)
  },
}

/** Breaks something of a seat. */
export const strike = (stage: Stage, fault: Fault, seat: Seat): void => strikes[fault](stage, seat)

/** Ends every fault that lasts. */
export function healAll({ seats, heal, world }: Stage): void {
  for (const over of [...heal]) over()
  for (const seat of seats) {
    seat.profile.disk.abortNext('unavailable', 0)
    seat.profile.disk.refuseOpen('unavailable', 0)
    seat.tab.link.refuse(false)
    seat.tab.client.connect()
  }
  world.network.cutAll()
}
