import type { Json, Message, Room, Timeline } from 'tidings'
import { createClient } from 'tidings'
import {
  TidingsProvider,
  useAutoRead,
  useClient,
  useMessage,
  useReadBy,
  useReceipts,
  useRoom,
  useRoomPresence,
  useSend,
  useTimeline,
  useTypingIndicator,
} from 'tidings/react'
import * as v from 'valibot'
import { type Equal, expectType } from './expect.js'

/* Types of bodies in React. Nothing here runs. */

const body = v.object({
  text: v.string(),
  at: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  ),
})
interface Read {
  text: string
  at: Date
}
interface Written {
  text: string
  at: string
}
const client = createClient({ url: 'wss://example.org/v1/ws', user: 'alice', body })

export function OfARoom({ room }: { readonly room: Room<Read, Written> }) {
  const timeline = useTimeline(room)
  expectType<Equal<typeof timeline, Timeline<Read>>>(true)
  const message = useMessage(room, 'key')
  expectType<Equal<typeof message, Message<Read> | null>>(true)
  const send = useSend(room)
  expectType<Equal<typeof send, Room<Read, Written>['send']>>(true)
  const same = useRoom(room)
  expectType<Equal<typeof same, Room<Read, Written>>>(true)
  // @ts-expect-error what is written is what travels
  send({ text: 'Hello', at: new Date() })
  // @ts-expect-error the body is read through the schema
  return <p>{message?.body?.words}</p>
}

export function OfAnId() {
  const plain = useTimeline('general')
  expectType<Equal<typeof plain, Timeline<Json>>>(true)
  const typed = useTimeline<Read>('general')
  expectType<Equal<typeof typed, Timeline<Read>>>(true)
  const mine = useClient<Read, Written>()
  expectType<Equal<typeof mine, typeof client>>(true)
  return null
}

/** Any client can be provided, whatever its bodies are. */
export const App = () => (
  <TidingsProvider client={client}>
    <OfARoom room={client.room('general')} />
  </TidingsProvider>
)

/** So do the hooks over any room. */
export function OfPeople({ room }: { readonly room: Room<Read, Written> }) {
  useTypingIndicator(room)
  useReceipts(room)
  useReadBy(room, 'key')
  useAutoRead(room)
  useRoomPresence(room)
  return null
}
