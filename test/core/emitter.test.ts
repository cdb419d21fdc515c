import { describe, expect, it, vi } from 'vitest'
import { createCell, createEmitter } from '../../src/core/emitter.js'

const boom = (): never => {
  throw new Error('boom')
}

describe('an emitter', () => {
  it('S48, S159: reaches every listener also when one throws, and tells what it threw', () => {
    const thrown = vi.fn()
    const events = createEmitter<{ said: string }>(thrown)
    const heard: string[] = []
    events.on('said', (text) => heard.push(`first ${text}`))
    events.on('said', boom)
    events.on('said', (text) => heard.push(`last ${text}`))
    expect(() => events.emit('said', 'hello')).not.toThrow()
    expect(heard).toEqual(['first hello', 'last hello'])
    expect(thrown.mock.calls).toEqual([[new Error('boom'), 'said']])
  })

  it('counts one function listening twice as two listeners, each with a stop of its own', () => {
    const events = createEmitter<{ said: string }>(boom)
    const listener = vi.fn()
    const stop = events.on('said', listener)
    events.on('said', listener)
    stop()
    stop()
    events.emit('said', 'hello')
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('is silent once cleared, and about what nobody listens to', () => {
    const events = createEmitter<{ said: string; done: undefined }>(boom)
    const listener = vi.fn()
    events.on('said', listener)
    events.emit('done', undefined)
    events.clear()
    events.emit('said', 'hello')
    expect(listener).not.toHaveBeenCalled()
  })
})

describe('a cell', () => {
  it('tells a change once, after it, and not at all when the value is the same', () => {
    const cell = createCell({ n: 1 }, boom)
    const seen: unknown[] = []
    cell.subscribe(() => seen.push(cell.get()))
    const next = { n: 2 }
    cell.set(next)
    cell.set(next)
    expect(seen).toEqual([next])
    expect(seen[0]).toBe(next)
    const numbers = createCell(Number.NaN, boom)
    const told = vi.fn()
    numbers.subscribe(told)
    numbers.set(Number.NaN)
    expect(told).not.toHaveBeenCalled()
  })

  it('calls nobody inside subscribe, nor after the stop, also when stopped by another listener', () => {
    const cell = createCell(0, boom)
    const second = vi.fn()
    let stopSecond = (): void => undefined
    cell.subscribe(() => stopSecond())
    stopSecond = cell.subscribe(second)
    expect(second).not.toHaveBeenCalled()
    expect(cell.listeners()).toBe(2)
    cell.set(1)
    expect(second).not.toHaveBeenCalled()
    expect(cell.listeners()).toBe(1)
  })

  it('calls one that subscribes while others are told only from the next change on', () => {
    const cell = createCell(0, boom)
    const late = vi.fn()
    let added = false
    cell.subscribe(() => {
      if (!added) cell.subscribe(late)
      added = true
    })
    cell.set(1)
    expect(late).not.toHaveBeenCalled()
    cell.set(2)
    expect(late).toHaveBeenCalledTimes(1)
  })

  it('contains what a listener throws', () => {
    const thrown = vi.fn()
    const cell = createCell(0, thrown)
    const last = vi.fn()
    cell.subscribe(boom)
    cell.subscribe(last)
    cell.set(1)
    expect(last).toHaveBeenCalledTimes(1)
    expect(thrown).toHaveBeenCalledWith(new Error('boom'))
  })
})
