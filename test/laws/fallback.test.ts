import { describe, it } from 'vitest'
import { createFallback } from '../../src/core/connection/fallback.js'
import { transportLaws } from '../../src/testing/laws/transport.js'
import { scriptedPeer } from '../../src/testing/laws/transport-peer.js'
import { createMemoryNetwork } from '../../src/testing/memory-network.js'
import { createTimeline } from '../../src/testing/timeline.js'

/** Lets attempts fail until the way is the one that is meant. */
const FAILED_OPENINGS = { 'the best way': 0, 'the other way': 2 }

describe.each(Object.entries(FAILED_OPENINGS))('a fallback that takes %s', (_, failedOpenings) => {
  for (const law of transportLaws)
    it(law.name, async () => {
      const timeline = createTimeline({ turns: 1 })
      const clock = timeline.clock()
      const network = createMemoryNetwork({ clock, latencyMs: 3 })
      const [direct, detour] = [network.link(), network.link()]
      for (const link of [direct, detour])
        network.listen(link === direct ? 'ws://here/' : 'ws://there/', ({ send, close }) => ({
          ...scriptedPeer({ send, close, drop: link.drop }),
          closed() {},
        }))
      const connects = [
        direct.connect,
        // The same address, to somebody else: so that it shows which way was taken.
        (url: string, events: Parameters<typeof detour.connect>[1]) =>
          detour.connect(url === 'ws://here/' ? 'ws://there/' : url, events),
      ]
      const connect = createFallback({ connects, clock })
      for (let i = 0; i < failedOpenings; i++) {
        connect('ws://nowhere/', { onOpen() {}, onText() {}, onClose() {} })
        await timeline.advance(100)
      }
      const pause = () => timeline.advance(7)
      await law.run({ connect, url: 'ws://here/', refusedUrl: 'ws://nowhere/', pause })
    })
})
