/** A stretch of a text: words, or an address that can be opened. */
export interface Stretch {
  readonly text: string
  readonly href: string | null
}

/** Only these are ever opened: a text can ask a browser for worse. */
const address = /https?:\/\/[^\s<>"]+/g
/** Ends a sentence rather than an address. */
const trailing = /[.,:;!?)\]}'’]+$/

/** Finds the addresses in a text. The texts of all stretches together are the text again. */
export const stretchesOf = (text: string): readonly Stretch[] => {
  const stretches: Stretch[] = []
  let from = 0
  const add = (part: string, href: string | null) => {
    if (part !== '') stretches.push({ text: part, href })
  }
  for (const match of text.matchAll(address)) {
    const href = match[0].replace(trailing, '')
    add(text.slice(from, match.index), null)
    add(href, URL.canParse(href) ? href : null)
    from = match.index + href.length
  }
  add(text.slice(from), null)
  return stretches
}
