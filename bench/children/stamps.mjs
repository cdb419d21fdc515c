// node stamps.mjs CLOCK CASE COUNT: does it with so many stamps, several times, and prints {figure}: operations a second of processor time.
import { chance } from '../lib/arrivals.mjs'
import { CLOCKS } from '../lib/clocks.mjs'

const [clockName, caseName, given] = process.argv.slice(2)
const count = Number(given)
const createClock = await CLOCKS[clockName]()
const START_MS = 1_900_000_000_000
const WARM_PASSES = 3
const PASSES = 7

/** A wall clock that moves by a millisecond every eight looks, so that counters count. */
const wall = (startMs = START_MS) => {
  let looks = 0
  return () => startMs + (looks++ >> 3)
}
const stampsOf = (clock) => Array.from({ length: count }, () => clock.generate())
/** As they come off the wire, from another node. */
const fromTheWire = () => {
  const clock = createClock(wall(), 1)
  return stampsOf(clock).map((stamp) => JSON.parse(clock.text(stamp)))
}

const checkOrder = (compare, stamps) => {
  for (let i = 1; i < stamps.length; i++)
    if (!(compare(stamps[i - 1], stamps[i]) < 0)) throw new Error(`${clockName} is out of order at ${i}.`)
}
/** What is given next must be after all that came. */
const checkNext = (clock, stamps) => {
  const next = JSON.parse(clock.text(clock.generate()))
  if (!(clock.compare(stamps.at(-1), next) < 0)) throw new Error(`${clockName} is behind what it received.`)
}

const stamps = fromTheWire()
checkOrder(createClock(wall(), 2).compare, stamps)

/** Near neighbours, pair by pair: what insertion into a list compares. */
const pairs = () => {
  const random = chance(3)
  const both = new Uint32Array(2 * count)
  for (let i = 0; i < both.length; i += 2) {
    both[i] = Math.floor(random() * count)
    both[i + 1] = Math.min(count - 1, both[i] + Math.floor(random() * 64))
  }
  return both
}

/** Each prepares a pass and gives what is measured, and what is checked afterwards. */
const cases = {
  generate() {
    const clock = createClock(wall(), 2)
    const made = new Array(count)
    return {
      run() {
        for (let i = 0; i < count; i++) made[i] = clock.generate()
      },
      check: () =>
        checkOrder(
          clock.compare,
          made.map((stamp) => JSON.parse(clock.text(stamp))),
        ),
    }
  },
  'generate and serialise'() {
    const clock = createClock(wall(), 2)
    const made = new Array(count)
    return {
      run() {
        for (let i = 0; i < count; i++) made[i] = clock.text(clock.generate())
      },
      check: () =>
        checkOrder(
          clock.compare,
          made.map((text) => JSON.parse(text)),
        ),
    }
  },
  'receive, each the latest'() {
    // Its wall stands still: nothing but what came moves it on.
    const clock = createClock(() => START_MS, 2)
    return {
      run() {
        for (let i = 0; i < count; i++) clock.receive(stamps[i])
      },
      check: () => checkNext(clock, stamps),
    }
  },
  'receive, history'() {
    // All of it is long past.
    const clock = createClock(wall(START_MS + count), 2)
    clock.generate()
    return {
      run() {
        for (let i = 0; i < count - 1; i++) clock.receive(stamps[i])
      },
      check: () => checkNext(clock, stamps),
    }
  },
  compare() {
    const { compare } = createClock(wall(), 2)
    const both = pairs()
    let equal = 0
    return {
      run() {
        for (let i = 0; i < both.length; i += 2)
          if (compare(stamps[both[i]], stamps[both[i + 1]]) === 0) equal++
      },
      check() {
        for (let i = 0; i < both.length; i += 2) if (both[i] === both[i + 1]) equal--
        if (equal !== 0)
          throw new Error(`${clockName} takes stamps for equal that are not, or the other way round.`)
      },
    }
  },
}

let busyUs = 0
for (let pass = -WARM_PASSES; pass < PASSES; pass++) {
  const { run, check } = cases[caseName]()
  globalThis.gc()
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  check()
  if (pass >= 0) busyUs += user + system
}
console.log(JSON.stringify({ figure: (count * PASSES * 1e6) / busyUs }))
