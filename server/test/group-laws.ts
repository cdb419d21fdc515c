import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cursorsOf, seqOf } from '../src/consuming/position.js'
import { type Group, GroupError, type Groups, type Hold, type Log, type Member } from '../src/index.js'
import { createOperation } from './support/operations.js'
import { until } from './support/until.js'

/** Groups under test, with the log that they work on. */
export interface GroupsUnderTest {
  open(): Promise<Log>
  /** Another process on the same rooms, or the same one where only one process may have them. */
  another(log: Log): Promise<Log>
  /** The process dies in the middle of everything, and the log is opened by another. Undefined where nothing is left then. */
  readonly reopen?: (log: Log) => Promise<Log>
  clean(): Promise<void>
}

const ROOM = 'orders/1'

/** What groups of every log have to keep. */
export function groupLaws(name: string, subject: GroupsUnderTest): void {
  describe(`groups of ${name}`, () => {
    let log: Log
    let other: Log
    let members: Member[]
    beforeEach(async () => {
      log = await subject.open()
      other = await subject.another(log)
      members = []
    })
    afterEach(async () => {
      for (const member of members) await member.leave().catch(() => undefined)
      await Promise.all([...new Set([log, other])].map((each) => each.close()))
      await subject.clean()
    })

    const groupsOf = (of: Log): Groups => {
      if (!of.groups) throw new Error('This log has no groups.')
      return of.groups
    }
    const join = async (more: Partial<Group> = {}, at = log, due = () => {}) => {
      const group: Group = { name: 'indexer', rooms: 'orders/*', from: 'head', ...more }
      const member = await groupsOf(at).join(group, due)
      members.push(member)
      return member
    }
    let count = 0
    const write = async (room = ROOM, at = log) => {
      count += 1
      await at.append([createOperation(`id-${count}`, { room })])
    }
    /** The next rooms that the member is given: how long that takes is up to who keeps them. */
    const taken = async (member: Member, most = 10): Promise<readonly Hold[]> => {
      let holds: readonly Hold[] = []
      await until(async () => {
        holds = await member.take(most)
        return holds.length > 0
      })
      return holds
    }
    const one = async (member: Member): Promise<Hold> => {
      const [hold, ...more] = await taken(member)
      if (!hold || more.length > 0) throw new Error('One room was expected.')
      return hold
    }
    const seqAt = ({ position }: Hold) =>
      position === undefined ? undefined : seqOf(cursorsOf(position)[0] ?? '')
    const headOf = async (room = ROOM) => (await log.locate([{ room }]))[0]?.cursor ?? ''
    /** Everything that is due, all of it given back as done. */
    const finish = async (member: Member, rooms: number) => {
      const found: string[] = []
      while (found.length < rooms)
        for (const hold of await taken(member)) {
          await hold.move(await headOf(hold.room))
          await hold.giveBack()
          found.push(hold.room)
        }
      return found.sort()
    }

    it('begin behind what rooms have, and with the first entry of rooms that have none', async () => {
      await write()
      await write()
      const member = await join()
      expect(await member.take(10)).toEqual([])
      await write()
      const hold = await one(member)
      expect([hold.room, seqAt(hold)]).toEqual([ROOM, 2])
      await write('orders/2')
      expect(seqAt(await one(member))).toBeUndefined()
    })
    it('begin with the first entry where that is wanted', async () => {
      await write()
      const hold = await one(await join({ from: 'start' }))
      expect(seqAt(hold)).toBeUndefined()
    })
    it('are given rooms by name or by the beginning of names, and no others', async () => {
      const [all, named] = [await join(), await join({ name: 'one', rooms: 'orders/2' })]
      for (const room of ['orders', 'orders/1', 'orders/2', 'order/2', 'Orders/2', 'a orders/2'])
        await write(room)
      expect(await finish(all, 2)).toEqual(['orders/1', 'orders/2'])
      expect(await finish(named, 1)).toEqual(['orders/2'])
      expect([await all.take(10), await named.take(10)]).toEqual([[], []])
    })
    it('give a room to one member at a time, and to another when it was given back', async () => {
      const [first, second] = [await join(), await join({}, other)]
      await write()
      const hold = await one(first)
      await write(ROOM, other)
      expect(await second.take(10)).toEqual([])
      await hold.move(await headOf())
      await hold.giveBack()
      await write()
      expect(seqAt(await one(second))).toBe(2)
      expect(await first.take(10)).toEqual([])
    })
    it('share rooms out: each is given to one of several members, however they ask', async () => {
      const [first, second] = [await join(), await join({}, other)]
      const rooms = Array.from({ length: 20 }, (_, i) => `orders/${i}`)
      for (const room of rooms) await write(room)
      const found: string[] = []
      await until(async () => {
        const holds = await Promise.all([first.take(3), second.take(3)])
        found.push(...holds.flat().map(({ room }) => room))
        return found.length >= rooms.length
      })
      expect(found.sort()).toEqual(rooms.sort())
    })
    it('give a room again at once for what came while somebody had it', async () => {
      let told = 0
      const member = await join({}, log, () => {
        told += 1
      })
      await write()
      const hold = await one(member)
      await hold.move(await headOf())
      await write()
      const before = told
      await hold.giveBack()
      await until(() => told > before)
      expect(seqAt(await one(member))).toBe(1)
    })
    it('give a room again that was given back without having moved', async () => {
      const member = await join()
      await write()
      await (await one(member)).giveBack()
      expect(seqAt(await one(member))).toBeUndefined()
    })
    it('hold a room next where it was moved to, whoever takes it', async () => {
      const [first, second] = [await join(), await join({}, other)]
      for (let i = 0; i < 3; i++) await write()
      const hold = await one(first)
      const page = await log.page({ room: ROOM, dir: 'forward', limit: 2 })
      if ('lost' in page) throw new Error('There is no page.')
      expect(await hold.move(`${page.cursor} ${page.prev}`)).toBe(true)
      expect(await hold.move()).toBe(true)
      await hold.giveBack()
      expect((await one(second)).position).toBe(`${page.cursor} ${page.prev}`)
    })
    it('tell their members when there is something, wherever it was written', async () => {
      let told = 0
      await join({}, log, () => {
        told += 1
      })
      const before = told
      await write('elsewhere', other)
      await write(ROOM, other)
      await until(() => told > before)
    })
    it('find what was written while none of them was there', async () => {
      const first = await join()
      await write()
      await finish(first, 1)
      await first.leave()
      await write()
      await write('orders/2')
      const second = await join({}, other)
      expect(await finish(second, 2)).toEqual(['orders/1', 'orders/2'])
    })
    it('stand apart from each other', async () => {
      const [first, second] = [await join(), await join({ name: 'audit' })]
      await write()
      expect(await finish(first, 1)).toEqual([ROOM])
      expect(await finish(second, 1)).toEqual([ROOM])
    })
    it('keep their rooms: others are refused with what to do', async () => {
      const member = await join()
      const refused = async () => {
        for (const at of [log, other]) {
          const joining = join({ rooms: 'orders/1' }, at)
          await expect(joining).rejects.toThrow(GroupError)
          await expect(joining).rejects.toThrow(
            'The group indexer works on the rooms orders/*, not on orders/1',
          )
        }
      }
      await refused()
      await member.leave()
      await refused()
    })
    it('are forgotten when they are dismissed, and not while somebody works', async () => {
      const member = await join()
      await write()
      await finish(member, 1)
      await expect(groupsOf(log).dismiss('indexer')).rejects.toThrow(GroupError)
      await member.leave()
      await groupsOf(log).dismiss('indexer')
      const again = await join({ rooms: '*', from: 'start' })
      expect(seqAt(await one(again))).toBeUndefined()
    })
    it('with any name keep rooms of any name', async () => {
      const names = ['__proto__', '{a}:g', "'; --", 'Ω😀 %7b', '*']
      for (const each of names) {
        const member = await join({ name: each, rooms: '*' })
        await write(each === '*' ? 'star' : each)
        await taken(member)
      }
    })

    const { reopen } = subject
    if (!reopen) return
    it('give a room to somebody else when the member that has it has died', async () => {
      const member = await join()
      await write()
      await write()
      const hold = await one(member)
      const page = await log.page({ room: ROOM, dir: 'forward', limit: 1 })
      if ('lost' in page) throw new Error('There is no page.')
      await hold.move(page.cursor)
      members = []
      log = await reopen(log)
      if (other !== log) await other.close()
      other = log
      expect(seqAt(await one(await join()))).toBe(1)
    })
  })
}
