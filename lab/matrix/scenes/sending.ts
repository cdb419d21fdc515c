import type { Scene } from '../scene.js'
import { A_WHILE_MS, OVERDUE_MS, RECONNECTED_MS } from './times.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Conversations 3 to 5, 11 and 12: what leaves a device, and what comes back to it. */
export const sending: readonly Scene[] = [
  {
    name: 'send',
    about: 'One message, then two in one tick, and an answer (conversation 3).',
    must: ['transact', 'out', 'in', 'timer', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      const bob = stage.device('bob')
      await stage.pass(A_WHILE_MS)
      stage.step('one')
      alice.send('one')
      await stage.pass(A_WHILE_MS)
      stage.step('two')
      alice.send('two')
      alice.send('three', { to: 'one' })
      await stage.pass(A_WHILE_MS)
      stage.step('answer')
      bob.send('four', { to: 'three' })
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'lost-ack',
    about:
      'The answer is lost with the connection; a page of the next one holds the message (conversation 4).',
    must: ['transact', 'socket', 'out', 'in', 'timer', 'log', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('send')
      stage.rules.outgoing = () => 'drop'
      alice.send('held by a page')
      await stage.pass(60)
      stage.step('resume')
      alice.act(({ tab }) => tab.link.drop())
      stage.rules.outgoing = undefined
      await stage.pass(RECONNECTED_MS)
    },
  },
  {
    name: 'duplicate',
    about:
      'Acknowledgement and echo are lost, the connection is not: the operation goes out again (conversation 5).',
    must: ['transact', 'out', 'in', 'timer', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      stage.device('bob')
      await stage.pass(A_WHILE_MS)
      stage.step('first')
      stage.rules.outgoing = ({ type }, { user }) =>
        user === 'alice' && (type === 'ack' || type === 'event') ? 'drop' : 'pass'
      alice.send('twice')
      await stage.pass(A_WHILE_MS)
      stage.rules.outgoing = undefined
      stage.step('again')
      await stage.pass(OVERDUE_MS)
    },
  },
  {
    name: 'batch-refused',
    about: 'Number 20 of 50 is refused for good: the others go, it waits for a person (conversation 11).',
    must: ['transact', 'out', 'in', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('batch')
      stage.rules.screen = ({ body }) =>
        body === '"batch 20"' ? { code: 'content_rejected', message: 'No.' } : undefined
      for (const i of numbers(50)) alice.send(`batch ${i}`)
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'batch-later',
    about: 'Number 20 of 50 is refused for now: it and what follows go again, in order (conversation 11).',
    must: ['transact', 'out', 'in', 'timer', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('batch')
      stage.rules.screen = ({ body }) =>
        body === '"batch 20"' ? { code: 'unavailable', message: 'Later.', retryAfter: 300 } : undefined
      for (const i of numbers(50)) alice.send(`batch ${i}`)
      await stage.pass(100)
      stage.rules.screen = undefined
      stage.step('rest')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'chain',
    about:
      'Sent, answered, edited, reacted to and deleted while offline, all in one array (conversation 12).',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      stage.device('bob')
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      stage.step('offline')
      alice.send('parent')
      await stage.pass(20)
      alice.send('child', { to: 'parent' })
      alice.edit('parent', 'parent, edited')
      alice.react('child', '+1')
      await stage.pass(20)
      alice.send('grandchild', { to: 'child' })
      alice.remove('child')
      await stage.pass(20)
      stage.step('online')
      alice.act(({ tab }) => tab.client.connect())
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'outbox-at-start',
    about: 'A tab that was closed with operations in its outbox: the next one sends them.',
    must: ['open', 'scan', 'read', 'transact', 'socket', 'out', 'in', 'log', 'lock', 'token'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => tab.client.disconnect())
      alice.send('kept')
      alice.send('kept as well', { room: 'other' })
      await stage.pass(20)
      alice.edit('kept', 'kept, edited')
      await stage.pass(20)
      stage.step('start')
      alice.crash()
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'two-rooms',
    about: 'Two lanes: what one room waits for does not hold up the other.',
    must: ['transact', 'out', 'in', 'timer', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      stage.step('both')
      stage.rules.screen = ({ room }) =>
        room === 'general' ? { code: 'unavailable', message: 'Later.', retryAfter: 500 } : undefined
      alice.send('held up')
      alice.send('goes', { room: 'other' })
      await stage.pass(100)
      stage.rules.screen = undefined
      alice.send('goes on', { room: 'other' })
      stage.step('later')
      await stage.pass(700)
    },
  },
]
