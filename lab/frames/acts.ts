import {
  type Client,
  type Message,
  presence,
  type Room,
  receipts,
  type TimelineItem,
  typing,
} from 'tidings/core'
import type { Chance } from './chance.js'
import { ROOMS, type RoomName, type Scene } from './scene.js'

/** What a person at the page does, and how often. */
const ACTS = {
  send: 6,
  edit: 3,
  remove: 1,
  react: 3,
  retry: 1,
  discard: 0.3,
  older: 2,
  newer: 1,
  jump: 2,
  gap: 2,
  type: 4,
  read: 4,
  status: 1,
  wake: 1,
  leave: 0.3,
} as const

/** More is not needed to see what becomes of them. */
const SENT_MOST = 30

const isMessage = (item: TimelineItem): item is Message => item.type === 'message'

/** What somebody asks for may be refused; that it is told, not thrown, is what a page relies on. */
const unheard = (promise: Promise<unknown>): void => {
  promise.catch(() => {})
}

function messageIn(chance: Chance, room: Room): string {
  const keys = room.timeline.get().items.filter(isMessage)
  return chance.pick(keys)?.key ?? 'nothing'
}

function send(scene: Scene, room: Room, name: RoomName): void {
  if (scene.sent.size >= SENT_MOST) return
  const replyTo = scene.chance.chance(0.2) ? messageIn(scene.chance, room) : undefined
  const sent = room.send({ text: 'mine' }, replyTo === undefined ? {} : { replyTo })
  scene.sent.set(sent.key, name)
  unheard(sent.queued())
  unheard(sent.confirmed())
}

function change(scene: Scene, name: RoomName, message: string, act: 'edit' | 'remove' | 'react'): void {
  const room = scene.client.room(name)
  // By both of its names: a liar's id is forgotten when an honest server gives the message another.
  const shown = room.timeline.get().items.filter(isMessage)
  const { id } = shown.find(({ key }) => key === message) ?? { id: message }
  scene.changed.get(name)?.add(message).add(id)
  const made =
    act === 'edit'
      ? room.edit(message, { text: 'edited' })
      : act === 'remove'
        ? room.remove(message)
        : room.react(message, '👍')
  unheard(made.queued())
  unheard(made.confirmed())
}

function jump(scene: Scene, room: Room): void {
  const { chance } = scene
  unheard(
    room.jumpTo(
      chance.one([
        'newest',
        'first-unread',
        messageIn(chance, room),
        'm2',
        '__proto__',
        0,
        scene.timeline.now(),
      ]),
    ),
  )
}

function wake({ chance, lifecycle }: Scene): void {
  lifecycle.signal(chance.one(['online', 'offline', 'visible', 'resume', 'pageshow']))
}

function leave({ client }: { readonly client: Client }): void {
  client.disconnect()
  client.connect()
}

/** Somebody does something. */
export function act(scene: Scene): void {
  const { chance, client } = scene
  const name = chance.one(ROOMS)
  const room = client.room(name)
  const deed = chance.weighted(ACTS)
  switch (deed) {
    case 'send':
      return send(scene, room, name)
    case 'edit':
    case 'react':
      return change(scene, name, messageIn(chance, room), deed)
    case 'remove': {
      const key = messageIn(chance, room)
      // What was never on the wire goes without a trace.
      scene.sent.delete(key)
      return change(scene, name, key, deed)
    }
    case 'retry':
      return void room.retry(messageIn(chance, room))
    case 'discard': {
      const key = messageIn(chance, room)
      if (room.discard(key)) scene.sent.delete(key)
      return undefined
    }
    case 'older':
      return unheard(room.loadOlder())
    case 'newer':
      return unheard(room.loadNewer())
    case 'jump':
      return jump(scene, room)
    case 'gap': {
      const gap = room.timeline.get().items.find((item) => item.type === 'gap')
      if (gap) unheard(room.fillGap(gap, { from: chance.one(['newer', 'older']) }))
      return undefined
    }
    case 'type':
      return typing(room).keystroke()
    case 'read':
      return receipts(room).markRead(chance.chance(0.5) ? undefined : messageIn(chance, room))
    case 'status':
      return presence(client).set({ status: chance.one(['online', 'away', 'busy']) })
    case 'wake':
      return wake(scene)
    case 'leave':
      return leave(scene)
  }
}
