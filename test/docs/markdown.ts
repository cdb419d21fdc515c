import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As much of Markdown as the documents use: headings, tables, fenced blocks, links. */
export interface Block {
  /** First word of the info string: `ts`, `sh`, `json` … */
  readonly language: string
  /** The rest of the info string. */
  readonly notes: string
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
}

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Section {
  /** 1 for `#`, 2 for `##` … */
  readonly level: number
  readonly title: string
  /** Where a link to the section points. */
  readonly anchor: string
  /** Everything up to the next heading of any level, fenced blocks left out. */
  readonly prose: string
  readonly tables: readonly Table[]
  readonly blocks: readonly Block[]
}

export interface Document {
  /** Path from the root of the repository. */
  readonly path: string
  readonly text: string
  readonly sections: readonly Section[]
  readonly blocks: readonly Block[]
}

/** A file's place on this machine. */
export const at = (path: string): string => join(import.meta.dirname, '../..', path)

/** GitHub's anchor of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

function tablesOf(lines: readonly string[]): readonly Table[] {
  const tables: Table[] = []
  lines.forEach((line, i) => {
    if (!/^\|[\s:|-]+\|$/.test(line) || !line.includes('-')) return
    const rows: (readonly string[])[] = []
    for (let at = i + 1; lines[at]?.startsWith('|'); at++) rows.push(cellsOf(lines[at] ?? ''))
    tables.push({ header: cellsOf(lines[i - 1] ?? ''), rows })
  })
  return tables
}

interface Draft {
  level: number
  title: string
  lines: string[]
  blocks: Block[]
}

function draftsOf(text: string): readonly Draft[] {
  const drafts: Draft[] = []
  let open: { language: string; notes: string; line: number; lines: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line)
    const heading = /^(#+) (.+)$/.exec(line)
    const section = drafts.at(-1)
    if (open && fence) {
      const { language, notes } = open
      section?.blocks.push({ language, notes, line: open.line, text: open.lines.join('\n') })
      open = undefined
    } else if (open) open.lines.push(line)
    else if (fence) open = { language: fence[1] ?? '', notes: fence[2] ?? '', line: i + 1, lines: [] }
    else if (heading)
      drafts.push({ level: heading[1]?.length ?? 1, title: heading[2] ?? '', lines: [], blocks: [] })
    else section?.lines.push(line)
  }
  if (open) throw new Error(`The block that opens in line ${open.line} never ends.`)
  return drafts
}

/** Takes a document apart. */
export function parse(path: string, text: string): Document {
  const sections = draftsOf(text).map(({ level, title, lines, blocks }) => ({
    ...{ level, title, blocks, anchor: anchorOf(title), prose: lines.join('\n'), tables: tablesOf(lines) },
  }))
  return { path, text, sections, blocks: sections.flatMap(({ blocks }) => blocks) }
}

/** Reads a document of the repository. */
export const readDocument = (path: string): Document => parse(path, readFileSync(at(path), 'utf8'))

/** Every document that speaks to users and to those who work on the project. */
export const documentPaths: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(at('docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
]

/** What stands between backquotes in a cell. */
export const codeIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
