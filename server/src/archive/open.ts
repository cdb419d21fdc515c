import { createPostgresArchive } from './postgres.js'
import type { Archive } from './seam.js'
import { createSqliteArchive } from './sqlite.js'

const ADDRESS = /^postgres(ql)?:\/\/./

/** Opens the archive that an address (`postgres://…`) or the name of a file means. Rejects when it cannot be reached. */
export const openArchive = (place: string, failed?: (cause: Error) => void): Promise<Archive> =>
  ADDRESS.test(place)
    ? createPostgresArchive({ url: place })
    : createSqliteArchive({ file: place, ...(failed && { failed }) })
