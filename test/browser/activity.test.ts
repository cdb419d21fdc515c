import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { server, userEvent } from 'vitest/browser'
import { createBrowserLifecycle } from '../../src/adapters/browser-lifecycle.js'
import { createMemoryStorage } from '../../src/adapters/memory.js'
import { idle } from '../../src/core/people/idle.js'
import { createClient } from '../../src/create-client.js'
import { createPuppetLifecycle } from '../../src/testing/lifecycle.js'

let stop = () => {}
let field: HTMLTextAreaElement
let panel: HTMLElement
beforeEach(() => {
  field = document.createElement('textarea')
  panel = document.createElement('section')
  panel.style.cssText = 'height: 100px; width: 300px; overflow: auto; position: relative'
  panel.innerHTML = '<div style="height: 1000px">much</div>'
  document.body.append(field, panel)
})
afterEach(() => {
  stop()
  field.remove()
  panel.remove()
})

/** Listens from now on: what was said before is kept apart by a new listener. */
function listen(): string[] {
  stop()
  const heard: string[] = []
  stop = createBrowserLifecycle().listen((signal) => {
    if (signal === 'active') heard.push(signal)
  })
  return heard
}

/** The pointer moves, at a time of the test's choice. */
function moveTo(screenX: number, ms: number): void {
  const event = new PointerEvent('pointermove', { bubbles: true, screenX, screenY: 7 })
  Object.defineProperty(event, 'timeStamp', { value: ms })
  panel.dispatchEvent(event)
}

// The driver of Firefox does not always find the frame that tests run in, and WebKitGTK has none: what a page is told is tried there without.
const canPoint = server.browser === 'chromium'

/** A key is pressed: by the browser itself, or by the event that it sends to the page. */
async function press(): Promise<void> {
  if (canPoint) await userEvent.keyboard('h')
  else field.dispatchEvent(new KeyboardEvent('keydown', { key: 'h', bubbles: true }))
}

describe('a person before a real page', () => {
  it('is heard by key', async () => {
    field.focus()
    const heard = listen()
    await press()
    expect(heard).toEqual(['active'])
  })

  if (canPoint)
    it('is heard by pointer, button and wheel', async () => {
      const byPointer = listen()
      await userEvent.hover(panel)
      expect(byPointer).toEqual(['active'])
      const byButton = listen()
      await userEvent.click(panel)
      expect(byButton).toEqual(['active'])
      const byWheel = listen()
      await userEvent.wheel(panel, { direction: 'down' })
      await expect.poll(() => byWheel).toContain('active')
    })

  it('is heard by whatever reaches the page: touch, and text that came without keys, too', () => {
    for (const event of [
      new PointerEvent('pointermove', { bubbles: true }),
      new PointerEvent('pointerdown', { bubbles: true }),
      new WheelEvent('wheel', { bubbles: true }),
      new Event('touchstart', { bubbles: true }),
      new Event('touchmove', { bubbles: true }),
      new InputEvent('input', { bubbles: true }),
    ]) {
      const heard = listen()
      field.dispatchEvent(event)
      expect(heard).toEqual(['active'])
    }
  })

  it('is heard though the page stops its events, and holds up no scrolling', () => {
    const heard = listen()
    panel.addEventListener('wheel', (event) => event.stopImmediatePropagation(), { capture: true })
    const wheel = new WheelEvent('wheel', { bubbles: true, cancelable: true })
    panel.dispatchEvent(wheel)
    expect([heard, wheel.defaultPrevented]).toEqual([['active'], false])
  })

  it('is heard once a second at most', () => {
    const heard = listen()
    for (const ms of [0, 1, 500, 999, 1_000, 1_999]) moveTo(ms, ms)
    expect(heard).toHaveLength(2)
  })

  it('is not taken for a page that moves under a pointer at rest', () => {
    const heard = listen()
    for (const ms of [0, 10_000, 20_000]) moveTo(5, ms)
    expect(heard).toHaveLength(1)
    moveTo(6, 30_000)
    expect(heard).toHaveLength(2)
  })
})

describe('idle in a real browser', () => {
  it('S41: two tabs hear of each other through the storage that they share', async () => {
    const user = `alice-${crypto.randomUUID()}`
    const tabs = [1, 2].map(() => {
      const lifecycle = createPuppetLifecycle()
      const client = createClient({ url: 'ws://localhost:1/v1/ws', user, token: () => user, lifecycle })
      const here = idle(client, { afterMs: 1_000, warnMs: 500 })
      const log: string[] = []
      const unsubscribe = here.subscribe(() => log.push(here.get().state))
      return { lifecycle, client, unsubscribe, log }
    })
    const states = () => tabs.map(({ log }) => log.at(-1))
    await expect.poll(states, { timeout: 10_000 }).toEqual(['idle', 'idle'])
    tabs[0]?.lifecycle.signal('active')
    await expect.poll(() => tabs[1]?.log, { timeout: 10_000 }).toContain('active')
    for (const { unsubscribe } of tabs) unsubscribe()
    // It ends the other one as well.
    await tabs[0]?.client.logout({ force: true })
    await tabs[1]?.client.destroy()
  })

  it('ends with a key, and leaves no listener on the page', async () => {
    const added: string[] = []
    const { addEventListener, removeEventListener } = window
    window.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      added.push(args[0])
      addEventListener.apply(window, args)
    }
    window.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      const known = added.indexOf(args[0])
      if (known >= 0) added.splice(known, 1)
      removeEventListener.apply(window, args)
    }
    const client = createClient({
      url: 'ws://localhost:1/v1/ws',
      user: 'alice',
      token: () => 'alice',
      storage: createMemoryStorage(),
    })
    const here = idle(client, { afterMs: 1_000, warnMs: 500 })
    const log: string[] = []
    expect(added).toEqual([])
    const unsubscribe = here.subscribe(() => log.push(here.get().state))
    expect(added).toContain('keydown')
    await expect.poll(() => here.get().state, { timeout: 5_000 }).toBe('idle')
    field.focus()
    await press()
    await expect.poll(() => log, { timeout: 5_000 }).toContain('active')
    unsubscribe()
    expect(added).toEqual([])
    Object.assign(window, { addEventListener, removeEventListener })
    await client.destroy()
  })
})
