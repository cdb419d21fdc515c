import type { IncomingMessage, ServerResponse } from 'node:http'
import { utf8Bytes } from 'tidings/protocol'
import type { Clock, Log, Outcome, PageAnswer } from '../core/seams.js'
import type { ServerCore } from '../core/server.js'
import type { Tell } from './events.js'

type Now = Pick<Clock, 'now'>

/** How long something took, by a clock that may jump. */
const since = ({ now }: Now, start: number): number => Math.max(0, now() - start)

/** Measures a text once for all who get the same one in a row, as the members of a room do. */
function createMeasure(): (text: string) => number {
  let last = ''
  let bytes = 0
  return (text) => {
    if (text !== last) {
      bytes = utf8Bytes(text)
      last = text
    }
    return bytes
  }
}

/** The same connections, told of. */
export function observedOpened(opened: ServerCore['opened'], clock: Now, tell: Tell): ServerCore['opened'] {
  const measure = createMeasure()
  return (socket, origin = {}) => {
    const start = clock.now()
    const { address } = origin
    let code: number | undefined
    let isOver = false
    const over = () => {
      if (isOver) return
      isOver = true
      const { user } = inbound
      tell({
        is: 'closed',
        ms: since(clock, start),
        ...(user !== undefined && { user }),
        ...(code !== undefined && { code }),
      })
    }
    tell({ is: 'opened', ...(address !== undefined && { address }) })
    const inbound = opened(
      {
        send(text) {
          tell({ is: 'sent', bytes: measure(text) })
          socket.send(text)
        },
        close(chosen, reason) {
          code = chosen
          socket.close(chosen, reason)
        },
        get bufferedAmount() {
          return socket.bufferedAmount
        },
      },
      origin,
    )
    return {
      received(text) {
        if (typeof text === 'string') tell({ is: 'received', bytes: utf8Bytes(text) })
        inbound.received(text)
      },
      closed() {
        over()
        inbound.closed()
      },
      get user() {
        return inbound.user
      },
    }
  }
}

const wordOf = (outcome: Outcome): string => {
  if (!outcome.done) return outcome.code
  if (outcome.dup) return 'repeated'
  return outcome.applied ? 'committed' : 'unchanged'
}
const answerOf = (answer: PageAnswer): string => ('lost' in answer ? answer.lost : 'page')

/** The same log, told of. */
export function observedLog(log: Log, clock: Now, tell: Tell): Log {
  return {
    ...log,
    async append(operations) {
      const start = clock.now()
      const outcomes = await log.append(operations)
      tell({ is: 'appended', outcomes: outcomes.map(wordOf), ms: since(clock, start) })
      return outcomes
    },
    async locate(requests) {
      const standings = await log.locate(requests)
      for (const { lost } of standings) if (lost) tell({ is: 'lost', reason: lost })
      return standings
    },
    async page(request) {
      const start = clock.now()
      const answer = await log.page(request)
      tell({ is: 'read', answer: answerOf(answer), ms: since(clock, start) })
      return answer
    },
  }
}

/** The same answers, told of. */
export const observedRequests =
  (
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    clock: Now,
    tell: Tell,
  ): typeof answer =>
  (request, response) => {
    const start = clock.now()
    const { method = '', url = '/' } = request
    const path = url.split('?')[0] ?? '/'
    response.on('close', () =>
      tell({ is: 'answered', method, path, status: response.statusCode, ms: since(clock, start) }),
    )
    answer(request, response)
  }
