import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPostgresArchive } from '../../src/archive/postgres.js'
import { createSqliteArchive } from '../../src/archive/sqlite.js'
import { archiveLaws } from '../archive-laws.js'
import { type Built, buildServer } from '../support/built.js'
import { temporaryFolder } from '../support/files.js'
import { type PostgresServer, startPostgres } from '../support/postgres.js'

let built: Built
let postgres: PostgresServer
beforeAll(async () => {
  built = await buildServer('archive')
  postgres = await startPostgres()
})
afterAll(async () => {
  await built.remove()
  await postgres.stop()
})

let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined
archiveLaws('SQLite in threads of their own', {
  async open() {
    folder ??= await temporaryFolder()
    return createSqliteArchive({
      ...{ file: join(folder.path, 'archive.db'), synchronous: 'NORMAL', worker: built.worker },
    })
  },
  async clean() {
    await folder?.remove()
    folder = undefined
  },
})

const open = () => createPostgresArchive({ url: postgres.url })
archiveLaws('PostgreSQL', { open, clean: () => postgres.empty() })

it('an archive that nobody answers for says so', async () => {
  await expect(createPostgresArchive({ url: 'postgres://127.0.0.1:1/none' })).rejects.toThrow()
})
