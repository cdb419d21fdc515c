import { afterAll, beforeAll, describe, it } from 'vitest'
import { WebSocket } from 'ws'
import { createWebSocketConnect } from '../../src/adapters/web-socket.js'
import { transportLaws } from '../../src/testing/laws/transport.js'
import { type ScriptedServer, startScriptedServer } from '../browser/setup/scripted-server.js'

describe('WebSocket of the ws package', () => {
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScriptedServer()
  })
  afterAll(() => server.close())
  const connect = createWebSocketConnect({ WebSocket })
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  for (const law of transportLaws)
    it(law.name, () => law.run({ connect, url: server.url, refusedUrl: server.refusedUrl, pause }))
})
