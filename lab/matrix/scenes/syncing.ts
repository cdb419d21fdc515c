import type { Scene } from '../scene.js'
import { A_WHILE_MS, OVERDUE_MS, RECONNECTED_MS } from './times.js'

/** Conversations 1, 2, 6, 7 and what hangs together with them: what comes to a device, and how it follows. */
export const syncing: readonly Scene[] = [
  {
    name: 'cold-start',
    about: 'An empty device in a room of three pages, then live (conversation 1).',
    must: ['open', 'scan', 'read', 'transact', 'socket', 'out', 'in', 'lock', 'log', 'token'],
    async play(stage) {
      stage.rules.pageMost = 10
      await stage.fill('general', 25)
      stage.step('start')
      stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('live')
      await stage.fill('general', 1, 26)
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'resume',
    about: 'A device that was away comes back with its cursor (conversation 2).',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.fill('general', 3)
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      await stage.fill('general', 3, 4)
      await stage.fill('other', 2)
      stage.step('resume')
      alice.act(({ tab }) => tab.client.connect())
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'reload',
    about: 'A device that has read a room starts anew from its disk.',
    must: ['open', 'scan', 'read', 'transact', 'socket', 'out', 'in', 'log', 'token', 'lock'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.fill('general', 20)
      await stage.pass(A_WHILE_MS)
      alice.leave()
      await stage.pass(A_WHILE_MS)
      await stage.fill('general', 2, 21)
      stage.step('start')
      alice.back()
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'catch-up',
    about:
      'Behind by seven pages, pushed ahead of what is stored, with a message to send and one that comes.',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.fill('general', 2)
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      await stage.fill('general', 70, 3)
      alice.send('while away')
      stage.rules.pageMost = 10
      stage.step('pages')
      alice.act(({ tab }) => tab.client.connect())
      await stage.pass(150)
      await stage.fill('general', 1, 73)
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'gap',
    about: 'An event is lost; the next one shows it, and a page fills it (conversation 6).',
    must: ['transact', 'out', 'in', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      stage.device('bob')
      await stage.pass(A_WHILE_MS)
      stage.rules.outgoing = ({ type }, { user }) => (user === 'bob' && type === 'event' ? 'drop' : 'pass')
      alice.send('unheard')
      await stage.pass(A_WHILE_MS)
      stage.rules.outgoing = undefined
      stage.step('heard')
      alice.send('heard')
      await stage.pass(A_WHILE_MS)
      alice.send('heard as well')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'reset',
    about:
      'The server lost its tail, with an edit in it; its authors give it back what they wrote (conversation 7).',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token', 'timer'],
    async play(stage) {
      const alice = stage.device('alice')
      const bob = stage.device('bob')
      await stage.pass(A_WHILE_MS)
      bob.send('kept')
      bob.send('kept as well')
      await stage.pass(A_WHILE_MS)
      const kept = stage.serverLog.taken
      alice.send('lost')
      alice.send('lost, too', { to: 'lost' })
      bob.edit('kept', 'kept, edited')
      await stage.pass(A_WHILE_MS)
      for (const device of [alice, bob]) device.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      const up = stage.takeDown()
      await stage.serverLog.cut(kept)
      up()
      alice.send('new')
      stage.step('reset')
      for (const device of [alice, bob]) device.act(({ tab }) => tab.client.connect())
      await stage.pass(RECONNECTED_MS)
    },
  },
  {
    name: 'killed',
    about: 'The server is killed between its commit and its answer.',
    must: ['socket', 'out', 'in', 'log', 'timer', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      stage.device('bob')
      await stage.pass(A_WHILE_MS)
      stage.step('killed')
      stage.rules.outgoing = () => 'drop'
      alice.send('committed')
      await stage.pass(100)
      const up = stage.takeDown()
      stage.rules.outgoing = undefined
      await stage.pass(A_WHILE_MS)
      alice.send('meanwhile')
      up()
      stage.step('back')
      await stage.pass(RECONNECTED_MS)
    },
  },
  {
    name: 'jump',
    about: 'Further behind than anybody reads: the newest page first, and the gap is filled on demand.',
    must: ['transact', 'read', 'out', 'in', 'log', 'socket', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.fill('general', 2)
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      await stage.fill('general', 520, 3)
      alice.send('while away')
      stage.step('newest')
      alice.act(({ tab }) => tab.client.connect())
      await stage.pass(A_WHILE_MS)
      stage.step('gap')
      alice.act(({ tab }) => {
        const room = tab.client.room('general')
        const gap = room.timeline.get().items.find((item) => item.type === 'gap')
        if (gap?.type === 'gap') void room.fillGap(gap)
        else void room.loadOlder()
      })
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'drain',
    about: 'A server that drains gives a slot to come back at (conversation 10).',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token', 'timer'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('drain')
      void stage.world.core.drain({ retryAfterMs: 1_000 })
      alice.send('while it drains')
      await stage.pass(600)
      stage.takeDown()()
      stage.step('slot')
      await stage.pass(RECONNECTED_MS)
    },
  },
  {
    name: 'overdue-page',
    about: 'A page does not come: it is asked for again.',
    must: ['transact', 'out', 'in', 'timer', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.fill('general', 2)
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      await stage.fill('general', 2, 3)
      stage.rules.outgoing = ({ type }) => (type === 'sync_response' ? 'drop' : 'pass')
      alice.act(({ tab }) => tab.client.connect())
      await stage.pass(A_WHILE_MS)
      stage.rules.outgoing = undefined
      stage.step('again')
      await stage.pass(OVERDUE_MS)
    },
  },
]
