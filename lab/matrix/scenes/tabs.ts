import type { Device } from '../device.js'
import type { Scene } from '../scene.js'
import type { Stage } from '../stage.js'
import { A_WHILE_MS, OVERDUE_MS } from './times.js'

/** Both write, then the first one closes, and the second one goes on alone. */
async function together(stage: Stage, first: Device, second: Device): Promise<void> {
  await stage.pass(A_WHILE_MS)
  stage.step('second')
  second.send('from the second')
  await stage.pass(A_WHILE_MS)
  stage.step('both')
  first.send('from the first')
  second.send('at the same time')
  await stage.pass(A_WHILE_MS)
  stage.step('left')
  second.send('left behind')
  first.leave()
  await stage.pass(A_WHILE_MS)
  second.send('alone')
  await stage.pass(A_WHILE_MS)
}

/** Several tabs on one disk. */
export const tabs: readonly Scene[] = [
  {
    name: 'second-tab',
    about: 'Two tabs of a profile; one sends for both, closes, and the other takes over.',
    must: ['transact', 'hint', 'out', 'in', 'lock', 'log'],
    async play(stage) {
      const first = stage.device('alice')
      await stage.pass(20)
      await together(stage, first, stage.device('alice', { at: 'second', beside: first }))
    },
  },
  {
    name: 'no-locks',
    about: 'The same where tabs cannot exclude each other: claims keep them apart.',
    must: ['transact', 'hint', 'out', 'in', 'log'],
    async play(stage) {
      const first = stage.device('alice', { locks: false })
      await stage.pass(20)
      await together(stage, first, stage.device('alice', { at: 'second', beside: first, locks: false }))
      await stage.pass(OVERDUE_MS)
    },
  },
  {
    name: 'start-together',
    about: 'Two tabs of a profile start at once, with something in the outbox and pages to read.',
    must: ['open', 'scan', 'read', 'transact', 'hint', 'out', 'in', 'lock', 'log', 'token', 'socket'],
    async play(stage) {
      const first = stage.device('alice')
      await stage.pass(A_WHILE_MS)
      first.act(({ tab }) => tab.client.disconnect())
      first.send('kept')
      await stage.pass(20)
      first.leave()
      await stage.fill('general', 12)
      await stage.pass(A_WHILE_MS)
      stage.rules.pageMost = 5
      stage.step('start')
      first.back()
      stage.device('alice', { at: 'second', beside: first })
      await stage.pass(A_WHILE_MS)
    },
  },
]
