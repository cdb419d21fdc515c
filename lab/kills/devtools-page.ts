import type { Devtools } from './devtools.js'

/** A page of a browser, by its developer tools alone: nobody reads along with what it sends and receives. */
export interface DevtoolsPage {
  /** Asks the page's developer tools. */
  send(method: string, params?: object): Promise<object>
  /** Goes to the address; resolves once what stands there is loaded. */
  go(url: string): Promise<void>
  /** Runs an expression in the page; resolves with what it gives, promises awaited. Rejects with what the page threw. */
  evaluate(expression: string): Promise<unknown>
}

/** Opens an empty page. */
export async function openDevtoolsPage(devtools: Devtools): Promise<DevtoolsPage> {
  const text = (object: object, key: string): string => String(Reflect.get(object, key))
  const targetId = text(await devtools.send('Target.createTarget', { url: 'about:blank' }), 'targetId')
  const attached = await devtools.send('Target.attachToTarget', { targetId, flatten: true })
  const session = text(attached, 'sessionId')
  const send = (method: string, params?: object) => devtools.send(method, params, session)
  await send('Runtime.enable')
  await send('Page.enable')
  return {
    send,
    async go(url) {
      const loaded = new Promise<void>((resolve) => devtools.on('Page.loadEventFired', () => resolve()))
      await send('Page.navigate', { url })
      await loaded
    },
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
      const thrown: unknown = Reflect.get(answer, 'exceptionDetails')
      if (thrown !== undefined) throw new Error(`The page threw: ${JSON.stringify(thrown)}`)
      return Reflect.get(Object(Reflect.get(answer, 'result')), 'value')
    },
  }
}
