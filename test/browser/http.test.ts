import { describe, inject, it } from 'vitest'
import { createHttpConnect } from '../../src/adapters/http/http.js'
import { transportLaws } from '../../src/testing/laws/transport.js'
import { GREETING, quoted } from '../laws/quoted.js'

describe('HTTP of a real browser, against the connections of the real server', () => {
  const connect = quoted(createHttpConnect())
  const [url, refusedUrl] = [inject('scriptedHttpUrl'), inject('refusedUrl')]
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  for (const law of transportLaws)
    it(law.name, () => law.run({ connect, url, refusedUrl, pause, greeting: GREETING }))
})
