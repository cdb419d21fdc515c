import type { MemoryDisk } from 'tidings/testing'
import { flood } from './people.js'
import { reckon } from './reckon.js'
import type { Seat, Stage } from './stage.js'
import { forAWhile, lasting, minutes, type Strike } from './strike.js'

/** What bad sectors leave on a disk. */
const RUINS = [null, 7, 'ruin', { v: 1, e: ['from nowhere'] }, { v: 1, ranges: 'none' }] as const

/** One record of a disk turns into something else. */
function damage({ dice }: Stage, disk: MemoryDisk): void {
  const name = dice.pick(disk.names())
  const entry = name === undefined ? undefined : dice.pick(disk.entries(name))
  const ruin = dice.pick(RUINS)
  if (name !== undefined && entry && ruin !== undefined) disk.corrupt(name, entry[0], ruin)
}

/** A person goes offline by hand for a while. */
function goAway(stage: Stage, seat: Seat, ms: number): void {
  seat.tab.client.disconnect()
  lasting(stage, ms, () => {
    // The tab may be closed by then.
    if (stage.seats.includes(seat)) seat.tab.client.connect()
  })
}

/** All tabs of a profile go at once, something happens to the device, and they are opened again. */
function restart(stage: Stage, { profile }: Seat, happens: () => void): void {
  const gone = stage.seats.filter((seat) => seat.profile === profile)
  for (const { tab } of gone) tab.crash()
  // Who was leaving is gone as well.
  for (const one of stage.leaving) if (one.profile === profile && !one.isOver) stage.leaving.delete(one)
  happens()
  stage.setBack(profile)
  for (const seat of gone) stage.replace(seat)
  reckon(stage)
}

const isShared = ({ seats }: Stage, { profile }: Seat): boolean =>
  seats.filter((seat) => seat.profile === profile).length > 1

/** What disks do. */
export const diskFaults = {
  'disk aborts': (stage, { profile }) =>
    profile.disk.abortNext('unavailable', Math.ceil(stage.dice.between(0, 3))),
  'disk full'(stage, { profile: { disk } }) {
    disk.quota(Math.floor(stage.dice.between(1_000, 100_000)))
    lasting(stage, minutes(stage, 1), () => disk.quota(null))
  },
  'disk slow': (stage, { profile }) => lasting(stage, stage.dice.between(500, 4_000), profile.disk.hang()),
  'disk lost': (_, { profile, tab }) => profile.disk.lose('closed', tab.storage),
  'disk refuses to open'({ dice }, { profile, tab }) {
    profile.disk.refuseOpen(
      dice.pick(['unavailable', 'blocked'] as const) ?? 'blocked',
      1 + Math.floor(dice.between(0, 2)),
    )
    profile.disk.lose('closed', tab.storage)
  },
  'disk never opens'(stage, { profile: { disk }, tab }) {
    disk.openHangs(true)
    disk.lose('closed', tab.storage)
    lasting(stage, stage.dice.between(1_000, 10_000), () => disk.openHangs(false))
  },
  'disk runs twice': (_, { profile }) => profile.disk.rerunNext(2),
  'disk deaf'(stage, { profile: { disk } }) {
    disk.deafen(true)
    lasting(stage, minutes(stage, 1), () => disk.deafen(false))
  },
  'disk emptied'(stage, { profile }) {
    profile.disk.lose('emptied')
    stage.setBack(profile)
    reckon(stage)
  },
  'disk damaged'(stage, { profile }) {
    damage(stage, profile.disk)
    stage.setBack(profile)
    reckon(stage)
  },
  'power cut': (stage, seat) => restart(stage, seat, seat.profile.disk.powerCut),
  'disk restored'(stage, seat) {
    const backup = stage.backups.get(seat.profile)
    if (backup) restart(stage, seat, () => seat.profile.disk.restore(backup))
  },
  'profile copied'(stage, seat) {
    // Somebody has to be left with what waits in the first one.
    if (!isShared(stage, seat)) return
    const copy = stage.world.profile(seat.profile.user)
    copy.disk.restore(seat.profile.disk.snapshot())
    stage.rewound.add(copy.user)
    stage.replace(seat, { profile: copy })
  },
} as const satisfies Readonly<Record<string, Strike>>

const SIGNALS = [
  'online',
  'offline',
  'visible',
  'hidden',
  'freeze',
  'resume',
  'pagehide',
  'pageshow',
  'active',
] as const

/** What browsers do to tabs, and people to their devices. */
export const tabFaults = {
  crash: (stage, seat) => stage.replace(seat),
  'crash while writing'(stage, seat) {
    flood(stage, seat, 3)
    lasting(stage, stage.dice.between(0, 60), () => {
      if (stage.seats.includes(seat)) stage.replace(seat)
    })
  },
  closed: (stage, seat) => stage.close(seat),
  'no locks': (stage, seat) => stage.replace(seat, { locks: false }),
  freeze: (stage, { tab }) => lasting(stage, minutes(stage, 3), tab.freeze()),
  'frozen while writing'(stage, seat) {
    flood(stage, seat, 1)
    const thaw = seat.tab.freeze()
    const release = seat.profile.disk.hang(seat.tab.storage)
    lasting(stage, stage.dice.between(1_000, 30_000), () => {
      release()
      thaw()
    })
  },
  throttled: (stage, { tab }) =>
    forAWhile(stage, 3, () => tab.throttle(stage.dice.pick([1_000, 60_000] as const) ?? 1_000)),
  disconnect: (stage, seat) => goAway(stage, seat, minutes(stage, 2)),
  'clock jump'({ dice }, { tab }) {
    const ms = dice.pick([1, 1_000, 60_000, 4 * 3_600_000, 400 * 86_400_000] as const) ?? 1
    tab.clock.jump(Math.round(dice.between(-ms, ms)))
  },
  signals({ dice }, { tab }) {
    for (let left = dice.between(1, 10); left > 0; left--) {
      const signal = dice.pick(SIGNALS)
      if (signal) tab.lifecycle.signal(signal)
    }
  },
  'listener throws'(stage, { tab }) {
    const room = stage.dice.pick(stage.rooms)
    if (room === undefined) return
    const face = tab.client.room(room)
    const stop = face.timeline.subscribe(() => {
      stop()
      throw new Error('A listener that throws.')
    })
  },
  flood: (stage, seat) => flood(stage, seat, Math.ceil(stage.dice.between(5, 60))),
  'left behind'(stage, seat) {
    const other = stage.dice.pick(stage.seats.filter((each) => each !== seat))
    goAway(stage, seat, stage.dice.between(20_000, 60_000))
    // Now and then so far that it is not read line by line.
    if (other) flood(stage, other, stage.dice.chance(0.05) ? 520 : 20)
  },
} as const satisfies Readonly<Record<string, Strike>>
