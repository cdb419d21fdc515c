import { type Backstage, backstageOf, onePer } from '../backstage.js'
import { activityShareFloorMs, activityShareMs } from '../limits.js'
import type { Store } from '../seams/storage.js'

/** Signs of a person: in this tab, and in every other tab of the profile in which somebody listens for them. */
export interface Activity {
  /** Calls `fn` at each sign, at most about once a second for this tab. `withinMs` is how late a sign of another tab may be. */
  readonly listen: (fn: () => void, withinMs: number) => () => void
}

/**
 * Tabs hear of each other through a cell in the store that they share anyway: a commit of one is told to the others, and that it was
 * told is all there is to know, so no two clocks are compared. A channel of its own would spare a small write every half a minute, and
 * cost another seam with an adapter for each platform.
 */
const CELL = 'c/active'

export const activityOf: (client: object) => Activity = /* @__PURE__ */ onePer((client) =>
  createActivity(backstageOf(client)),
)

interface Listener {
  readonly fn: () => void
  readonly withinMs: number
}

function createActivity(client: Backstage): Activity {
  const listeners = new Set<Listener>()
  let stopAll: (() => void) | undefined

  function tell(): void {
    for (const listener of [...listeners]) if (listeners.has(listener)) listener.fn()
  }

  function everyMs(): number {
    const within = Math.min(activityShareMs, ...[...listeners].map(({ withinMs }) => withinMs))
    return Math.max(activityShareFloorMs, within)
  }

  function start(): () => void {
    const others = createOthers(client, tell, everyMs)
    const stops = [
      client.lifecycle.listen((signal) => {
        if (signal !== 'active' && signal !== 'visible') return
        others.share()
        tell()
      }),
      others.stop,
    ]
    return () => {
      for (const end of stops) end()
    }
  }

  function stop(): void {
    stopAll?.()
    stopAll = undefined
  }

  return {
    listen(fn, withinMs) {
      const listener = { fn, withinMs }
      listeners.add(listener)
      stopAll ??= start()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) stop()
      }
    },
  }
}

/** The other tabs of the profile, as long as somebody listens. */
function createOthers(client: Backstage, onSign: () => void, everyMs: () => number) {
  /** Nobody listens any more, or there is nothing to listen to. */
  let over = false
  let watched: { readonly store: Store; readonly stop: () => void } | undefined
  /** What was told a moment ago is told again only later, and then only if there was another sign. */
  let pause: { again: boolean; readonly cancel: () => void } | undefined

  /** The store, and whoever writes there is heard. Undefined when it cannot be had: then each tab goes by what it sees itself. */
  async function reach(): Promise<Store | undefined> {
    const store = await client.open().catch(() => undefined)
    // Not asked for again: each refusal is an error that the application is told, and this is not worth one every half a minute.
    over ||= !store
    if (!store || over) return undefined
    if (watched?.store === store) return store
    watched?.stop()
    const stops = [store.watch(CELL, onSign), store.onLost(() => void reach())]
    watched = {
      store,
      stop() {
        for (const end of stops) end()
      },
    }
    return store
  }

  async function write(): Promise<void> {
    const store = await reach()
    // A full disk is told by those whose writes matter.
    await store
      ?.transact([], () => ({ changes: [{ put: CELL, value: true }], result: null }), 'relaxed')
      .catch(() => undefined)
  }

  function share(): void {
    if (over) return
    if (pause) {
      pause.again = true
      return
    }
    void write()
    const made = {
      again: false,
      cancel: client.clock.after(everyMs(), () => {
        pause = undefined
        if (made.again) share()
      }),
    }
    pause = made
  }

  void reach()
  return {
    share,
    stop() {
      over = true
      pause?.cancel()
      pause = undefined
      watched?.stop()
      watched = undefined
    },
  }
}
