import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { context } from 'esbuild'
import { type Mutant, mutated } from './mutant.js'

/** Makes the trial with one defect in it, as a text that a worker runs. */
export interface Bundler {
  /** Without a mutant: as it is shipped. One at a time. */
  bundle(mutant?: Mutant): Promise<string>
  end(): Promise<void>
}

/** `root` is the folder of the repository. Files that a mutant leaves alone are read and parsed once. */
export async function createBundler(root: string): Promise<Bundler> {
  let current: Mutant | undefined
  const builder = await context({
    entryPoints: [join(root, 'lab/mutants/probe.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['ws', 'libsql'],
    tsconfig: join(root, 'tsconfig.json'),
    // The server's disk names its thread by the address of its file; nothing here comes near it.
    logLevel: 'error',
    define: { 'import.meta.url': '""' },
    plugins: [
      {
        name: 'mutant',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            if (!current || path !== join(root, current.file)) return undefined
            return { contents: mutated(current, await readFile(path, 'utf8')), loader: 'ts' }
          })
        },
      },
    ],
  })
  let last: Promise<unknown> = Promise.resolve()

  async function build(mutant: Mutant | undefined): Promise<string> {
    current = mutant
    const { outputFiles } = await builder.rebuild()
    const [made] = outputFiles ?? []
    if (!made) throw new Error('The trial was not built.')
    return made.text
  }

  return {
    bundle(mutant) {
      const made = last.then(() => build(mutant))
      last = made.catch(() => undefined)
      return made
    },
    end: () => builder.dispose(),
  }
}
