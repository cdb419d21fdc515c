import { CLOSE } from 'tidings/protocol'
import { expect, it } from 'vitest'
import { createCollectionSession } from '../src/collections/session.js'
import { createBench } from './support/bench.js'
import { createCounting } from './support/timeline.js'

it('a reader of collections that takes nothing of what it is told is closed, whatever it says', async () => {
  const { core, time } = createBench()
  let unread = 0
  const codes: number[] = []
  const session = createCollectionSession({
    ...{ opened: core.opened, random: createCounting(), origin: {}, token: 'alice', database: 'blog' },
    socket: {
      send(text) {
        unread += text.length
      },
      close: (code) => void codes.push(code),
      get bufferedAmount() {
        return unread
      },
    },
  })
  session.received(JSON.stringify({ type: 'SUBSCRIBE', collection: 'posts', lastId: '$' }))
  await time.advance(0)
  for (let i = 0; i < 100_000; i++) session.received('{}')
  expect(codes).toEqual([CLOSE.slowConsumer])
  expect(unread).toBeLessThan(2 * 1024 * 1024)
  expect(core.connections).toBe(0)
})
