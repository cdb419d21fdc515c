import type { Change, Client } from 'tidings/core'
import { messageIdOf } from 'tidings-server/core'
import type { Intent, Seat } from '../sim/stage.js'

/** Something that somebody did to a message. */
export interface Deed {
  readonly kind: 'edit' | 'delete' | 'react'
  readonly user: string
  /** The new body, or the emoji. */
  readonly value: string
  /** It is owed from then on. */
  queued: boolean
}

/** A message that somebody wrote, under a name of the script's, with what was done to it. */
export interface Word extends Intent {
  readonly label: string
  readonly deeds: Deed[]
  /** The tab that wrote it and was not told yet what came of it. */
  awaitedBy: Client | undefined
}

/** Everything that was said in a scene. */
export interface Words {
  send(seat: Seat, word: { readonly label: string; readonly room: string; readonly to?: string }): void
  edit(client: Client, label: string, body: string, options: { readonly expectVersion?: true }): void
  remove(client: Client, label: string): void
  react(client: Client, label: string, emoji: string): void
  /** A message that is in the log already. */
  given(word: Pick<Word, 'label' | 'user' | 'room' | 'key'>): void
  /** A message came to be on the disk of its author. */
  queued(key: string): void
  readonly all: () => readonly Word[]
}

export function createWords(intents: Map<string, Intent>): Words {
  const words = new Map<string, Word>()
  const byKey = new Map<string, Word>()

  function add(said: Pick<Word, 'label' | 'user' | 'room' | 'key' | 'by'>): Word {
    const word: Word = { ...said, n: words.size + 1, queued: false, awaitedBy: undefined, deeds: [] }
    words.set(word.label, word)
    byKey.set(word.key, word)
    intents.set(word.key, word)
    return word
  }

  /** What a client calls a word: its author's clients by the key, others by the id. */
  const nameFor = (client: Client, { user, room, key }: Word): string =>
    client.user === user ? key : messageIdOf(room, user, key)

  /** A word that this client shows, and what it calls it. Who lost sight of one, as a tab that crashed before it was stored, sees none. */
  function seen(client: Client, label: string): { readonly word: Word; readonly name: string } | undefined {
    const word = words.get(label)
    if (!word) return undefined
    const name = nameFor(client, word)
    return client.room(word.room).message(name).get() === null ? undefined : { word, name }
  }

  /** Somebody does something to a word that they see. */
  function change(
    client: Client,
    label: string,
    deed: Pick<Deed, 'kind' | 'value'>,
    how: (word: Word, name: string) => Change,
  ): void {
    const found = seen(client, label)
    if (!found) return
    const { word, name } = found
    const done: Deed = { ...deed, user: client.user, queued: false }
    word.deeds.push(done)
    const { queued } = how(word, name)
    queued().then(
      () => {
        done.queued = true
      },
      () => undefined,
    )
  }

  return {
    send({ name, tab: { client } }, { label, room, to }) {
      const parent = to === undefined ? undefined : seen(client, to)
      const options = parent ? { replyTo: parent.name } : {}
      const { key, confirmed } = client.room(room).send(label, options)
      const word = add({ label, user: client.user, room, key, by: name })
      word.awaitedBy = client
      const over = () => {
        word.awaitedBy = undefined
      }
      confirmed().then(over, over)
    },
    edit: (client, label, body, options) =>
      change(client, label, { kind: 'edit', value: body }, ({ room }, name) =>
        client.room(room).edit(name, body, options),
      ),
    remove: (client, label) =>
      change(client, label, { kind: 'delete', value: '' }, (word, name) => {
        // One that was never sent may go without a trace.
        intents.delete(word.key)
        return client.room(word.room).remove(name)
      }),
    react: (client, label, emoji) =>
      change(client, label, { kind: 'react', value: emoji }, ({ room }, name) =>
        client.room(room).react(name, emoji),
      ),
    given(word) {
      add({ ...word, by: word.user }).queued = true
    },
    queued(key) {
      const word = byKey.get(key)
      if (word) word.queued = true
    },
    all: () => [...words.values()],
  }
}
