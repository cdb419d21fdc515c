// Installs the npm packages that the lockfile names and node_modules lacks. Node built-ins only.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, retry, root } from './run.mjs'

const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined)

/** What the lockfile asks for and node_modules does not hold in that version; platform packages do not count. */
export const missingPackages = () => {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (wanted === undefined) throw new Error('package-lock.json is missing: is this a whole clone?')
  return Object.entries(wanted)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.link)
    .filter(([path, entry]) => present?.[path]?.version !== entry.version || !existsSync(join(root, path)))
    .map(([path]) => path)
}

/** Resolves with true once everything is there. */
export const installPackages = async () => {
  const missing = missingPackages()
  if (missing.length === 0) return true
  console.log(`Installing npm packages (${missing.length} missing) …`)
  const { status } = await retry(() => npm(['ci', '--no-fund', '--no-audit', '--loglevel=error']))
  return status === 0
}
