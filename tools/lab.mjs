// Runs a program of the lab: builds what is out of date and hands it the words of the command line.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { missingPackages } from './install.mjs'
import { staleParts } from './parts.mjs'
import { node, root } from './run.mjs'

const build = async () => {
  const stale = staleParts().filter((name) => name !== 'example')
  if (stale.length === 0) return true
  // Standard output belongs to the result.
  const { status, output } = await node([join(root, 'tools/build.mjs'), ...stale], { quiet: true })
  if (status !== 0) console.error(output)
  return status === 0
}

/** `more` is what the program is told beside the words of the command line and where the built server is. */
export async function runLab(name, ...more) {
  if (missingPackages().length > 0) {
    console.error('Some npm packages are missing: run npm ci first.')
    process.exit(3)
  }
  if (!(await build())) process.exit(3)
  const { main } = await import(pathToFileURL(join(root, `lab/dist/${name}/main.js`)).href)
  process.exitCode = await main(process.argv.slice(2), join(root, 'server/dist/bin.js'), ...more)
  process.exit()
}
