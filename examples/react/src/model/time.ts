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
