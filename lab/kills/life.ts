import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, startBrowser } from './browser.js'
import { add, CLEAN, isClean, lostOf, type Stage, stageOf, type Verdict, verdictOf } from './judge.js'
import { tearLog } from './leveldb.js'
import type { Plan } from './plan.js'
import type { Look, Told } from './words.js'

/** One profile of one user, over all the browsers that are killed on it. */
export interface Life {
  /** Starts a browser, writes, and kills it; only looks, where something is wrong already. */
  trial(plan: Plan): Promise<void>
  /** A last browser, which is left in peace until all is said. */
  end(): Promise<void>
  /** What became of the trials so far, each known once the browser after it has looked. */
  readonly stages: readonly Stage[]
  /** What was wrong so far: right after a kill, and whenever all was said. */
  readonly verdict: Verdict
  /** How many were written, and how many of them called queued before the end. */
  readonly written: number
  readonly queued: number
  /** After how many kills the browser's log ended in the middle of a record. */
  readonly torn: number
}

export interface LifeParts {
  readonly executable: string
  readonly profile: string
  readonly url: string
  /** The numbers in the server's file, in the order in which it has them. */
  readonly file: () => readonly number[]
}

/** Long enough for any machine; what takes longer is taken for what never comes. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 25

/** Looks until it is so, or patience ends; gives what was seen last. */
async function until<T>(see: () => T | Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const startedAt = performance.now(); ; ) {
    const seen = await see()
    if (isSo(seen) || performance.now() - startedAt >= PATIENCE_MS) return seen
    await sleep(LOOK_EVERY_MS)
  }
}

const waitingIn = ({ shown }: Look): readonly number[] =>
  shown.flatMap(({ n, status }) => (status === 'confirmed' ? [] : [n]))

export function createLife({ executable, profile, url, file }: LifeParts): Life {
  const stages: Stage[] = []
  let verdict = CLEAN
  const queued = new Set<number>()
  const confirmed = new Set<number>()
  let [written, before, torn] = [0, 0, 0]

  function onTold({ what, n }: Told): void {
    const kind = what === 'queued' ? queued : confirmed
    kind.add(n)
  }

  /** What the browser before this one left: nothing that it called queued may be missing. */
  function judgeLast(look: Look): void {
    const places = { file: file(), waiting: waitingIn(look) }
    verdict = add(verdict, { ...CLEAN, lost: lostOf({ ...places, queued: [...queued] }) })
    stages.push(stageOf({ ...places, queued: [...queued].filter((n) => n > before) }))
  }

  async function open(browser: Browser): Promise<void> {
    const look = await until(
      () => browser.look(),
      (seen) => seen.isRead,
    )
    if (!look.isRead || look.keepsNothing !== null)
      throw new Error(`The page has no disk: ${look.keepsNothing ?? 'it never read its outbox'}`)
    if (written > before) judgeLast(look)
    before = written
  }

  /** Starts a browser and looks; works in it unless something is wrong already; and kills it. */
  async function inBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
    const browser = await startBrowser({ executable, profile, url, onTold })
    try {
      await open(browser)
      if (isClean(verdict)) await work(browser)
    } finally {
      await browser.kill()
    }
  }

  /** Goes online, and waits until everything is where it belongs, or will never be. */
  async function settle(browser: Browser): Promise<void> {
    await browser.call('goOnline')
    const judge = ({ shown }: Look) => verdictOf([...queued], file(), shown)
    const last = await until(
      () => browser.look(),
      (look) => look.isSettled && isClean(judge(look)),
    )
    verdict = add(verdict, judge(last))
  }

  async function moment({ scene, killAfter, delayMs }: Plan): Promise<void> {
    const kind = scene === 'answered' ? confirmed : queued
    const count = () => [...kind].filter((n) => n > before).length
    const reached = (await until(count, (told) => told >= killAfter)) >= killAfter
    if (!reached) throw new Error(`The page did not call ${killAfter} messages ${scene}.`)
    if (scene === 'unheard') await until(file, (numbers) => numbers.some((n) => n > before))
    if (delayMs > 0) await sleep(delayMs)
  }

  return {
    stages,
    get verdict() {
      return verdict
    },
    get written() {
      return written
    },
    get queued() {
      return queued.size
    },
    get torn() {
      return torn
    },
    async trial(plan) {
      await inBrowser(async (browser) => {
        if (plan.scene === 'returning') await browser.call('goOnline')
        else if (plan.scene !== 'offline') await settle(browser)
        if (plan.scene === 'unheard') await browser.call('goDeaf')
        await browser.call('write', written + 1, plan.beats)
        written += plan.beats.length
        await moment(plan)
      })
      if (plan.tears && tearLog(profile)) torn += 1
    },
    end: () => inBrowser(settle),
  }
}
