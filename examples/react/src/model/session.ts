import { type Client, createClient, createFallbackConnect, idle, presence, type Readable } from 'tidings'
import { createCell } from './cell.js'
import { ofWindow } from './kept.js'
import { readStatus } from './own-status.js'
import { place } from './place.js'
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

/** Follows every room of the list, so that the sidebar knows what is going on where nobody looks; the shown one comes first. */
const followAll = (client: Client, rooms: RoomList): void => {
  const followed = new Set<string>()
  const follow = () => {
    for (const room of [place.get().room, ...rooms.get()]) {
      if (followed.has(room)) continue
      followed.add(room)
      client.room(room, { conflicts: 'expectVersion' }).open()
    }
  }
  follow()
  rooms.subscribe(follow)
}

/** What the others see of this person: what they said last, where they are, and whether they are at the device. */
const sayPresence = (client: Client, user: string): void => {
  const said = presence(client)
  const { status, custom } = readStatus(user)
  const device = matchMedia('(hover: none)').matches ? 'phone' : 'computer'
  said.set({ status, custom: custom === '' ? null : custom, device })
  const sayWhere = () => said.set({ room: place.get().room })
  sayWhere()
  place.subscribe(sayWhere)
  said.awayWhile(idle(client))
}

export const createSession = (user: string): Session => {
  // Where something on the way blocks WebSockets, it goes on over HTTP.
  const connect = createFallbackConnect()
  const client = createClient({ url: socketAddress(), user, token: () => fetchToken(user), connect })
  const rooms = createRoomList(user)
  followAll(client, rooms)
  sayPresence(client, user)
  const offline = createCell(ofWindow.read('offline') === 'yes')
  // connect() opens what this device keeps; disconnect() right after it leaves the network alone.
  client.connect()
  if (offline.get()) client.disconnect()
  return {
    user,
    client,
    rooms,
    offline,
    setOffline: (next) => {
      ofWindow.write('offline', next ? 'yes' : null)
      offline.set(next)
      if (next) client.disconnect()
      else client.connect()
    },
  }
}
