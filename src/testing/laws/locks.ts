import type { Locks } from '../../core/seams/locks.js'
import { equal, eventually, type Law, type Pause } from './law.js'

/** What the laws of locks need: fresh for each law. */
export interface LocksSetup {
  readonly here: Locks
  /** Locks as another context of the same profile sees them. */
  readonly there: Locks
  /** A name that nobody has asked for. */
  readonly name: string
  readonly pause: Pause
}

export type LocksLaw = Law<LocksSetup>

async function quiet(pause: Pause): Promise<void> {
  for (let i = 0; i < 10; i++) await pause()
}

/** What every locks adapter must do, one law each. */
export const locksLaws: readonly LocksLaw[] = [
  {
    name: 'grants a free lock once, and never inside the request',
    async run({ here, name, pause }) {
      let grants = 0
      const release = here.request(name, () => grants++)
      equal(grants, 0, 'grants inside the request')
      await eventually(pause, () => grants > 0, 'granting a free lock')
      await quiet(pause)
      equal(grants, 1, 'grants')
      release()
      release()
    },
  },
  {
    // Which of two contexts is heard first is not known to either.
    name: 'has one holder at a time over contexts, and serves those of one context in their order',
    async run({ here, there, name, pause }) {
      const granted: number[] = []
      const releases = [here, there, here, there].map((locks, i) =>
        locks.request(name, () => granted.push(i)),
      )
      for (let holders = 1; holders <= releases.length; holders++) {
        await eventually(pause, () => granted.length >= holders, `granting to holder ${holders}`)
        await quiet(pause)
        equal(granted.length, holders, 'holders so far')
        releases[granted.at(-1) ?? 0]?.()
      }
      const ofHere = granted.filter((i) => i % 2 === 0)
      const ofThere = granted.filter((i) => i % 2 === 1)
      equal(
        [ofHere, ofThere],
        [
          [0, 2],
          [1, 3],
        ],
        'granted to each',
      )
    },
  },
  {
    name: 'forgets who leaves the queue',
    async run({ here, there, name, pause }) {
      const granted: string[] = []
      const release = here.request(name, () => granted.push('first'))
      await eventually(pause, () => granted.length > 0, 'granting to the first')
      const leave = there.request(name, () => granted.push('left'))
      const releaseLast = there.request(name, () => granted.push('last'))
      leave()
      release()
      await eventually(pause, () => granted.length > 1, 'granting to the last')
      equal(granted, ['first', 'last'], 'granted')
      releaseLast()
    },
  },
  {
    name: 'grants nothing to a request that is released before it was granted',
    async run({ here, there, name, pause }) {
      let grants = 0
      here.request(name, () => grants++)()
      let later = false
      const release = there.request(name, () => {
        later = true
      })
      await eventually(pause, () => later, 'granting to the next')
      equal(grants, 0, 'grants')
      release()
    },
  },
  {
    name: 'may be released inside the grant',
    async run({ here, there, name, pause }) {
      const release: (() => void)[] = []
      release.push(here.request(name, () => release[0]?.()))
      let later = false
      const releaseNext = there.request(name, () => {
        later = true
      })
      await eventually(pause, () => later, 'granting to the next')
      releaseNext()
    },
  },
  {
    name: 'keeps locks of different names apart',
    async run({ here, there, name, pause }) {
      let grants = 0
      const releases = [here, there].map((locks, i) => locks.request(`${name}/${i}`, () => grants++))
      await eventually(pause, () => grants === 2, 'granting both')
      for (const release of releases) release()
    },
  },
  {
    name: 'can be taken from its holder by force, who is told once; those who wait keep their places',
    async run({ here, there, name, pause }) {
      const told: string[] = []
      const say = (what: string) => () => void told.push(what)
      const release = here.request(name, say('first'), { onLost: say('first lost it') })
      const releaseSecond = here.request(name, say('second'))
      await eventually(pause, () => told.length > 0, 'granting a free lock')
      const releaseThief = there.request(name, say('thief'), { steal: true, onLost: say('thief lost it') })
      await eventually(pause, () => told.length > 2, 'taking it by force')
      await quiet(pause)
      equal([...told].sort(), ['first', 'first lost it', 'thief'], 'told so far')
      release()
      await quiet(pause)
      equal(told.length, 3, 'what follows from a release of what was lost')
      releaseThief()
      await eventually(pause, () => told.length > 3, 'granting to the one who waited')
      equal(told[3], 'second', 'granted')
      releaseSecond()
    },
  },
  {
    name: 'tells nobody of a loss after the release',
    async run({ here, there, name, pause }) {
      let losses = 0
      let grants = 0
      const grant = () => void grants++
      const release = here.request(name, grant, { onLost: () => void losses++ })
      await eventually(pause, () => grants === 1, 'granting a free lock')
      release()
      const releaseThief = there.request(name, grant, { steal: true })
      await eventually(pause, () => grants === 2, 'taking a free lock by force')
      await quiet(pause)
      equal(losses, 0, 'losses')
      releaseThief()
    },
  },
]
