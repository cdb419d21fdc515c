import { describe, it } from 'vitest'
import { transportLaws } from '../../src/testing/laws/transport.js'
import { scriptedPeer } from '../../src/testing/laws/transport-peer.js'
import { createMemoryNetwork } from '../../src/testing/memory-network.js'
import { createSeededRandom } from '../../src/testing/seeded-random.js'
import { createTimeline } from '../../src/testing/timeline.js'

describe.each([0, 20])('the network in memory, %i ms away', (latencyMs) => {
  for (const law of transportLaws)
    it(law.name, async () => {
      const timeline = createTimeline({ turns: 1 })
      const network = createMemoryNetwork({
        clock: timeline.clock(),
        random: createSeededRandom(1),
        latencyMs,
      })
      const link = network.link()
      network.listen('ws://here/', ({ send, close }) => ({
        ...scriptedPeer({ send, close, drop: link.drop }),
        closed() {},
      }))
      const pause = () => timeline.advance(7)
      await law.run({ connect: link.connect, url: 'ws://here/', refusedUrl: 'ws://nowhere/', pause })
    })
})
