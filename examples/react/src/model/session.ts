import { type Client, createClient, type Readable } from 'tidings'
import { createCell } from './cell.js'
import { ofWindow } from './kept.js'
import { createRoomList, type RoomList } from './rooms.js'

/** What one person has in this window. Made once, outside React. */
export interface Session {
  readonly user: string
  readonly client: Client
  readonly rooms: RoomList
  /** Whether this window was taken offline by its user. */
  readonly offline: Readable<boolean>
  readonly setOffline: (offline: boolean) => void
}

/** A token of the development server. Without a network this fails, and the client asks again when it next tries to connect. */
const fetchToken = async (user: string): Promise<string> => {
  const answer = await fetch(`/dev/token?${new URLSearchParams({ user }).toString()}`)
  if (!answer.ok) throw new Error(`The server gave no token for ${user} (${answer.status}).`)
  return answer.text()
}

const socketAddress = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/ws`

export const createSession = (user: string): Session => {
  const client = createClient({ url: socketAddress(), user, token: () => fetchToken(user) })
  const offline = createCell(ofWindow.read('offline') === 'yes')
  // connect() opens what this device keeps; disconnect() right after it leaves the network alone.
  client.connect()
  if (offline.get()) client.disconnect()
  return {
    user,
    client,
    rooms: createRoomList(user),
    offline,
    setOffline: (next) => {
      ofWindow.write('offline', next ? 'yes' : null)
      offline.set(next)
      if (next) client.disconnect()
      else client.connect()
    },
  }
}
