import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { TidingsProvider, useConnection, useOutbox, useSend, useTimeline } from '../../src/react/index.js'
import { createFakeClient } from './fake-client.js'

const Page = () => {
  useSend('general')
  return <p title={useConnection().state}>{`${useTimeline('general').status}, ${useOutbox().pending}`}</p>
}

it('renders on a server, where there is no window, and listens to nothing', () => {
  expect(globalThis).not.toHaveProperty('window')
  const { client, connection, outbox, roomOf, ownership } = createFakeClient()
  const html = renderToString(
    <TidingsProvider client={client}>
      <Page />
    </TidingsProvider>,
  )
  expect(html).toBe('<p title="idle">loading, 0</p>')
  const cells = [connection, outbox, roomOf('general').timeline]
  expect(cells.map((cell) => cell.subscriptions())).toEqual([0, 0, 0])
  expect(ownership).toEqual([])
})
