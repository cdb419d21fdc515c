import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createMemoryLog, createSqliteLog } from '../../src/index.js'
import { openDatabase } from '../../src/log/sqlite-driver.js'
import { nodeClock } from '../../src/platform.js'
import { groupLaws } from '../group-laws.js'
import { temporaryFolder } from '../support/files.js'

groupLaws('the memory log', {
  open: async () => createMemoryLog({ clock: nodeClock }),
  another: async (log) => log,
  clean: async () => {},
})

let folder: Awaited<ReturnType<typeof temporaryFolder>>
const open = () =>
  createSqliteLog({ file: join(folder.path, 'log.db'), clock: nodeClock, synchronous: 'NORMAL' })
groupLaws('the SQLite log', {
  async open() {
    folder = await temporaryFolder()
    return open()
  },
  another: async (log) => log,
  async reopen(log) {
    await log.close()
    return open()
  },
  clean: () => folder.remove(),
})

it('positions in SQLite say in the schema what their columns mean', async () => {
  folder = await temporaryFolder()
  await (await open()).close()
  const reader = await openDatabase(join(folder.path, 'log.db'))
  const schema = JSON.stringify(reader.prepare('SELECT sql FROM sqlite_master').all())
  expect(schema).toContain('up to the first the group was given the room')
  reader.close()
  await folder.remove()
})
