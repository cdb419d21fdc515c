import { describe, expect, it } from 'vitest'
import { TidingsError } from '../../src/core/errors.js'
import { LIMITS } from '../../src/core/limits.js'
import { createReports } from '../../src/core/reports.js'

const problem = (room?: string) =>
  new TidingsError('storage', 'The words are for people.', room === undefined ? {} : { room })

describe('reports', () => {
  it('tell an error to everybody who listens, and note it in the trace without its words', () => {
    const reports = createReports(() => 7)
    const told: unknown[] = []
    reports.events.on('error', (error) => told.push(error))
    const error = problem('general')
    reports.onError(error)
    expect(told).toEqual([error])
    expect(reports.lines()).toEqual(['7 error storage room general'])
  })

  it('make an error of what a listener throws, with its cause', () => {
    const reports = createReports(() => 7)
    const told: TidingsError[] = []
    reports.events.on('error', (error) => told.push(error))
    reports.events.on('queued', () => {
      throw new Error('boom')
    })
    reports.events.emit('queued', { room: 'general', key: 'k' })
    expect(told).toMatchObject([{ code: 'listener', cause: new Error('boom') }])
  })

  it('do not run in circles when a listener for errors throws; the next error is told again', () => {
    const reports = createReports(() => 7)
    const told: string[] = []
    reports.events.on('error', () => {
      throw new Error('boom')
    })
    reports.events.on('error', ({ code }) => told.push(code))
    reports.onError(problem())
    reports.onError(problem())
    expect(told).toEqual(['storage', 'storage'])
    expect(reports.lines().filter((line) => line.includes('listener'))).toHaveLength(2)
  })

  it('keep the last 500 lines, and hand out a copy', () => {
    let now = 0
    const reports = createReports(() => now)
    for (now = 1; now <= LIMITS.traceEntries + 10; now++) reports.trace('line')
    const lines = reports.lines()
    expect(lines).toHaveLength(500)
    expect([lines[0], lines.at(-1)]).toEqual(['11 line', '510 line'])
    expect(reports.lines()).not.toBe(lines)
  })
})
