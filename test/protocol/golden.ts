import { readdirSync, readFileSync } from 'node:fs'

/** One frame that both sides must judge alike. Kept as JSON text, so that no test can share what another has changed. */
export interface GoldenFrame {
  readonly what: string
  /** The frame as a text message. */
  readonly text: string
}

/** The examples of one type of frame. */
export interface Golden {
  readonly type: string
  readonly sentBy: readonly ('client' | 'server')[]
  readonly valid: readonly GoldenFrame[]
  readonly invalid: readonly (GoldenFrame & { readonly fault: string; readonly path: string })[]
  /** Pages that are taken with the entries that do not fit marked as such. */
  readonly replaced: readonly (GoldenFrame & { readonly messages: unknown })[]
}

interface Stored {
  readonly type: string
  readonly sentBy: ('client' | 'server')[]
  readonly valid: { what: string; frame: unknown }[]
  readonly invalid: { what: string; frame: unknown; fault: string; path: string }[]
  readonly replaced?: { what: string; frame: unknown; messages: unknown }[]
}

const folder = new URL('golden/', import.meta.url)

const read = (file: string): Golden => {
  const stored: Stored = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  const asText = <T extends { frame: unknown }>({ frame, ...rest }: T) => ({
    ...rest,
    text: JSON.stringify(frame),
  })
  return {
    type: stored.type,
    sentBy: stored.sentBy,
    valid: stored.valid.map(asText),
    invalid: stored.invalid.map(asText),
    replaced: (stored.replaced ?? []).map(asText),
  }
}

/** Every example, one element a type of frame. The tests of clients and of servers read the same. */
export const goldenFrames: readonly Golden[] = readdirSync(folder).sort().map(read)

/** The examples of what one side sends. */
export const goldenOf = (side: 'client' | 'server'): readonly Golden[] =>
  goldenFrames.filter(({ sentBy }) => sentBy.includes(side))
