import { formatStamp } from 'tidings/protocol'
import { afterEach, beforeEach } from 'vitest'
import type { Clock, Committed, Done, Log, Operation, Outcome, Page, PageRequest } from '../../src/index.js'
import { createTimeline, type Timeline } from '../support/timeline.js'

/** A log under test: opened afresh for each law, closed and cleaned away afterwards. */
export interface LogUnderTest {
  open(clock: Clock): Promise<Log>
  clean(): Promise<void>
}

export const NODE = 'node-------'
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

/** The log of each law of this suite, its time, and what laws write and read. */
export function logBench(subject: LogUnderTest) {
  let time: Timeline
  let log: Log
  let counter = 0
  beforeEach(async () => {
    time = createTimeline()
    log = await subject.open(time)
  })
  afterEach(async () => {
    await log.close()
    await subject.clean()
  })

  const stampAt = (ms: number) => formatStamp(ms, ++counter, NODE)
  const create = (id: string, more: Partial<Operation> = {}): Operation => ({
    ...{ room: 'general', author: 'alice', id, kind: 'create', stamp: stampAt(time.now()) },
    body: JSON.stringify({ text: id }),
    ...more,
  })
  const update = (id: string, kind: Operation['kind'], messageId: string, more: Partial<Operation> = {}) => ({
    ...{ room: 'general', author: 'alice', id, kind, stamp: stampAt(time.now()), messageId },
    ...(kind === 'edit' && { body: JSON.stringify({ text: id }) }),
    ...more,
  })
  const one = async (operation: Operation): Promise<Outcome> => {
    const [outcome] = await log.append([operation])
    if (!outcome) throw new Error('An append has to answer each operation.')
    return outcome
  }
  const done = async (operation: Operation): Promise<Done> => {
    const outcome = await one(operation)
    if (!outcome.done) throw new Error(`${operation.id} was refused: ${outcome.code}`)
    return outcome
  }
  const page = async (request: Partial<PageRequest> = {}): Promise<Page> => {
    const answer = await log.page({ room: 'general', dir: 'forward', limit: 500, ...request })
    if ('lost' in answer) throw new Error(`The log does not know the cursor: ${answer.lost}`)
    return answer
  }
  const entries = async (request: Partial<PageRequest> = {}): Promise<Record<string, unknown>[]> =>
    (await page(request)).items.map(({ text }) => JSON.parse(text))
  const head = async (room = 'general') => {
    const [standing] = await log.locate([{ room }])
    if (!standing) throw new Error('A room stands somewhere.')
    return standing
  }
  const followed = () => {
    const told: Committed[] = []
    log.follow((committed) => told.push(...committed))
    return told
  }
  return {
    time: () => time,
    log: () => log,
    stampAt,
    create,
    update,
    one,
    done,
    page,
    entries,
    head,
    followed,
  }
}

export type LogBench = ReturnType<typeof logBench>
