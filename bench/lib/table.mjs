// The report of a run as tables of Markdown: what README and docs/performance.md show.
import { holds, short } from './report.mjs'

const times = (ratio) => (ratio === undefined ? '' : `${short(ratio)} ×`)

const barText = (result) => {
  const { bar } = result
  if (bar === undefined) return ''
  const wanted = bar.min === undefined ? `≤ ${short(bar.max)}` : `≥ ${short(bar.min)}`
  return holds(result) ? wanted : `${wanted}, **missed**`
}

const lineOf = (cells) => `| ${cells.join(' | ')} |`

/** Budgets of single exports: docs/performance.md has them. */
const isBudget = ({ label }) => label.endsWith(', alone')

/** One line a benchmark: its results that have a bar, and whether they hold. */
export const barsTable = ({ rows }) => {
  const lines = rows.flatMap(({ name, about, results }) => {
    const told = results.filter((result) => holds(result) !== undefined && !isBudget(result))
    if (told.length === 0) return []
    const figures = told.map(
      (result) => `${result.label.trim()}: ${times(result.ratio)} (${barText(result)})`,
    )
    return [lineOf([about, figures.join('<br>'), `\`npm run bench ${name}\``])]
  })
  return ['| what, against what | ratio (bar) | command |', '|---|---|---|', ...lines].join('\n')
}

/** What was hoped for beyond the bars, and whether it was reached. A wish that names nothing that was measured is a mistake. */
export const moonshotsTable = ({ rows }, moonshots) => {
  const lines = moonshots.map(({ row, after, label, what, ...wish }) => {
    const results = rows.find(({ name }) => name === row)?.results ?? []
    const from = after === undefined ? 0 : results.findIndex((result) => result.label === after)
    const found = from < 0 ? undefined : results.slice(from).find((result) => result.label === label)
    if (found?.ratio === undefined) throw new Error(`${row} has not measured: ${label}`)
    const wanted = wish.min === undefined ? `≤ ${short(wish.max)}` : `≥ ${short(wish.min)}`
    const isReached = holds({ ratio: found.ratio, bar: wish })
    return lineOf([what, wanted, times(found.ratio), isReached ? 'reached' : ''])
  })
  return ['| what | wanted | ratio | |', '|---|---|---|---|', ...lines].join('\n')
}

/** Everything that was measured, a table for each benchmark. */
export const fullTables = ({ rows }) =>
  rows
    .map(({ name, about, results }) => {
      const lines = results.map((result) => {
        const value = result.skipped === undefined ? `${short(result.value)} ${result.unit ?? ''}`.trim() : ''
        const note = result.skipped === undefined ? (result.note ?? '') : `not measured: ${result.skipped}`
        return lineOf([result.label, value, times(result.ratio), barText(result), note])
      })
      const head = ['| | | ratio | bar | |', '|---|---|---|---|---|']
      return [`### ${name}`, '', `${about}. \`npm run bench ${name}\``, '', ...head, ...lines].join('\n')
    })
    .join('\n\n')

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
export const between = (text, name, inner) => {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = text.indexOf(open)
  const upTo = text.indexOf(close)
  if (from < 0 || upTo < from) throw new Error(`There is no place for ${name}.`)
  return `${text.slice(0, from + open.length)}\n${inner}\n${text.slice(upTo)}`
}
