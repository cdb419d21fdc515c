import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createMemoryArchive } from '../../src/archive/memory.js'
import { openArchive } from '../../src/archive/open.js'
import { createSqliteArchive } from '../../src/archive/sqlite.js'
import type { Archive } from '../../src/index.js'
import { openDatabase } from '../../src/log/sqlite-driver.js'
import { archiveLaws } from '../archive-laws.js'
import { temporaryFolder } from '../support/files.js'

let memory: Archive | undefined
archiveLaws('memory', {
  async open() {
    memory ??= createMemoryArchive()
    return memory
  },
  async clean() {
    memory = undefined
  },
})

let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined
const file = async () => {
  folder ??= await temporaryFolder()
  return join(folder.path, 'archive.db')
}
const clean = async () => {
  await folder?.remove()
  folder = undefined
}
archiveLaws('SQLite in this thread', {
  open: async () => createSqliteArchive({ file: await file(), synchronous: 'NORMAL' }),
  clean,
})

it('an archive in SQLite says in its schema what its columns mean', async () => {
  const archive = await openArchive(await file())
  const reader = await openDatabase(await file())
  const schema = JSON.stringify(reader.prepare('SELECT sql FROM sqlite_master').all())
  expect(schema).toContain('hybrid logical clock')
  reader.close()
  await archive.close()
  await clean()
})

it('an archive that cannot be opened says so', async () => {
  await expect(openArchive(join((await file()).replace('archive.db', 'no'), 'a.db'))).rejects.toThrow()
  await clean()
})
