import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineBrowserProvider } from '@vitest/browser'
import type { BrowserProvider } from 'vitest/node'

/** A screen that nobody sees. It chooses a number that is free, and says which. */
async function startScreen(children: Set<ChildProcess>): Promise<string> {
  const words = ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp']
  const screen = spawn('Xvfb', words, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  children.add(screen)
  const ended = once(screen, 'exit').then(() => Promise.reject(new Error('Xvfb did not start.')))
  const [number]: unknown[] = await Promise.race([once(screen.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return `:${String(number).trim()}`
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Pages in WebKitGTK, each in a MiniBrowser on a profile of its own. `executable` is its path. */
function createWebKit(executable: string): BrowserProvider {
  const children = new Set<ChildProcess>()
  const profiles = new Set<string>()
  let screen: Promise<string> | undefined
  const end = (): void => {
    for (const child of children) endGroup(child)
    for (const profile of profiles) rmSync(profile, { recursive: true, force: true })
    children.clear()
    profiles.clear()
  }
  // A run that is broken off must not leave a browser behind.
  process.once('exit', end)
  return {
    name: 'webkit-gtk',
    supportsParallelism: false,
    getCommandsContext: () => ({}),
    async openPage(_session, url) {
      screen ??= process.env['DISPLAY'] ? Promise.resolve(process.env['DISPLAY']) : startScreen(children)
      const profile = mkdtempSync(join(tmpdir(), 'tidings-webkit-'))
      profiles.add(profile)
      const places = { XDG_DATA_HOME: profile, XDG_CACHE_HOME: profile, XDG_CONFIG_HOME: profile }
      const env = { ...process.env, ...places, DISPLAY: await screen, LIBGL_ALWAYS_SOFTWARE: '1' }
      children.add(spawn(executable, [url], { detached: true, stdio: 'ignore', env }))
    },
    close() {
      process.off('exit', end)
      end()
    },
  }
}

/** WebKitGTK for vitest's browser mode: the engine of Safari, as far as Linux has it. */
export const webkitGtk = (executable: string) =>
  defineBrowserProvider({
    name: 'webkit-gtk',
    supportedBrowser: ['webkit'],
    options: {},
    providerFactory: () => createWebKit(executable),
  })
