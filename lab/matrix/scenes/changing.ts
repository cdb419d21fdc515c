import { receipts } from 'tidings/core'
import type { Scene } from '../scene.js'
import { A_WHILE_MS, RECONNECTED_MS } from './times.js'

/** Conversations 8, 9 and 13, and what people do to messages of each other's. */
export const changing: readonly Scene[] = [
  {
    name: 'change',
    about: 'Edited, reacted to and deleted, by both, while both listen.',
    must: ['transact', 'out', 'in', 'log'],
    async play(stage) {
      const alice = stage.device('alice')
      const bob = stage.device('bob')
      await stage.pass(A_WHILE_MS)
      alice.send('one')
      alice.send('two')
      await stage.pass(A_WHILE_MS)
      stage.step('edit')
      alice.edit('one', 'one, edited')
      bob.react('one', 'heart')
      await stage.pass(A_WHILE_MS)
      stage.step('remove')
      bob.react('two', '+1')
      await stage.pass(20)
      alice.remove('two')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'conflict',
    about: 'An edit that must not overwrite meets another one (conversation 8).',
    must: ['transact', 'socket', 'out', 'in', 'log', 'token'],
    async play(stage) {
      const phone = stage.device('alice')
      const laptop = stage.device('alice', { at: 'laptop' })
      await stage.pass(A_WHILE_MS)
      phone.send('plan')
      await stage.pass(A_WHILE_MS)
      laptop.act(({ tab }) => tab.client.disconnect())
      await stage.pass(A_WHILE_MS)
      stage.step('edit')
      phone.edit('plan', 'plan of the phone')
      await stage.pass(A_WHILE_MS)
      laptop.edit('plan', 'plan of the laptop', { expectVersion: true })
      laptop.act(({ tab }) => tab.client.connect())
      stage.step('conflict')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'token',
    about: 'The token is about to end, and is renewed on the open connection (conversation 9).',
    must: ['out', 'in', 'token', 'transact', 'log'],
    async play(stage) {
      const { world, rules } = stage
      rules.verify = (token) =>
        token ? { user: token, expiresAt: world.timeline.now() + 13_000 } : 'refused'
      const alice = stage.device('alice')
      await stage.pass(1_000)
      stage.step('renew')
      await stage.pass(2_200)
      alice.send('with the new one')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'token-over',
    about:
      'The provider of tokens fails until the old one is over: the connection ends, and the next one has a new token (conversation 9).',
    must: ['socket', 'out', 'in', 'token', 'transact', 'log', 'timer'],
    async play(stage) {
      const { world, rules } = stage
      rules.verify = (token) =>
        token ? { user: token, expiresAt: world.timeline.now() + 11_000 } : 'refused'
      const alice = stage.device('alice')
      await stage.pass(800)
      stage.step('expiring')
      rules.token = () => Promise.reject(new Error('Nobody answers.'))
      await stage.pass(9_500)
      stage.step('over')
      alice.send('meanwhile')
      rules.token = undefined
      await stage.pass(RECONNECTED_MS)
    },
  },
  {
    name: 'kicked',
    about: 'Thrown out of a room and let in again; what was written meanwhile is kept (conversation 13).',
    must: ['transact', 'out', 'in', 'log'],
    async play(stage) {
      const { world, rules } = stage
      const alice = stage.device('alice')
      const bob = stage.device('bob')
      await stage.pass(A_WHILE_MS)
      bob.send('before')
      await stage.pass(A_WHILE_MS)
      stage.step('out')
      rules.authorize = ({ user, room }) => (user === 'alice' && room === 'general' ? 'not_member' : 'allow')
      world.core.kick('alice', 'general', 'not_member')
      alice.send('too late')
      await stage.pass(A_WHILE_MS)
      rules.authorize = undefined
      stage.step('in')
      // Whoever writes again asks again whether they may.
      alice.send('in again')
      await stage.pass(A_WHILE_MS)
    },
  },
  {
    name: 'receipts',
    about: 'Read here, told there.',
    must: ['transact', 'out', 'in', 'timer'],
    async play(stage) {
      const alice = stage.device('alice')
      const bob = stage.device('bob')
      await stage.pass(A_WHILE_MS)
      bob.send('read me')
      await stage.pass(A_WHILE_MS)
      stage.step('read')
      alice.act(({ tab }) => receipts(tab.client.room('general')).markRead())
      await stage.pass(800)
      bob.send('and me')
      await stage.pass(A_WHILE_MS)
      alice.act(({ tab }) => receipts(tab.client.room('general')).markRead())
      await stage.pass(800)
    },
  },
]
