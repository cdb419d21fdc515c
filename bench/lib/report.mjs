// A result is {label, value, unit, ratio?, bar?: {min} or {max}} or {label, skipped: why}.

/** True or false where a bar stands, undefined where none does or nothing was measured. */
export const holds = ({ ratio, bar }) => {
  if (bar === undefined || ratio === undefined) return undefined
  return (bar.min === undefined || ratio >= bar.min) && (bar.max === undefined || ratio <= bar.max)
}

/** A figure in three digits or so. */
export const short = (value) => {
  if (value === undefined) return ''
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}

const verdict = (result) => {
  if (result.skipped !== undefined) return `not measured: ${result.skipped}`
  const { bar, ratio } = result
  if (ratio === undefined) return ''
  const times = `${short(ratio)} x`
  if (bar === undefined) return times
  const wanted = bar.min === undefined ? `at most ${bar.max}` : `at least ${bar.min}`
  return `${times} (${wanted})${holds(result) ? '' : '   BAR MISSED'}`
}

export const printRow = (row, results) => {
  console.log(`${row.name}: ${row.about}`)
  for (const result of results)
    console.log(
      `  ${result.label.padEnd(58)} ${`${short(result.value)} ${result.unit ?? ''}`.padStart(16)}   ${verdict(result)}`,
    )
  console.log('')
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
