// npm run bench -- [name …] [--quick] [--json] [--save FILE] [--html FILE]: how fast and how small, against a peer or a limit that runs in
// the same minute. Absolute figures belong to the machine; the ratios are what counts. `--save` writes the report as JSON and keeps what
// the file has of other benchmarks, `--html` writes it as a page. Exits 1 when a bar does not hold.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pageOf } from './lib/html.mjs'
import { describeMachine } from './lib/machine.mjs'
import { holds, printRow } from './lib/report.mjs'

const { values: asked, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    save: { type: 'string' },
    html: { type: 'string' },
  },
})
const { quick, json } = asked

const names = readdirSync(new URL('rows/', import.meta.url))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort()
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark named ${unknown.join(', ')}. There are: ${names.join(', ')}.`)
  process.exit(2)
}

const machine = describeMachine()
if (!json) console.log(`${machine.text}\n`)

const report = []
for (const name of wanted.length > 0 ? wanted : names) {
  const { row } = await import(`./rows/${name}.mjs`)
  const results = await row.run({ quick })
  report.push({ name, about: row.about, results })
  if (!json) printRow(row, results)
}

/** Together with what the file has of benchmarks that did not run now. */
const joined = (file, rows) => {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : []
  const others = before.filter(({ name }) => names.includes(name) && !rows.some((row) => row.name === name))
  return [...others, ...rows].sort((a, b) => (a.name < b.name ? -1 : 1))
}

if (asked.save !== undefined) {
  const saved = { machine, quick, rows: joined(asked.save, report) }
  writeFileSync(asked.save, `${JSON.stringify(saved, null, 2)}\n`)
}
if (asked.html !== undefined) writeFileSync(asked.html, pageOf({ machine, rows: report }))

const all = report.flatMap(({ results }) => results)
const missed = all.filter((result) => holds(result) === false)
const skipped = all.filter((result) => result.skipped !== undefined)
if (json) console.log(JSON.stringify({ machine, quick, rows: report }, null, 2))
else
  console.log(
    `${all.filter(holds).length} bars hold, ${missed.length} do not, ${skipped.length} were not measured`,
  )
process.exit(missed.length > 0 ? 1 : 0)
