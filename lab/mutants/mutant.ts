/** A deliberate defect: one place of the shipped code, said otherwise. */
export interface Mutant {
  /** With the number of a known defect in front, where it is one. */
  readonly name: string
  /** What is wrong with it. */
  readonly why: string
  /** From the root of the repository. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** How often a text occurs in another. */
export const occurrences = (text: string, part: string): number => text.split(part).length - 1

/** The file with the defect in it. Throws when the code has moved, so that no mutant is left that changes nothing. */
export function mutated({ name, file, find, replace }: Mutant, text: string): string {
  const times = occurrences(text, find)
  if (times !== 1) throw new Error(`Mutant "${name}": its text stands ${times} times in ${file}, not once.`)
  return text.split(find).join(replace)
}
