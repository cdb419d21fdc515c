import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { TidingsProvider, useAutoRead, useReadBy, useReceipts } from '../../src/react/index.js'
import { createWorld } from '../core/client/world.js'

const Page = () => {
  const { mark, readers } = useReceipts('general')
  const seen = useAutoRead('general')
  const readBy = useReadBy('general', 'x')
  return <p ref={seen({ key: 'x', from: 'bob' })}>{`${mark}, ${readers.length}, ${readBy.length}`}</p>
}

it('receipts render on a server, where there is no window, and touch nothing', async () => {
  expect(globalThis).not.toHaveProperty('window')
  const world = createWorld()
  const profile = world.profile('alice')
  const tab = world.tab(profile)
  const html = renderToString(
    <TidingsProvider client={tab.client}>
      <Page />
    </TidingsProvider>,
  )
  expect(html).toBe('<p>null, 0, 0</p>')
  await world.timeline.advance(5_000)
  expect(profile.disk.names()).toEqual([])
  expect(tab.lifecycle.listeners).toBe(0)
  expect(world.timeline.pending).toBe(0)
  await world.end()
})
