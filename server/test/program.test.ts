import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { formatStamp } from 'tidings/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Built, buildServer } from './support/built.js'
import { temporaryFolder } from './support/files.js'
import { connect, ofType } from './support/remote.js'

let built: Built
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const running = new Set<ChildProcess>()

beforeAll(async () => {
  built = await buildServer('program')
})
afterAll(() => built.remove())
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await folder.remove()
})

interface Program {
  readonly child: ChildProcess
  /** Resolves when the output holds this. */
  says(pattern: RegExp): Promise<string>
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>
}

function run(words: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [built.program, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  const looks = new Set<() => void>()
  const heard = (piece: Buffer) => {
    output += piece.toString()
    for (const look of looks) look()
  }
  child.stdout?.on('data', heard)
  child.stderr?.on('data', heard)
  return {
    child,
    says: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          if (!pattern.test(output)) return
          looks.delete(look)
          resolve(output)
        }
        looks.add(look)
        look()
      }),
    ended: new Promise((resolve) => {
      child.once('close', (status) => resolve({ status, output }))
    }),
  }
}

const portOf = (output: string) => Number(/localhost:(\d+)/.exec(output)?.[1])
const message = (id: string) => ({
  ...{ type: 'message' as const, id, room: 'general', stamp: formatStamp(Date.now(), 0, 'remote-----') },
  ...{ body: { text: id }, attempt: 1, at: Date.now() },
})
const start = async (...more: string[]) => {
  const program = run(['--dev', '--port', '0', '--data', join(folder.path, 'log.db'), ...more])
  const port = portOf(await program.says(/bob&room=general[\s\S]*stops\./))
  const enter = async () => {
    const token = await (await fetch(`http://127.0.0.1:${port}/dev/token?user=alice`)).text()
    const remote = await connect(`ws://127.0.0.1:${port}/v1/ws`)
    remote.send({ type: 'hello', v: 1, device: 'd', token, rooms: [{ room: 'general', pages: 9 }] })
    await remote.next(ofType('subscribed'))
    return remote
  }
  return { ...program, port, enter }
}

describe('the program', () => {
  it('explains itself, and what is wrong with an order', async () => {
    expect(await run(['--help']).ended).toMatchObject({ status: 0, output: expect.stringContaining('Usage') })
    for (const [words, complaint] of [
      [['--prot', '1'], "Unknown option '--prot'"],
      [['--port', '99999'], 'no port number'],
      [['--archive', 'a.db'], 'go with --redis'],
      [['--redis', 'redis://localhost', '--keep=-1'], '--keep takes'],
      [['--origin', 'https://a.example/'], 'no origin'],
      [['--chaos', 'drop-acks=0.5'], 'for --dev only'],
      [['--dev', '--chaos', 'drop-acks=2'], '--chaos takes'],
    ] as const)
      expect(await run([...words]).ended).toMatchObject({
        status: 2,
        output: expect.stringContaining(complaint),
      })
  })
  it('S167: refuses to start without a secret of its own, outside development', async () => {
    const data = ['--port', '0', '--data', join(folder.path, 'log.db')]
    expect(await run(data).ended).toMatchObject({
      status: 1,
      output: expect.stringContaining('TIDINGS_SECRET'),
    })
    const short = await run(data, { TIDINGS_SECRET: 'short' }).ended
    expect(short).toMatchObject({ status: 1, output: expect.stringContaining('too short') })
    const missing = await run([...data, '--secret-file', join(folder.path, 'nothing')]).ended
    expect(missing).toMatchObject({ status: 1, output: expect.stringContaining('cannot be read') })
    const good = run(data, { TIDINGS_SECRET: 'x'.repeat(32) })
    await good.says(/listens on ws:/)
  })
  it('makes a secret in development, for its owner only, and keeps it', async () => {
    const first = await start()
    const secret = join(folder.path, 'secret')
    const made = await readFile(secret, 'utf8')
    expect((await stat(secret)).mode & 0o777).toBe(0o600)
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ status: 0 })
    await start()
    expect(await readFile(secret, 'utf8')).toBe(made)
  })
  it('names a port that is taken', async () => {
    const holder: Server = createServer()
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const { ended } = run(['--dev', '--port', String(port), '--data', join(folder.path, 'log.db')])
    expect(await ended).toMatchObject({ status: 1, output: expect.stringContaining(`Port ${port}`) })
    holder.close()
  })
  it('sends clients away and ends well on SIGTERM', async () => {
    const { child, ended, enter } = await start()
    const alice = await enter()
    child.kill('SIGTERM')
    expect(await alice.next(ofType('goaway'))).toMatchObject({ reason: 'restart' })
    expect((await alice.closed).code).toBe(4001)
    expect((await ended).status).toBe(0)
  })
  it('S147: keeps what it acknowledged when it is killed, and answers a repeat as such', async () => {
    const first = await start('--no-rate-limit')
    const alice = await first.enter()
    const sent = Array.from({ length: 200 }, (_, i) => message(`m${i}`))
    for (let i = 0; i < sent.length; i += 20) alice.send(...sent.slice(i, i + 20))
    const acked: string[] = []
    while (acked.length < 100) acked.push((await alice.next(ofType('ack'))).id)
    first.child.kill('SIGKILL')
    await first.ended
    const again = await (await start('--no-rate-limit')).enter()
    again.send(...sent)
    const dups = new Map<string, boolean>()
    while (dups.size < sent.length) {
      const { id, dup = false } = await again.next(ofType('ack'))
      dups.set(id, dup)
    }
    expect(acked.filter((id) => !dups.get(id))).toEqual([])
    again.send({ type: 'sync_request', id: 's', room: 'general', limit: 500 })
    const isAnswer = ofType('sync_response')
    const page = await again.next(
      (frame): frame is Extract<typeof frame, { type: 'sync_response' }> =>
        isAnswer(frame) && frame.id === 's',
    )
    expect(page.messages.map(({ seq }) => seq)).toEqual(sent.map((_, i) => i + 1))
  })
  it('loses acknowledgements on request', async () => {
    const { enter } = await start('--chaos', 'drop-acks=1,seed=7')
    const alice = await enter()
    alice.send(message('m1'))
    await alice.next(ofType('event'))
    alice.send({ type: 'ping', t: 1 })
    const isAnswer = (frame: { type: string }) => frame.type === 'ack' || frame.type === 'pong'
    const first = await alice.next((frame): frame is Extract<typeof frame, { type: 'ack' | 'pong' }> =>
      isAnswer(frame),
    )
    expect(first.type).toBe('pong')
  })
})
