import { describe, expect, it } from 'vitest'
import { createPlainConnection } from '../../src/core/connection/plain.js'
import { createCell, createEmitter, type OnThrow } from '../../src/core/emitter.js'
import { TidingsError } from '../../src/core/errors.js'
import { createOptimisticOn } from '../../src/core/records/optimistic.js'
import { createReports } from '../../src/core/reports.js'
import { createView } from '../../src/core/view.js'
import { createPuppetLifecycle, createSeededRandom, createTimeline } from '../../src/testing/index.js'
import { createSockets, welcome } from './connection/line.js'

const boom = (): never => {
  throw new Error('boom')
}
/** As an async listener is to whoever calls it. */
const boomLater: () => unknown = async () => boom()
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Everything that tells listeners, behind one face: `tell` tells of one more change. */
const kinds = {
  'an emitter': (onThrow: OnThrow) => {
    const events = createEmitter<{ said: number }>(onThrow)
    let said = 0
    return {
      listen: (fn: () => void) => events.on('said', fn),
      tell: () => events.emit('said', ++said),
    }
  },
  'a cell': (onThrow: OnThrow) => {
    const cell = createCell(0, onThrow)
    return { listen: cell.subscribe, tell: () => cell.set(cell.get() + 1) }
  },
  'a view': (onThrow: OnThrow) => {
    let value = 0
    const view = createView(() => value, onThrow)
    return {
      listen: view.subscribe,
      tell() {
        value += 1
        view.touch()
      },
    }
  },
}

describe.each(Object.entries(kinds))('%s', (_kind, create) => {
  it('calls the others when one throws, at once or later, and reports each throw', async () => {
    const thrown: unknown[] = []
    const heard: string[] = []
    const { listen, tell } = create((cause) => thrown.push(cause))
    listen(() => heard.push('first'))
    listen(boom)
    listen(boomLater)
    listen(() => heard.push('last'))
    tell()
    await turn()
    expect(heard).toEqual(['first', 'last'])
    expect(thrown).toEqual([new Error('boom'), new Error('boom')])
  })

  it('calls nobody after its stop, whoever stopped it, and nobody misses a call for it', async () => {
    const heard: string[] = []
    const { listen, tell } = create(boom)
    const stops = new Map<string, () => void>()
    const add = (name: string, also: () => void = () => undefined): void => {
      stops.set(
        name,
        listen(() => {
          heard.push(name)
          also()
        }),
      )
    }
    add('itself', () => stops.get('itself')?.())
    add('another', () => stops.get('stopped')?.())
    add('stopped')
    add('last')
    tell()
    await turn()
    expect(heard).toEqual(['itself', 'another', 'last'])
    tell()
    await turn()
    expect(heard.slice(3)).toEqual(['another', 'last'])
  })

  it('loses no change that a listener makes, and ends when the listener does', async () => {
    const heard = { before: 0, maker: 0, behind: 0 }
    const { listen, tell } = create(boom)
    listen(() => heard.before++)
    listen(() => {
      heard.maker++
      if (heard.maker <= 20) tell()
    })
    listen(() => heard.behind++)
    tell()
    await turn()
    expect(heard).toEqual({ before: 21, maker: 21, behind: 21 })
  })

  it('calls who comes while others are told at the next change', async () => {
    let late = 0
    const { listen, tell } = create(boom)
    const stop = listen(() => {
      stop()
      listen(() => late++)
    })
    listen(() => undefined)
    tell()
    await turn()
    expect(late).toBe(0)
    tell()
    await turn()
    expect(late).toBe(1)
  })
})

describe('errors', () => {
  const problem = (room: string) => new TidingsError('storage', 'For people.', { room })

  it('of a listener that was called because of an error are told, too', () => {
    const reports = createReports(() => 0)
    const told: string[] = []
    const state = createCell(0, reports.onThrow)
    state.subscribe(boom)
    reports.events.on('error', ({ code }) => {
      told.push(code)
      if (code === 'storage') state.set(1)
    })
    reports.onError(problem('general'))
    expect(told).toEqual(['storage', 'listener'])
  })

  it('that bring about each other end: what comes of what came of an error is noted only', () => {
    const reports = createReports(() => 0)
    let told = 0
    reports.events.on('error', () => {
      told += 1
      reports.onError(problem('general'))
    })
    reports.onError(problem('general'))
    expect(told).toBe(2)
    expect(reports.lines()).toHaveLength(3)
    reports.onError(problem('general'))
    expect(told).toBe(4)
  })

  it('of an async listener for errors are noted, and told to nobody', async () => {
    const reports = createReports(() => 0)
    let told = 0
    reports.events.on('error', () => {
      told += 1
      return boomLater()
    })
    reports.onError(problem('general'))
    await turn()
    expect(told).toBe(1)
    expect(reports.lines().at(-1)).toContain('listener')
  })
})

it('records are shown to the others when a listener throws, and whoever is told of it throws as well', async () => {
  let told = 0
  const records = createOptimisticOn<{ id: string }>(createSeededRandom(1), {
    key: ({ id }) => id,
    commit: async () => undefined,
    onError() {
      told += 1
      boom()
    },
  })
  let heard = 0
  records.state.subscribe(boom)
  records.state.subscribe(() => heard++)
  expect(() => records.add((id) => ({ id }))).not.toThrow()
  await turn()
  expect({ told, heard }).toEqual({ told: heard, heard })
  expect(heard).toBeGreaterThan(0)
})

describe('a connection on its own', () => {
  function plain() {
    const timeline = createTimeline()
    const clock = timeline.clock()
    const sockets = createSockets(clock)
    const connection = createPlainConnection({
      ...{ url: 'memory://server', user: 'alice', device: 'd', clock, connect: sockets.connect },
      ...{ random: createSeededRandom(1), lifecycle: createPuppetLifecycle() },
    })
    const socket = () => sockets.all.at(-1)
    return { timeline, connection, socket }
  }

  it('reports whatever a listener throws, also an error of the SDK, and survives listeners for errors that throw', () => {
    const { connection, socket } = plain()
    const told: unknown[] = []
    const misuse = new TidingsError('invalid_argument', 'For people.')
    connection.on('welcome', () => {
      throw misuse
    })
    connection.on('error', boom)
    connection.on('error', ({ code, cause }) => told.push([code, cause]))
    connection.connect()
    socket()?.open()
    expect(() => socket()?.say(welcome())).not.toThrow()
    expect(told).toEqual([['listener', misuse]])
    connection.destroy()
  })

  it('does not run in circles with a listener for errors that makes another listener throw', () => {
    const { connection } = plain()
    let told = 0
    connection.status.subscribe(boom)
    connection.on('error', () => {
      told += 1
      connection.disconnect()
      connection.connect()
    })
    expect(() => connection.connect()).not.toThrow()
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThan(10)
    connection.destroy()
  })
})
