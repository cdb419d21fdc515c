import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { type Mutant, mutated } from '../../../lab/mutants/mutant.js'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Builds with a defect in the code, or with none. */
export const planting = (mutant: Mutant | undefined): Plugin => ({
  name: 'mutant',
  setup(building) {
    building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!mutant || path !== join(ROOT, mutant.file)) return undefined
      return { contents: mutated(mutant, await readFile(path, 'utf8')), loader: 'ts' }
    })
  },
})
