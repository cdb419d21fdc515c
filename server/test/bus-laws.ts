import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVERYWHERE } from '../src/core/bus.js'
import type { Bus } from '../src/index.js'

/** Nodes under test: each call of `node` is another one of the same server. */
export interface BusUnderTest {
  node(): Promise<Bus>
  /** Waits until it is so. */
  until(isSo: () => boolean): Promise<void>
  clean(): Promise<void>
}

/** What every bus between nodes has to keep. */
export function busLaws(name: string, open: () => BusUnderTest): void {
  describe(`${name} as a bus`, () => {
    let subject: BusUnderTest
    let nodes: Bus[]
    let heard: string[][]
    beforeEach(async () => {
      subject = open()
      nodes = [await subject.node(), await subject.node(), await subject.node()]
      heard = nodes.map(() => [])
      for (const [i, node] of nodes.entries())
        node.hear((room, text) => void heard[i]?.push(`${room}: ${text}`))
    })
    afterEach(() => subject.clean())

    it('tells the others in a room, in order and once, and not the one that tells', async () => {
      await Promise.all(nodes.map((node) => node.enter('general')))
      for (const text of ['one', 'two', 'three']) nodes[0]?.tell('general', text)
      await subject.until(() => heard[1]?.length === 3 && heard[2]?.length === 3)
      const all = ['general: one', 'general: two', 'general: three']
      expect(heard).toEqual([[], all, all])
    })
    it('tells nobody of a room in which he is not', async () => {
      await nodes[1]?.enter('general')
      await nodes[2]?.enter('other')
      nodes[0]?.tell('general', 'one')
      nodes[0]?.tell('other', 'two')
      await subject.until(() => heard[1]?.length === 1 && heard[2]?.length === 1)
      expect(heard).toEqual([[], ['general: one'], ['other: two']])
    })
    it('counts how often a room was entered', async () => {
      const [one, two] = nodes
      await Promise.all([two?.enter('general'), two?.enter('general'), two?.enter('last')])
      two?.leave('general')
      one?.tell('general', 'one')
      await subject.until(() => heard[1]?.length === 1)
      two?.leave('general')
      await two?.enter('other')
      one?.tell('general', 'two')
      one?.tell('other', 'three')
      await subject.until(() => heard[1]?.length === 2)
      expect(heard[1]).toEqual(['general: one', 'other: three'])
    })
    it('tells every other node in the room without a name', async () => {
      await nodes[1]?.enter('general')
      nodes[0]?.tell(EVERYWHERE, 'one')
      await subject.until(() => heard[1]?.length === 1 && heard[2]?.length === 1)
      expect(heard).toEqual([[], [': one'], [': one']])
    })
    it('takes names and texts from outside as they are', async () => {
      const rooms = ['__proto__', 'a:b', '{a}', '}', 'Ω😀']
      await Promise.all(rooms.map((room) => nodes[1]?.enter(room)))
      for (const room of rooms) nodes[0]?.tell(room, `{"text":"\\u001f Ω 😀"}`)
      await subject.until(() => heard[1]?.length === rooms.length)
      expect(heard[1]).toEqual(rooms.map((room) => `${room}: {"text":"\\u001f Ω 😀"}`))
    })
  })
}
