// npm run figures: writes what `npm run bench -- --save docs/performance.json` measured into README.md and docs/performance.md.
// With --check it writes nothing and exits 1 where they say something else.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { barsTable, between, fullTables, moonshotsTable } from '../bench/lib/table.mjs'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const report = JSON.parse(readFileSync(at('docs/performance.json'), 'utf8'))
const moonshots = JSON.parse(readFileSync(at('bench/moonshots.json'), 'utf8'))
const where = `On ${report.machine.cpu}, ${report.machine.cores} cores, Node ${report.machine.node}, ${report.machine.at.slice(0, 10)}.`

const wanted = [
  ['README.md', 'bars', barsTable(report)],
  ['docs/performance.md', 'moonshots', moonshotsTable(report, moonshots)],
  ['docs/performance.md', 'figures', `${where}\n\n${fullTables(report)}`],
]
const isCheck = process.argv.includes('--check')
let isSame = true
for (const [path, name, inner] of wanted) {
  const text = readFileSync(at(path), 'utf8')
  const written = between(text, name, inner)
  if (written === text) continue
  isSame = false
  if (isCheck) console.error(`${path} does not say what docs/performance.json says: npm run figures`)
  else writeFileSync(at(path), written)
}
process.exit(isCheck && !isSame ? 1 : 0)
