import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const HEADING = '## Mutants that survive'

/** The names, each in bold, of the mutants whose survival `docs/decisions.md` explains. */
export async function explained(root: string): Promise<readonly string[]> {
  const text = await readFile(join(root, 'docs/decisions.md'), 'utf8')
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(HEADING))
  return [...(section ?? '').matchAll(/\*\*(.+?)\*\*/g)].map(([, name = '']) => name)
}
