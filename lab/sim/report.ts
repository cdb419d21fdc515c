import { type Chronicle, DEPTH_EVERY_MS } from './chronicle.js'
import type { Night } from './many.js'
import { band, bars, histogram, markup } from './plots.js'

const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf8; --ink: #23211d; --faint: #6f6a61; --line: #e3dfd7; --bar: #3b6ea5; --wash: #3b6ea533 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1a1917; --ink: #ece8e1; --faint: #a09a8f; --line: #36332e; --bar: #7fb0e6; --wash: #7fb0e633 }
}
body { margin: 0 auto; max-width: 760px; padding: 32px 20px 64px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 4px } h2 { font-size: 1.1rem; margin: 40px 0 4px }
p { margin: 0 0 12px; color: var(--faint) }
.verdict { color: var(--ink); font-weight: 600 } .broken { color: #d64545; white-space: pre-wrap }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 20px 0 }
dt { color: var(--faint); font-size: 0.85rem } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif }
svg text { fill: var(--ink) } svg rect { fill: var(--bar) } svg line { stroke: var(--line) }
svg polygon { fill: var(--wash) } svg polyline { fill: none; stroke: var(--bar); stroke-width: 2 }
`

const count = (value: number): string => Math.round(value).toLocaleString('en')
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0)

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? 0

/** Steps in which times are counted, s. */
const STEP_S = 2

function figures({ chronicle, hash }: Night): string {
  const { clientHours, steps, written, faults } = chronicle
  const rows = [
    ['client-hours', count(clientHours)],
    ['faults', count(sum(faults))],
    ['messages', count(written)],
    ['steps looked at', count(steps)],
    ['trace', hash],
  ]
  return `<dl>${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

const depthsOf = ({ depths }: Chronicle) =>
  depths.map((all, i) => {
    const sorted = [...all].sort((a, b) => a - b)
    return {
      at: ((i + 0.5) * DEPTH_EVERY_MS) / 60_000,
      middle: quantile(sorted, 0.5),
      high: quantile(sorted, 0.95),
    }
  })

/** What a run came to, as one page that needs nothing else. */
export function pageOf(night: Night): string {
  const { chronicle, broken } = night
  const { faults, branches, convergedMs } = chronicle
  const verdict =
    broken.length === 0
      ? '<p class="verdict">Every promise held.</p>'
      : `<p class="broken">${broken.map(markup).join('\n')}</p>`
  const section = (title: string, words: string, plot: string) => `<h2>${title}</h2><p>${words}</p>${plot}`
  const times = convergedMs.map((ms) => ms / 1_000)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>tidings: what a simulation came to</title><style>${STYLE}</style></head><body>
<h1>What a simulation came to</h1>
<p>Clients, a server and everything that can break, on virtual time.</p>
${verdict}${figures(night)}
${section('Time to agree', 'From the end of a storm until everybody is connected, nothing waits, and every room is followed. At most 90 s are allowed.', histogram('Time to agree', times, STEP_S, { x: 'seconds', y: 'storms' }))}
${section('What waits', 'Operations in all outboxes together while a storm lasts, over all storms.', band('What waits', depthsOf(chronicle), { x: 'minutes', y: 'operations' }))}
${section('Faults', 'How often each kind struck.', bars('Faults by kind', faults))}
${section('Rare branches', 'How often each came to pass; lengths are logarithms.', bars('Rare branches', branches, true))}
</body></html>
`
}
