// Chat to fill rooms with: of the file that BENCH_CORPUS names (JSON lines of {kind: 'message', sender, text}, perhaps gzipped), or made up.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { chance } from './arrivals.mjs'

const words =
  'so the server does not find that file any more and I wonder whether somebody else has seen it with a newer kernel or is it just my mirror which is slow today'.split(
    ' ',
  )

/** Talk of 500 people: most say little, a few say much, 75 characters on average, as people in channels do. */
const madeUp = (count) => {
  const random = chance(17)
  const said = () =>
    Array.from(
      { length: 1 + Math.floor(random() * random() * 60) },
      () => words[Math.floor(random() * words.length)],
    )
  return Array.from({ length: count }, () => ({
    from: `user-${Math.floor(random() * 500)}`,
    text: said().join(' '),
  }))
}

const fromFile = (path, count) => {
  const bytes = readFileSync(path)
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split('\n')
  const messages = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'message')
  if (messages.length === 0) throw new Error('BENCH_CORPUS names a file without messages.')
  return Array.from({ length: count }, (_, i) => {
    const { sender, text } = messages[i % messages.length]
    return { from: sender, text }
  })
}

/** So many messages, {from, text}. */
export const chat = (count, path = process.env.BENCH_CORPUS) =>
  path === undefined || path === '' ? madeUp(count) : fromFile(path, count)
