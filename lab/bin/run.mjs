// Stands in the repository, so that installing links the commands before anything was built.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs a program of the lab with the words of the command line, and ends with its exit code. */
export async function run(name) {
  const program = new URL(`../dist/${name}/main.js`, import.meta.url)
  if (!existsSync(program)) {
    console.error(`tidings-${name} is not built yet. In a clone of the repository: npm run build`)
    process.exit(1)
  }
  const { main } = await import(program.href)
  const server = new URL('bin.js', import.meta.resolve('tidings-server'))
  process.exitCode = await main(process.argv.slice(2), fileURLToPath(server))
  process.exit()
}
