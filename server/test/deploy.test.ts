import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { HELP } from '../src/command-line.js'
import { createMetrics } from '../src/operating/metrics.js'

const folder = join(import.meta.dirname, '../../examples/deploy')
const fileOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
/** The flags that a text gives the server. */
const flagsIn = (text: string): readonly string[] =>
  (
    text.match(
      /(?<=[\s"'])--(?:host|port|data|log|origin|secret-file|collections|static|redis)(?=[\s"'])/g,
    ) ?? []
  ).map((flag) => flag.slice(2))

describe('the Dockerfile', () => {
  it('is one, holds no secret, and runs as nobody who may do anything', () => {
    const text = fileOf('Dockerfile')
    expect(validate(text)).toEqual([])
    expect(text).not.toMatch(/^(ENV|ARG) .*(SECRET|TOKEN)/m)
    expect(text).toMatch(/^USER node$/m)
  })
})

describe('the compose file', () => {
  it('S167: starts nothing without a secret of yours', () => {
    const { services } = parse(fileOf('compose.yaml'))
    const { environment, ports, build } = services.tidings
    expect(environment.TIDINGS_SECRET).toMatch(/^\$\{TIDINGS_SECRET:\?.+\}$/)
    expect(environment.TIDINGS_METRICS_TOKEN).toMatch(/^\$\{TIDINGS_METRICS_TOKEN:\?.+\}$/)
    expect(ports).toEqual(['127.0.0.1:8787:8787'])
    expect(join(folder, build.context, build.dockerfile)).toBe(join(folder, 'Dockerfile'))
  })
})

describe('the files beside them', () => {
  it.each(['Dockerfile', 'compose.yaml', 'tidings.service'])(
    '%s gives the server no flag that it does not know',
    (name) => {
      const flags = flagsIn(fileOf(name))
      expect(flags.length).toBeGreaterThan(0)
      for (const flag of flags) expect(HELP).toContain(`  --${flag} `)
    },
  )

  it('ask for numbers that there are, and show each of them', async () => {
    const { text } = createMetrics(() => 0)
    // A counter keeps its name as it is, a histogram is asked for its buckets.
    const names = [...(await text()).matchAll(/^# TYPE (tidings_\w+) (\w+)$/gm)].map(([, name, type]) =>
      type === 'histogram' ? `${name}_bucket` : name,
    )
    const asked = new Set(fileOf('grafana.json').match(/tidings_\w+/g))
    const { panels } = JSON.parse(fileOf('grafana.json'))
    expect(panels.length).toBeGreaterThan(8)
    for (const name of asked) expect(names).toContain(name)
    // What was opened has ended or is there; how many pages there were is in how long they took.
    const told = ['tidings_connections_opened_total', 'tidings_pages_total']
    for (const name of names) if (!told.includes(String(name))) expect([...asked]).toContain(name)
  })

  it('give the scraper its own token, and keep the numbers from the world', () => {
    const [job] = parse(fileOf('prometheus.yml')).scrape_configs
    expect(job.authorization).toEqual({ credentials_file: '/etc/prometheus/tidings-token' })
    expect(fileOf('nginx.conf')).toContain('location = /metrics { return 404; }')
  })
})
