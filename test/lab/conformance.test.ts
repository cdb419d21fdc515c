import { readFileSync } from 'node:fs'
import { createEmbeddedServer, type EmbeddedServer } from 'tidings-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { report } from '../../lab/conformance/report.js'
import { conform } from '../../lab/conformance/run.js'
import type { Target } from '../../lab/conformance/stage.js'
import { chapters } from '../../lab/conformance/suite.js'
import { planted } from './defects.js'
import { type Defect, startFaulty } from './faulty-server.js'

/** Patience with servers that leave something out: what does not come within it never comes. */
const BRIEF_MS = 1_500
/** Patience where everything comes sooner or later: a machine may be busy. */
const LONG_MS = 20_000

let server: EmbeddedServer
let target: Target
beforeAll(async () => {
  server = await createEmbeddedServer({ dev: true, limits: { rate: null } })
  const account = async (user: string) => ({ user, token: await server.token(user) })
  const accounts = [await account('alice'), await account('bob'), await account('carol')] as const
  target = { url: server.url, over: 'websocket', patienceMs: LONG_MS, prefix: 'conformance-', accounts }
})
afterAll(() => server.close())

const cases = Object.values(chapters).flat()

describe('the conformance kit', () => {
  it('has at least 150 cases, each with a name of its own', () => {
    const names = Object.entries(chapters).flatMap(([chapter, of]) =>
      of.map(({ name }) => `${chapter}: ${name}`),
    )
    expect(names).toEqual([...new Set(names)])
    expect(names.length).toBeGreaterThanOrEqual(150)
  })

  it('points to sentences that are written', () => {
    const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
    const sections = new Map(
      text.split(/^#+ /m).map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
    )
    for (const { name, says } of cases) {
      const [, title = '', number = ''] = /^(.+) (\d+)$/.exec(says) ?? []
      expect([name, says, sections.get(title)?.includes(`<sup>${number}</sup>`)]).toEqual([name, says, true])
    }
  })

  it('finds nothing wrong with the reference server, over a real socket', { timeout: 120_000 }, async () => {
    const verdicts = await conform(target)
    expect(report(verdicts.filter(({ fault }) => fault !== undefined))).toBe('\n0 passed, 0 failed')
    expect(verdicts).toHaveLength(cases.length)
  })

  it('finds nothing wrong with it over HTTP either', { timeout: 120_000 }, async () => {
    const over = { ...target, over: 'http', prefix: 'over-http-' } as const
    const verdicts = await conform(over, { lanes: 30 })
    expect(report(verdicts.filter(({ fault }) => fault !== undefined))).toBe('\n0 passed, 0 failed')
    expect(verdicts).toHaveLength(cases.filter(({ only }) => only === undefined).length)
  })
})

const judged = async (plant: () => Defect, patienceMs: number, only?: readonly string[]) => {
  const faulty = await startFaulty(server.url, plant)
  try {
    return await conform(
      { ...target, url: faulty.url, prefix: `${faulty.url}-`, patienceMs },
      { ...(only && { only }), lanes: 30 },
    )
  } finally {
    await faulty.close()
  }
}

describe('behind somebody who changes nothing, the conformance kit', () => {
  it('finds nothing, too', { timeout: 120_000 }, async () => {
    const verdicts = await judged(() => ({}), LONG_MS)
    expect(verdicts.filter(({ fault }) => fault !== undefined)).toEqual([])
  })
})

describe.concurrent('behind somebody who changes what is said, the conformance kit', () => {
  it.for(planted)(
    'finds a server that $name',
    { timeout: 120_000 },
    async ({ chapter, plant }, { expect }) => {
      const verdicts = await judged(plant, BRIEF_MS, [chapter])
      expect(verdicts.filter(({ fault }) => fault !== undefined)).not.toEqual([])
      // It finds what is wrong, not that everything is.
      expect(verdicts.filter(({ fault }) => fault === undefined)).not.toEqual([])
    },
  )
})
