import type { TestProject } from 'vitest/node'
import { startScriptedServer } from './scripted-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the script of the transport laws answers. */
    readonly scriptedUrl: string
    /** Where nobody listens. */
    readonly refusedUrl: string
  }
}

/** Runs once before the tests in browsers; what it returns runs after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startScriptedServer()
  project.provide('scriptedUrl', server.url)
  project.provide('refusedUrl', server.refusedUrl)
  return () => server.close()
}
