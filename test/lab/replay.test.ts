import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const corpus = at('../shared/corpus/irc.jsonl.gz')
const isReal = existsSync(corpus)

/** Runs the program as a shell would. */
function replay(...words: readonly string[]): Promise<{ code: number | null; out: string; said: string }> {
  return replayIn(process.env, ...words)
}

function replayIn(
  env: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<{ code: number | null; out: string; said: string }> {
  const child = spawn(process.execPath, [at('tools/replay.mjs'), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, said }))
  })
}

it(`loses, doubles and reorders nothing of 5,000 messages ${isReal ? 'of real chat' : 'that nobody wrote'} while everything breaks`, async () => {
  const words = [isReal ? corpus : 'made-up', '--limit', '5000', '--faults', 'rough', '--seed', '1', '--json']
  const { code, out, said } = await replay(...words)
  // What was said on the way is the only trace of a run that went wrong.
  expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' })
  const result: unknown = JSON.parse(out)
  const zeros = { lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 }
  expect(result).toMatchObject({ messages: 5_000, clients: 8, ...zeros })
}, 120_000)

it('plays a log through clients that nothing happens to, and prints the result alone', async () => {
  const { code, out, said } = await replay('made-up', '--limit', '300', '--clients', '3', '--json')
  expect(code, said).toBe(0)
  const zeros = { lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 }
  const quiet = { reconnects: 0, serverRestarts: 0, resent: 0, duplicateAcks: 0 }
  expect(JSON.parse(out)).toEqual({
    ...{ messages: 300, clients: 3, ...zeros, ...quiet, seconds: expect.any(Number) },
  })
  expect(said).toContain('Rate limits are off')
})

it('says how to get a Redis where several servers need one', async () => {
  const { code, out, said } = await replayIn(
    { ...process.env, PATH: '' },
    'made-up',
    '--nodes',
    '3',
    '--redis',
  )
  expect([code, out]).toEqual([3, ''])
  expect(said).toContain(
    'There is no redis-server on this machine. To get it: sudo apt-get install redis-server',
  )
})

it('says what is wrong when it cannot run', async () => {
  const { code, out, said } = await replay('no-such-log.jsonl')
  expect([code, out]).toEqual([3, ''])
  expect(said).toContain('no-such-log.jsonl')
})
