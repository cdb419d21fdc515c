import type { TestProject } from 'vitest/node'
import { startChatServer } from './chat-server.js'
import { startScriptedServer } from './scripted-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the script of the transport laws answers. */
    readonly scriptedUrl: string
    /** Where nobody listens. */
    readonly refusedUrl: string
    /** Where a real server takes clients. */
    readonly chatUrl: string
    /** Where `?user=` gives a token for it. */
    readonly tokensUrl: string
  }
}

/** Runs once before the tests in browsers; what it returns runs after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startScriptedServer()
  project.provide('scriptedUrl', server.url)
  project.provide('refusedUrl', server.refusedUrl)
  const chat = await startChatServer()
  project.provide('chatUrl', chat.url)
  project.provide('tokensUrl', chat.tokens)
  return async () => {
    await chat.close()
    await server.close()
  }
}
