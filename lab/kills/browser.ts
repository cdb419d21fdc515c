import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDevtools, type Devtools } from './devtools.js'
import { type DevtoolsPage, openDevtoolsPage } from './devtools-page.js'
import { type Beat, type Look, PAGE, TELL, type Told, type TrialPage } from './words.js'

/** A whole Chromium with one page in it. */
export interface Browser {
  call<K extends keyof TrialPage>(method: K, ...args: Parameters<TrialPage[K]>): Promise<void>
  look(): Promise<Look>
  /** Every process of it ends at once, in the middle of whatever it does. Resolves when none is left. */
  kill(): Promise<void>
}

export interface BrowserOrder {
  readonly executable: string
  /** The folder of its profile. */
  readonly profile: string
  readonly url: string
  readonly onTold: (told: Told) => void
}

const asRoot = process.getuid?.() === 0
const FLAGS = [
  '--headless',
  ...(asRoot ? ['--no-sandbox'] : []),
  // The page comes when the debugger listens; and what only draws costs a launch the most.
  '--no-startup-window',
  '--disable-gpu',
  '--in-process-gpu',
  '--disable-software-rasterizer',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--password-store=basic',
  '--remote-debugging-pipe',
]

/** Long enough for every process of a group to die. What stays in the system's list beyond that is dead and holds nothing. */
const DEAD_WITHIN_MS = 100
const LOOK_EVERY_MS = 5

const isAlive = (group: number): boolean => {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

async function killGroup(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  if (isAlive(pid)) process.kill(-pid, 'SIGKILL')
  for (let waited = 0; isAlive(pid) && waited < DEAD_WITHIN_MS; waited += LOOK_EVERY_MS)
    await sleep(LOOK_EVERY_MS)
}

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' && value !== null && 'what' in value && 'n' in value

async function openPage(devtools: Devtools, { url, onTold }: BrowserOrder): Promise<DevtoolsPage> {
  devtools.on('Runtime.bindingCalled', (params) => {
    const told: unknown = JSON.parse(String(Reflect.get(params, 'payload')))
    if (isTold(told)) onTold(told)
  })
  const page = await openDevtoolsPage(devtools)
  await page.send('Runtime.addBinding', { name: TELL })
  await page.go(url)
  return page
}

/** Starts it on a profile, which may be one that another left behind when it was killed. */
export async function startBrowser(order: BrowserOrder): Promise<Browser> {
  const child = spawn(order.executable, [...FLAGS, `--user-data-dir=${order.profile}`], {
    // A group of its own, so that a signal reaches all of it and nothing else.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const [, , , output, input] = child.stdio
  if (!(output instanceof Writable && input instanceof Readable)) throw new Error('Chromium has no pipes.')
  const devtools = createDevtools(output, input)
  const exited = once(child, 'exit')
  const end = () => void killGroup(child)
  // Whatever ends this process must not leave a browser behind.
  process.once('exit', end)
  child.once('exit', () => {
    process.off('exit', end)
    devtools.end()
  })
  child.once('error', () => devtools.end())
  const { evaluate } = await openPage(devtools, order)

  return {
    async call(method, ...args) {
      const words = args.map((arg: number | readonly Beat[]) => JSON.stringify(arg)).join(', ')
      await evaluate(`${PAGE}.${method}(${words})`)
    },
    async look() {
      const value = await evaluate(`${PAGE}.look()`)
      if (isLook(value)) return value
      throw new Error(`The page does not say what it shows: ${JSON.stringify(value)}`)
    },
    async kill() {
      await killGroup(child)
      await exited
    },
  }
}

const isLook = (value: unknown): value is Look =>
  typeof value === 'object' && value !== null && 'isSettled' in value && 'shown' in value
