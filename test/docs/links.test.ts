import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SERVER_LIMITS } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { UNREAD_MOST, UNREAD_POSITIONS } from '../../server/src/log/marks.js'
import { TidingsError, type TidingsErrorCode } from '../../src/core/errors.js'
import { LIMITS, readersMost, recordChanges, roomRecordChanges } from '../../src/core/limits.js'
import { text } from '../../src/protocol/fields.js'
import { WIRE } from '../../src/protocol/index.js'
import { fits } from '../../src/protocol/shape.js'
import { at, codeIn, type Document, documentPaths, readDocument } from './markdown.js'

const documents = [...documentPaths, 'CHANGELOG.md'].map(readDocument)

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(at(path), 'utf8'))
const root = manifestOf('package.json')
const server = manifestOf('server/package.json')

/** Commands that npm has by itself. */
const OF_NPM = new Set(['start', 'test', 'install', 'ci', 'pack', 'publish', 'run'])
/** What `npx` finds after an install. */
const programs = [...Object.keys(server.bin ?? {}), 'vitest', 'biome']
/** A build makes `server/dist/bin.js` of `server/src/bin.ts`: no test has to wait for it. */
const sourceOf = (file: string) => file.replace(/^server\/dist\/(.+)\.js$/, 'server/src/$1.ts')

/** Everything that a document tells its reader to type. */
const commandsIn = ({ text, blocks }: Document): readonly string[] => [
  ...blocks
    .filter(({ language }) => language === 'sh' || language === '')
    .flatMap(({ text: lines }) => lines.split('\n')),
  ...text.split('\n').flatMap(codeIn),
]

function missing(command: string): string | undefined {
  const [, npm] = /(?:^|\s)npm ([a-z]+)/.exec(command) ?? []
  const [, script] = /(?:^|\s)npm run ([\w:-]+)/.exec(command) ?? []
  const [, program] = /(?:^|\s)npx ([\w-]+)/.exec(command) ?? []
  const [, file] = /(?:^|\s)node ([\w/.-]+\.m?js)/.exec(command) ?? []
  if (npm !== undefined && !OF_NPM.has(npm)) return `npm ${npm}`
  if (npm !== undefined && ['start', 'test'].includes(npm) && !(npm in root.scripts)) return `npm ${npm}`
  if (script !== undefined && !(script in root.scripts)) return `npm run ${script}`
  if (program !== undefined && !programs.includes(program)) return `npx ${program}`
  return file === undefined || existsSync(at(sourceOf(file))) ? undefined : `node ${file}`
}

describe.each(documents)('$path', (document) => {
  it('names only commands that there are', () => {
    expect(commandsIn(document).flatMap((command) => missing(command) ?? [])).toEqual([])
  })
  it('links only to what is there', () => {
    const broken = [...document.text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      const [path = '', anchor] = target.split('#')
      if (/^https?:/.test(target)) return []
      const file = path === '' ? document.path : join(dirname(document.path), path)
      if (!existsSync(at(file))) return [target]
      if (anchor === undefined) return []
      return readDocument(file).sections.some((section) => section.anchor === anchor) ? [] : [target]
    })
    expect(broken).toEqual([])
  })
})

describe('the tables of the guide', () => {
  const guide = readDocument('docs/guide.md')
  const rowsOf = (title: string) =>
    guide.sections.find((section) => section.title === title)?.tables[0]?.rows ?? []

  it('hold every error code, with what can be done about it', () => {
    const known: Record<TidingsErrorCode, true> = {
      ...{ unauthorised: true, token_failed: true, wrong_user: true, unsupported_version: true },
      ...{ connection_refused: true, server: true, bad_frame: true, invalid_body: true, too_large: true },
      ...{ outbox_full: true, expired: true, rejected: true, conflict: true, delivery_unknown: true },
      ...{
        not_found: true,
        room_refused: true,
        bad_entry: true,
        sync_stuck: true,
        storage: true,
      },
      ...{ bad_record: true, no_random: true, listener: true, invalid_argument: true, destroyed: true },
      ...{ discarded: true, unsent: true, signed_out: true },
    }
    const isKnown = (code: string): code is TidingsErrorCode => code in known
    const due = Object.keys(known)
      .filter(isKnown)
      .map((code) => `${code}: ${new TidingsError(code, '').retry}`)
    const told = rowsOf('Errors').map(([code = '', retry = '']) => `${codeIn(code)[0]}: ${retry}`)
    expect(told.sort()).toEqual(due.sort())
  })
  it('name the limits of the code', () => {
    const told = rowsOf('Limits').map(([, most = '']) => most)
    expect(told).toHaveLength(15)
    expect(told[0]).toBe(`${WIRE.bodyBytes / 1024} KiB of JSON, ${WIRE.bodyDepth} levels`)
    expect(told[1]).toContain(`${LIMITS.outboxEntries} messages or ${LIMITS.outboxBytes / 1024 ** 2} MiB`)
    expect(told[2]).toContain(`${LIMITS.expireAfterMs / 86_400_000} days`)
    expect(told[3]).toContain(`${LIMITS.jumpAfter} messages`)
    expect(told[4]).toBe(`${WIRE.idChars} characters`)
    expect(told[5]).toBe(`${WIRE.reactionChars} characters`)
    expect(told[6]).toBe(`${SERVER_LIMITS.watchedUsers} users and ${SERVER_LIMITS.watchedRooms} rooms`)
    expect(told[7]).toContain(`${SERVER_LIMITS.presenceRoomUsers};`)
    expect([1_024, 1_025].map((length) => fits(text, 'x'.repeat(length)))).toEqual([true, false])
    expect(told[8]).toBe('1,024 characters')
    expect(told[9]).toContain(`${recordChanges} in one`)
    expect(told[10]).toBe(`${roomRecordChanges}`)
    expect(told[11]).toBe(`${UNREAD_MOST}, within the newest ${UNREAD_POSITIONS} positions of a room`)
    expect(told[12]).toBe(`${readersMost}`)
    expect(told[13]).toContain(`${LIMITS.cacheBytes / 1024 ** 2} MiB`)
    expect(told[14]).toContain(`${LIMITS.windowMost} that a reader asked for`)
  })
})
