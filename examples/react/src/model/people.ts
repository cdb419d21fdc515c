const TINTS = 8

/** One to two letters for a face that is not there. */
export const initialsOf = (name: string): string => {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '')
  const letters = words.length > 1 ? words.slice(0, 2).map(firstLetter) : [firstLetter(name)]
  return letters.join('').toUpperCase()
}

const firstLetter = (word: string) => [...word][0] ?? ''

/** The number of a colour: the same person has the same one on every screen. */
export const tintOf = (name: string): number => {
  let sum = 7
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return sum % TINTS
}
