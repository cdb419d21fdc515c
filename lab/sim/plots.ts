/** Plots as inline SVG: no script, colours by the page's variables, so that light and dark look right. */

/** Words as HTML. */
export const markup = (words: string): string =>
  words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const short = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })

const WIDTH = 720

const svg = (height: number, label: string, body: string): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${markup(label)}">${body}</svg>`

const text = (x: number, y: number, words: string, anchor: 'start' | 'end' | 'middle' = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${markup(words)}</text>`

const ROW = 20
const NAMES = 200

/** A bar for each count, the largest first. With `log`, lengths are logarithms: one beside a million is seen as well. */
export function bars(label: string, counts: ReadonlyMap<string, number>, log = false): string {
  const rows = [...counts].sort(([, a], [, b]) => b - a)
  const size = (value: number) => (log ? Math.log10(value + 1) : value)
  const most = Math.max(...rows.map(([, value]) => size(value)), 1)
  const span = WIDTH - NAMES - 90
  const drawn = rows.map(([name, value], i) => {
    const y = i * ROW
    const wide = Math.max(1, (size(value) / most) * span)
    return `${text(NAMES - 8, y + 14, name, 'end')}<rect x="${NAMES}" y="${y + 4}" width="${wide.toFixed(1)}" height="12" rx="2"/>${text(NAMES + wide + 8, y + 14, short(value))}`
  })
  return svg(rows.length * ROW + 4, label, drawn.join(''))
}

/** Where a plot with axes is drawn. */
const BOX = { left: 56, right: WIDTH - 16, top: 26, bottom: 250, height: 284 }

/** Round numbers from 0 to at least `most`, about five of them. */
function ticks(most: number): readonly number[] {
  const rough = Math.max(most, 1) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? rough
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, i) => i * step)
}

interface Axes {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly drawn: string
}

function axes(mostX: number, mostY: number, words: { readonly x: string; readonly y: string }): Axes {
  const [along, up] = [ticks(mostX), ticks(mostY)]
  const [wide, high] = [along.at(-1) ?? 1, up.at(-1) ?? 1]
  const x = (value: number) => BOX.left + (value / wide) * (BOX.right - BOX.left)
  const y = (value: number) => BOX.bottom - (value / high) * (BOX.bottom - BOX.top)
  const lines = up.map(
    (value) =>
      `<line x1="${BOX.left}" x2="${BOX.right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>${text(BOX.left - 8, y(value) + 4, short(value), 'end')}`,
  )
  const marks = along.map((value) => text(x(value), BOX.bottom + 18, short(value), 'middle'))
  const titles = [text(BOX.right, BOX.height - 4, words.x, 'end'), text(0, 12, words.y)]
  return { x, y, drawn: [...lines, ...marks, ...titles].join('') }
}

/** How often values fall into steps of one width. */
export function histogram(
  label: string,
  values: readonly number[],
  width: number,
  words: { readonly x: string; readonly y: string },
): string {
  const bins: number[] = []
  for (const value of values) {
    const at = Math.max(0, Math.ceil(value / width) - 1)
    while (bins.length <= at) bins.push(0)
    bins[at] = (bins[at] ?? 0) + 1
  }
  const { x, y, drawn } = axes(bins.length * width, Math.max(...bins, 1), words)
  const columns = bins.map((count, i) => {
    const [from, to] = [x(i * width), x((i + 1) * width)]
    return count === 0
      ? ''
      : `<rect x="${(from + 1).toFixed(1)}" y="${y(count).toFixed(1)}" width="${(to - from - 2).toFixed(1)}" height="${(BOX.bottom - y(count)).toFixed(1)}" rx="2"/>`
  })
  return svg(BOX.height, label, drawn + columns.join(''))
}

/** A line over time, with the band below which most of it lies. */
export function band(
  label: string,
  points: readonly { readonly at: number; readonly middle: number; readonly high: number }[],
  words: { readonly x: string; readonly y: string },
): string {
  const { x, y, drawn } = axes(
    Math.max(...points.map(({ at }) => at), 1),
    Math.max(...points.map(({ high }) => high), 1),
    words,
  )
  const along = (of: 'middle' | 'high') =>
    points.map((point) => `${x(point.at).toFixed(1)},${y(point[of]).toFixed(1)}`)
  const floor = `${BOX.right},${BOX.bottom} ${BOX.left},${BOX.bottom}`
  const [last] = points.slice(-1)
  const named = last
    ? text(x(last.at) - 4, y(last.high) - 6, '95 of 100', 'end') +
      text(x(last.at) - 4, y(last.middle) - 6, 'half', 'end')
    : ''
  return svg(
    BOX.height,
    label,
    `${drawn}<polygon points="${along('high').join(' ')} ${points.length > 0 ? `${x(last?.at ?? 0).toFixed(1)},${BOX.bottom} ${BOX.left},${BOX.bottom}` : floor}"/><polyline points="${along('middle').join(' ')}"/>${named}`,
  )
}
