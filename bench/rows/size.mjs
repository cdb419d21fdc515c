import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bar = { max: 1 }

const measure = () =>
  new Promise((resolve, reject) => {
    // Exits 1 when something is too large: the figures are what counts here.
    execFile(process.execPath, ['tools/size.mjs', '--json'], { cwd: root }, (failure, stdout) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        reject(failure ?? new Error('tools/size.mjs printed no JSON'))
      }
    })
  })

/** What an import costs. */
export const row = {
  name: 'size',
  about: 'what an import costs, kB of brotli, against its bar',
  bars: { size: bar },
  async run() {
    if (!existsSync(`${root}/dist/index.js`))
      return [{ label: 'every subpath', skipped: 'build first, with npm run build' }]
    const sizes = await measure()
    return sizes.map((size) => ({
      label: size.name,
      value: size.kB,
      unit: 'kB',
      ratio: size.kB / size.bar,
      bar,
    }))
  },
}
