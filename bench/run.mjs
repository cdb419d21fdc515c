// npm run bench [name …] [--quick] [--json]: how fast and how small, against a peer or a limit that runs in the same minute.
// Absolute figures belong to the machine; the ratios are what counts. Exits 1 when a bar does not hold.
import { readdirSync } from 'node:fs'
import { describeMachine } from './lib/machine.mjs'
import { holds, printRow } from './lib/report.mjs'

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const json = args.includes('--json')
const wanted = args.filter((arg) => !arg.startsWith('--'))

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

const all = report.flatMap(({ results }) => results)
const missed = all.filter((result) => holds(result) === false)
const skipped = all.filter((result) => result.skipped !== undefined)
if (json) console.log(JSON.stringify({ machine, quick, rows: report }, null, 2))
else
  console.log(
    `${all.filter(holds).length} bars hold, ${missed.length} do not, ${skipped.length} were not measured`,
  )
process.exit(missed.length > 0 ? 1 : 0)
