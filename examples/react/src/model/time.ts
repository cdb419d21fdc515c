const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dayOfWeek = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'long' })
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

const midnightOf = (at: number) => new Date(at).setHours(0, 0, 0, 0)
/** Rounded, because a day in which clocks change has 23 or 25 hours. */
const daysBetween = (from: number, to: number) =>
  Math.round((midnightOf(to) - midnightOf(from)) / (24 * 60 * 60_000))

export const clockTime = (at: number): string => hourAndMinute.format(at)
export const exactTime = (at: number): string => exact.format(at)
export const isSameDay = (a: number, b: number): boolean => midnightOf(a) === midnightOf(b)

/** A day as people name it, seen from `now`. */
export const dayName = (at: number, now: number): string => {
  const days = daysBetween(at, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days > 1 && days < 7) return dayOfWeek.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear()
    ? dayOfYear.format(at)
    : fullDay.format(at)
}

/** The time for a list of rooms: short, and exact enough. */
export const shortTime = (at: number, now: number): string =>
  isSameDay(at, now) ? clockTime(at) : dayName(at, now)

/** A moment relative to a day: the time alone on the same day, else the day with it. */
export const timeSeenFrom = (at: number, other: number, now: number): string =>
  isSameDay(at, other) ? clockTime(at) : `${dayName(at, now)}, ${clockTime(at)}`

const two = (number: number) => String(number).padStart(2, '0')

/** A day as a date field has it: year, month, day, in the time zone of the reader. */
export const inputDay = (at: number): string => {
  const day = new Date(at)
  return `${String(day.getFullYear()).padStart(4, '0')}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** When a day of a date field begins for the reader; null for what is no day. */
export const dayOf = (text: string): number | null => {
  const [year, month, day] = text.split('-').map(Number)
  if (year === undefined || month === undefined || day === undefined) return null
  const at = new Date(year, month - 1, day).getTime()
  return Number.isNaN(at) ? null : at
}

/** When the day began that lies so many days before now. */
export const daysAgo = (days: number, now: number): number => {
  const day = new Date(now)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - days).getTime()
}
