import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { confirmed, soon } from './support/chat-page.js'
import { type Program, run } from './support/program.js'
import { root } from './support/server.js'
import { inChromium } from './support/stage.js'

/**
 * The repository in another place, without its sources: what is built counts as up to date there, nothing here can be built over, and
 * the messages are not those of whoever runs the tests.
 */
async function anotherPlace(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-start-'))
  await cp(join(root, 'tools'), join(folder, 'tools'), { recursive: true })
  for (const parent of ['server', 'examples/react']) await mkdir(join(folder, parent), { recursive: true })
  for (const path of ['node_modules', 'package-lock.json', 'dist', 'server/dist', 'examples/react/dist'])
    await symlink(join(root, path), join(folder, path))
  return folder
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })

async function freePort(): Promise<number> {
  const probe = createServer()
  const port = await listen(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

inChromium('npm start', (on) => {
  it('prints two addresses that work, and still knows yesterday’s messages when it is started again', async () => {
    const folder = await anotherPlace()
    const port = await freePort()
    const started: Program[] = []
    const start = async () => {
      const program = run(join(folder, 'tools/start.mjs'), [], { PORT: String(port) })
      started.push(program)
      return { ...program, output: await program.says(/Ctrl\+C stops/) }
    }
    try {
      const first = await start()
      const [forAlice = '', forBob = '', ...more] = first.output.match(/http:\S+/g) ?? []
      expect(more).toEqual([])
      expect(forAlice).toBe(`http://localhost:${port}/?user=alice&room=general`)
      expect(forBob).toBe(`http://localhost:${port}/?user=bob&room=general`)
      const alice = await on().visit(forAlice)
      const bob = await on().visit(forBob)
      await alice.write('it works')
      await soon(bob.statuses).toEqual(confirmed('it works'))
      for (const { page } of [alice, bob]) await page.close()
      await first.end('SIGTERM')
      await start()
      const carol = await on().visit(forAlice.replace('alice', 'carol'))
      await soon(carol.statuses).toEqual(confirmed('it works'))
    } finally {
      for (const program of started) await program.end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('npm start', () => {
  it('names a port that is taken, and another one that could be used', async () => {
    const holder = createServer()
    const port = await listen(holder)
    const { status, output } = await run(join(root, 'tools/start.mjs'), [], { PORT: String(port) }).ended
    await new Promise((resolve) => holder.close(resolve))
    expect(status).toBe(1)
    expect(output).toContain(`Port ${port} is already taken`)
    expect(output).toContain('PORT=8787 npm start')
  })

  it('refuses a port that is none', async () => {
    const { status, output } = await run(join(root, 'tools/start.mjs'), [], { PORT: 'http' }).ended
    expect(status).toBe(1)
    expect(output).toContain('PORT is "http"')
  })
})
