import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'

/** A PostgreSQL of a test's own, in this process. */
export interface PostgresServer {
  readonly url: string
  /** Empties the tables of the archive. */
  empty(): Promise<void>
  stop(): Promise<void>
}

const SYNC = 0x53
const QUERY = 0x51
const TERMINATE = 0x58

/** Gives turns: the next one begins when the one before was given back. */
function createTurns() {
  let last = Promise.resolve()
  return async (): Promise<() => void> => {
    const before = last
    let giveBack = () => {}
    last = new Promise((resolve) => {
      giveBack = resolve
    })
    await before
    return giveBack
  }
}

/** One connection. The database has a single session, so a connection keeps it until its transaction, or its statement, is over. */
function converse(socket: Socket, db: PGlite, turn: () => Promise<() => void>): void {
  let waiting = Buffer.alloc(0)
  let hasBegun = false
  let giveBack: (() => void) | undefined
  const next = (): Buffer | undefined => {
    const from = hasBegun ? 1 : 0
    if (waiting.length < from + 4) return undefined
    const length = from + waiting.readInt32BE(from)
    if (waiting.length < length) return undefined
    const message = waiting.subarray(0, length)
    waiting = waiting.subarray(length)
    return message
  }
  const end = async () => {
    if (giveBack && db.isInTransaction()) await db.exec('ROLLBACK')
    giveBack?.()
    giveBack = undefined
  }
  const answer = async (message: Buffer) => {
    if (hasBegun && message[0] === TERMINATE) return void socket.end()
    giveBack ??= await turn()
    socket.write(await db.execProtocolRaw(new Uint8Array(message)))
    const isOver = !hasBegun || message[0] === SYNC || message[0] === QUERY
    hasBegun = true
    if (isOver && !db.isInTransaction()) await end()
  }
  let last: Promise<unknown> = Promise.resolve()
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    last = last.then(end)
  })
  socket.on('data', (bytes: Buffer) => {
    last = last.then(async () => {
      waiting = Buffer.concat([waiting, bytes])
      for (let message = next(); message; message = next()) await answer(message)
    })
  })
}

export async function startPostgres(): Promise<PostgresServer> {
  const db = await PGlite.create()
  const turn = createTurns()
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    converse(socket, db, turn)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    empty: async () => void (await db.exec('TRUNCATE tidings_entries, tidings_rooms')),
    async stop() {
      for (const socket of open) socket.destroy()
      server.close()
      await db.close()
    },
  }
}
