import { child } from '../lib/apart.mjs'
import { withRedis } from '../lib/redis.mjs'
import { median } from '../lib/report.mjs'

const bars = { spread: { min: 0.7 }, hot: { min: 0.7 } }
const flight = 64
const unit = 'messages/s'

const cases = [
  { name: 'spread', rooms: flight, where: `${flight} rooms` },
  { name: 'hot', rooms: 1, where: 'one room' },
]

/** From a message to its acknowledgement by Redis, through the log of a server and by the function that it calls. */
export const row = {
  name: 'redis-publish',
  about: `publishes through the log on Redis, ${flight} on their way, against the bare FCALL with as many on its way`,
  bars,
  run: ({ quick }) =>
    withRedis(async (url) => {
      const count = 2_000
      const results = []
      for (const { name, rooms, where } of cases) {
        const rates = await child('redis-publish', [url, count, flight, rooms, quick ? 5 : 25])
        // By round: whoever else took the machine in one took it from both.
        const against = (which) => ({
          value: median(rates[which]),
          unit,
          ratio: median(rates[which].map((rate, round) => rate / rates.bare[round])),
        })
        results.push(
          { label: `limit: the bare FCALL, ${where}`, value: median(rates.bare), unit },
          { label: `tidings, ${where}`, ...against('log'), bar: bars[name] },
          { label: `tidings, ${where} in which somebody is`, ...against('heard') },
        )
      }
      return results
    }),
}
