// Libraries that benchmarks stand beside: installed on demand into a folder of their own, never dependencies of the project.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../.out/peers/', import.meta.url))

/** The versions that are compared. */
export const PEERS = JSON.parse(readFileSync(new URL('../peers.json', import.meta.url), 'utf8'))

const isThere = (name) => {
  const file = join(folder, 'node_modules', name, 'package.json')
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === PEERS[name]
}

/** Installs these packages unless they are there. Resolves with why they are missing, or with undefined. */
export const missingPeers = async (...names) => {
  const unknown = names.filter((name) => PEERS[name] === undefined)
  if (unknown.length > 0) throw new Error(`bench/peers.json names no version of ${unknown.join(', ')}.`)
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return undefined
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'package.json')))
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  const wanted = missing.map((name) => `${name}@${PEERS[name]}`)
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  try {
    await run('npm', ['install', ...flags, ...wanted], { cwd: folder })
    return undefined
  } catch {
    return `${wanted.join(', ')} cannot be installed here`
  }
}

/** A peer's module, by its name or a path in it, as Node imports it. */
export const importPeer = async (specifier) => {
  const found = createRequire(join(folder, 'index.js')).resolve(specifier)
  return import(pathToFileURL(found).href)
}

/** Where bundlers find peers. */
export const peersFolder = join(folder, 'node_modules')
