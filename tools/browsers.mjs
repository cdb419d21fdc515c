// Finds the browsers that the tests drive. Node built-ins only: it also runs before `npm ci`.
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const onPath = (names, env) => {
  for (const folder of (env.PATH ?? '').split(delimiter))
    for (const name of names) {
      const file = join(folder, name)
      if (folder !== '' && existsSync(file)) return file
    }
  return undefined
}

const cacheFolder = (env) => {
  if (env.PLAYWRIGHT_BROWSERS_PATH) return env.PLAYWRIGHT_BROWSERS_PATH
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/ms-playwright')
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'ms-playwright')
  return join(homedir(), '.cache/ms-playwright')
}

const playwrightChromium = [
  'chrome-linux/chrome',
  'chrome-linux64/chrome',
  'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  'chrome-win/chrome.exe',
  'chrome-win64/chrome.exe',
]

const inPlaywrightCache = (env) => {
  const folder = cacheFolder(env)
  if (!existsSync(folder)) return undefined
  const newestFirst = readdirSync(folder)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
  for (const name of newestFirst)
    for (const file of playwrightChromium) {
      const path = join(folder, name, file)
      if (existsSync(path)) return path
    }
  return undefined
}

/** WebKitGTK comes without a browser, except for the one that it is tried with, in a folder of the machine's architecture. */
const miniBrowser = () => {
  const libraries = '/usr/lib'
  if (process.platform !== 'linux' || !existsSync(libraries)) return undefined
  return readdirSync(libraries)
    .map((name) => join(libraries, name, 'webkit2gtk-4.1/MiniBrowser'))
    .find((path) => existsSync(path))
}

// It draws on a screen, or on one that nobody sees.
const hasScreen = (env) => Boolean(env.DISPLAY) || onPath(['Xvfb'], env) !== undefined

const given = (path) => (path && existsSync(path) ? path : undefined)

/** The executables of Chromium, of Firefox ESR and of WebKitGTK's MiniBrowser, each `undefined` when this machine cannot run it. */
export const findBrowsers = (env = process.env) => ({
  chromium:
    given(env.CHROMIUM_PATH) ??
    onPath(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chromium.exe'], env) ??
    inPlaywrightCache(env),
  firefox: given(env.FIREFOX_PATH) ?? onPath(['firefox-esr'], env),
  webkit: hasScreen(env) ? (given(env.WEBKIT_PATH) ?? miniBrowser()) : undefined,
})
