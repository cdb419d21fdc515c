import type { Random } from 'tidings/core'
import { createSeededRandom } from 'tidings/testing'

const WORDS =
  'the a is it so what kernel driver coffee boat letter harbour late early lost found again never why how maybe wind tide screen key box open shut blue green naïve größe 猫 ☂ 🙂 e\u0301'.split(
    ' ',
  )

const pick = <T>(random: Random, from: readonly T[], otherwise: T): T =>
  from[Math.floor(random.next() * from.length)] ?? otherwise

const text = (random: Random): string =>
  Array.from({ length: Math.floor(random.next() ** 2 * 30) }, () => pick(random, WORDS, '')).join(' ')

/** How large a made-up conversation is. */
export interface Size {
  readonly messages: number
  readonly rooms?: number
  readonly senders?: number
}

/**
 * A conversation that nobody had, as lines of JSON in the form of a chat log: the same for the same seed. A quarter of the messages
 * answer one of the fifteen before them, some senders talk much more than others, and people come and go between them.
 */
export function* madeUpLines(seed: number, { messages, rooms = 5, senders = 60 }: Size): Generator<string> {
  const random = createSeededRandom(seed)
  const name = (): string => `person-${Math.floor(random.next() ** 2 * senders)}`
  let at = Date.UTC(2024, 0, 1)
  for (let room = 0; room < rooms; room++) {
    const share = Math.floor(((room + 1) * messages) / rooms) - Math.floor((room * messages) / rooms)
    const said: number[] = []
    for (let n = 0; said.length < share; n++) {
      at += Math.floor(random.next() * 30_000)
      const event = { room: `made-up-${room + 1}`, n, at, sender: name() }
      if (random.next() < 0.08) {
        yield JSON.stringify({ ...event, kind: random.next() < 0.5 ? 'join' : 'leave' })
        continue
      }
      const parent = random.next() < 0.25 ? pick(random, said.slice(-15), undefined) : undefined
      yield JSON.stringify({ ...event, kind: 'message', text: text(random), replyTo: parent })
      said.push(n)
    }
  }
}
