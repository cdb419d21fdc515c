// Made-up messages and the orders in which they arrive. The same seed gives the same, so that every contender eats the same.

/** Chance that repeats (mulberry32, public domain). */
export const chance = (seed) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'
const text = (random, length) => {
  let made = ''
  for (let i = 0; i < length; i++) made += letters[Math.floor(random() * 64)]
  return made
}

/** Messages of 500 authors as a page carries them, in stamp order, as JSON: parsed anew for each run, as if they had just arrived. */
export const messagesText = (count, formatStamp) => {
  const random = chance(7)
  const bodies = Array.from({ length: 64 }, () => text(random, 90))
  const nodes = Array.from({ length: 500 }, () => text(random, 11))
  const made = Array.from({ length: count }, (_, i) => ({
    seq: i + 1,
    messageId: text(random, 21),
    id: text(random, 21),
    from: `user-${Math.floor(random() * 500)}`,
    stamp: formatStamp(1_900_000_000_000 + i * 7, i & 15, nodes[Math.floor(random() * 500)]),
    ts: 1_900_000_000_000 + i * 7 + 40,
    kind: 'create',
    body: { text: bodies[i & 63] },
    version: 1,
  }))
  return JSON.stringify(made)
}

const placed = (random, order) => {
  const arrivals = order.flatMap((item, i) =>
    random() < 0.02
      ? [
          [i, item],
          [i + random() * 50, item],
        ]
      : [[i, item]],
  )
  return arrivals.sort((a, b) => a[0] - b[0]).map(([, item]) => item)
}

const shuffle = (random, items) => {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = order[i]
    order[i] = order[j]
    order[j] = held
  }
  return order
}

/** 5 % up to 50 places late (`late`), in order, in no order (`random`) or backwards; 2 % come twice, the second time up to 50 places later. */
export const arrivals = (items, pattern) => {
  const random = chance(11)
  if (pattern === 'order') return placed(random, items)
  if (pattern === 'reverse') return placed(random, [...items].reverse())
  if (pattern === 'random') return placed(random, shuffle(random, items))
  const late = items.map((item, i) => [random() < 0.05 ? i + 1 + random() * 50 : i, item])
  return placed(
    random,
    late.sort((a, b) => a[0] - b[0]).map(([, item]) => item),
  )
}
