import { act, cleanup, render, screen } from '@testing-library/react'
import { memo, StrictMode } from 'react'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import type { TimelineItem } from '../../src/core/message.js'
import { TidingsProvider, useMessage, useSend, useTimeline } from '../../src/react/index.js'
import { typedTab } from '../core/client/typed-tab.js'
import { newWorld, type World } from '../core/client/world.js'

let world: World
afterEach(cleanup)

const pass = (ms: number) => act(() => world.timeline.advance(ms))

const schema = v.object({
  at: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.transform((text) => new Date(text)),
  ),
})
interface Read {
  at: Date
}

describe('hooks over a room with a schema', () => {
  it('show what it reads and what it cannot read, and draw anew only the rows that changed', async () => {
    world = newWorld()
    const bob = world.tab(world.profile('bob'))
    bob.client.connect()
    const { client, room } = typedTab(world, schema)
    const drawn: string[] = []
    const Row = memo(({ item }: { readonly item: TimelineItem<Read> }) => {
      const text = item.type === 'message' ? String(item.body?.at.getUTCFullYear()) : item.type
      drawn.push(text)
      return <li>{text}</li>
    })
    const List = () => (
      <ol>
        {useTimeline(room).items.map((item) => (
          <Row key={item.key} item={item} />
        ))}
      </ol>
    )
    let send: typeof room.send = room.send
    const Composer = () => {
      send = useSend(room)
      const first = useMessage(room, useTimeline(room).items[0]?.key ?? '')
      return <p role="status">{first?.body?.at.toISOString()}</p>
    }
    render(
      <StrictMode>
        <TidingsProvider client={client}>
          <List />
          <Composer />
        </TidingsProvider>
      </StrictMode>,
    )
    await pass(200)
    act(() => void send({ at: '2026-01-05T09:00:00.000Z' }))
    await pass(200)
    bob.client.room('general').send('what is this?')
    await pass(200)
    const shown = () => screen.getAllByRole('listitem').map((row) => row.textContent)
    expect(shown()).toEqual(['2026', 'unreadable'])
    expect(screen.getByRole('status').textContent).toBe('2026-01-05T09:00:00.000Z')
    drawn.length = 0
    bob.client.room('general').send({ at: '2027-01-05T09:00:00.000Z' })
    await pass(200)
    expect(shown()).toEqual(['2026', 'unreadable', '2027'])
    expect(new Set(drawn)).toEqual(new Set(['2027']))
  })
})
