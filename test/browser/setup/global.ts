import type { TestProject } from 'vitest/node'
import { simulate } from '../../../lab/sim/run.js'
import { startChatServer } from './chat-server.js'
import { startScriptedHttp } from './scripted-http.js'
import { startScriptedServer } from './scripted-server.js'
import { SHORT } from './short-sim.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the script of the transport laws answers. */
    readonly scriptedUrl: string
    /** The same over HTTP. */
    readonly scriptedHttpUrl: string
    /** Where nobody listens. */
    readonly refusedUrl: string
    /** Where a real server takes clients. */
    readonly chatUrl: string
    /** Where `?user=` gives a token for it. */
    readonly tokensUrl: string
    /** The hash of the trace of a short simulation, as Node plays it. */
    readonly simHash: string
  }
}

/** Runs once before the tests in browsers; what it returns runs after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startScriptedServer()
  const http = await startScriptedHttp()
  project.provide('scriptedUrl', server.url)
  project.provide('scriptedHttpUrl', http.url)
  project.provide('refusedUrl', server.refusedUrl)
  project.provide('simHash', (await simulate(SHORT)).hash)
  const chat = await startChatServer()
  project.provide('chatUrl', chat.url)
  project.provide('tokensUrl', chat.tokens)
  return async () => {
    await chat.close()
    await server.close()
    await http.close()
  }
}
