import { afterAll, beforeAll, describe, it } from 'vitest'
import { createHttpConnect } from '../../src/adapters/http/http.js'
import { transportLaws } from '../../src/testing/laws/transport.js'
import { startScriptedHttp } from '../browser/setup/scripted-http.js'
import type { ScriptedServer } from '../browser/setup/scripted-server.js'
import { GREETING, quoted } from './quoted.js'

describe('HTTP, against the connections of the real server', () => {
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScriptedHttp()
  })
  afterAll(() => server.close())
  const connect = quoted(createHttpConnect())
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  for (const law of transportLaws)
    it(law.name, () => {
      const { url, refusedUrl } = server
      return law.run({ connect, url, refusedUrl, pause, greeting: GREETING })
    })
})
