import { createEmbeddedServer } from 'tidings-server'
import { expect, it } from 'vitest'
import { timestampPagesOverHttp } from '../../../src/core/messages/timestamp-pages.js'
import { createTimestampSync, type TimestampPosition } from '../../../src/core/messages/timestamp-sync.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

interface Row {
  readonly messageId: string
  readonly id: string
  readonly ts: number
}

const rowOf = (row: unknown): Row | undefined => {
  if (typeof row !== 'object' || row === null) return undefined
  const messageId: unknown = Reflect.get(row, 'messageId')
  const id: unknown = Reflect.get(row, 'id')
  const ts: unknown = Reflect.get(row, 'ts')
  return typeof messageId === 'string' && typeof id === 'string' && typeof ts === 'number'
    ? { messageId, id, ts }
    : undefined
}

it('S67: reads the history of the reference server by time, each message once, however many share a millisecond', async () => {
  const server = await createEmbeddedServer({
    dev: true,
    secret: 'a secret that only this test knows, really',
    // Many short pages are what is tested.
    limits: { rate: null },
  })
  try {
    let written = 0
    const write = (count: number) =>
      server.log.append(
        Array.from({ length: count }, () => ({
          room: 'general',
          author: 'alice',
          id: `op-${written++}`,
          kind: 'create' as const,
          stamp: formatStamp(Date.now(), written, 'aaaaaaaaaaa'),
          body: '{"text":"hello"}',
        })),
      )
    const told: Row[] = []
    let position: TimestampPosition | undefined
    const connect = () =>
      createTimestampSync<Row>({
        clock: createTimeline().clock(),
        fetchPage: timestampPagesOverHttp({
          url: `${server.origin}/v1/sync?room=general`,
          fetch,
          rowOf,
          token: () => server.token('bob'),
        }),
        idOf: (row) => row.messageId,
        timestampOf: (row) => row.ts,
        store: {
          load: async () => position,
          commit: async (_rows, next) => {
            position = next
          },
        },
        onMessages: (rows) => told.push(...rows),
        // Written at once, so that pages of ten end in the middle of a millisecond.
        limit: 10,
      })

    await write(300)
    expect(await connect().sync()).toBe(300)
    await write(50)
    expect(await connect().sync()).toBe(50)
    expect(told.map(({ id }) => id)).toEqual(Array.from({ length: 350 }, (_, n) => `op-${n}`))
    expect(await connect().sync()).toBe(0)
  } finally {
    await server.close()
  }
})
