// The report of a run as one page without any other file: each result with a bar as a stroke on a logarithmic scale.
import { holds, short } from './report.mjs'

const escaped = (text) => String(text).replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`)

const WIDTH = 260
const DECADES = 2
/** Ratios from a hundredth to a hundred; what is beyond stands at the edge. */
const placeOf = (ratio) =>
  (WIDTH * (Math.min(DECADES, Math.max(-DECADES, Math.log10(ratio))) + DECADES)) / (2 * DECADES)

const TONES = new Map([
  [undefined, 'told'],
  [true, 'held'],
  [false, 'missed'],
])

const plotOf = (result) => {
  const { ratio, bar } = result
  if (ratio === undefined) return ''
  const at = placeOf(ratio)
  const one = placeOf(1)
  const limit = bar && placeOf(bar.min ?? bar.max)
  const mark = limit === undefined ? '' : `<line class="bar" x1="${limit}" x2="${limit}" y1="1" y2="17"/>`
  const stroke = `<rect class="${TONES.get(holds(result))}" x="${Math.min(at, one)}" y="5" width="${Math.max(1, Math.abs(at - one))}" height="8"/>`
  return `<svg width="${WIDTH}" height="18"><line class="one" x1="${one}" x2="${one}" y1="0" y2="18"/>${stroke}${mark}</svg>`
}

const wanted = ({ bar }) => {
  if (bar === undefined) return ''
  return bar.min === undefined ? `at most ${short(bar.max)}` : `at least ${short(bar.min)}`
}

const lineOf = (result) => {
  const { label, value, unit = '', ratio, skipped, note = '' } = result
  const cells =
    skipped === undefined
      ? [`${short(value)} ${unit}`, ratio === undefined ? '' : `${short(ratio)} ×`, wanted(result)]
      : [`not measured: ${skipped}`, '', '']
  const [figure, times, bar] = cells.map(escaped)
  return `<tr class="${holds(result) === false ? 'missed' : ''}"><td>${escaped(label)}<small>${escaped(note)}</small></td><td class="n">${figure}</td><td class="n">${times}</td><td>${bar}</td><td>${plotOf(result)}</td></tr>`
}

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .2rem}p{margin:.2rem 0 .6rem;color:#5a6473}table{border-collapse:collapse;width:100%}
td{padding:.25rem .6rem;border-top:1px solid #e6e9ee;vertical-align:middle}td:first-child{width:42%}td:nth-child(4){white-space:nowrap}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
small{display:block;color:#7a8494}.missed td:nth-child(3){color:#b3261e;font-weight:600}rect.told{fill:#a9b3c1}rect.held{fill:#2f7d5b}rect.missed{fill:#c4483f}
line.one{stroke:#c9cfd8}line.bar{stroke:#1d2430;stroke-dasharray:2 2}`

export const pageOf = ({ machine, rows }) => {
  const sections = rows.map(
    ({ name, about, results }) =>
      `<h2>${escaped(name)}</h2><p>${escaped(about)}</p><table>${results.map(lineOf).join('')}</table>`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>tidings: benchmarks</title><style>${STYLE}</style>
<h1>tidings: benchmarks</h1><p>${escaped(machine.text)}. Strokes are ratios on a logarithmic scale from 1/100 to 100, from the line at 1; a dashed line is a bar.</p>
${sections.join('\n')}</html>\n`
}
