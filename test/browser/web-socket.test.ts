import { describe, inject, it } from 'vitest'
import { createWebSocketConnect } from '../../src/adapters/web-socket.js'
import { transportLaws } from '../../src/testing/laws/transport.js'

describe('WebSocket of a real browser', () => {
  const connect = createWebSocketConnect()
  const [url, refusedUrl] = [inject('scriptedUrl'), inject('refusedUrl')]
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  for (const law of transportLaws) it(law.name, () => law.run({ connect, url, refusedUrl, pause }))
})
