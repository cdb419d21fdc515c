import { describe, expect, it } from 'vitest'
import { REFUSALS } from '../../server/src/refusals.js'
import * as fields from '../../src/protocol/fields.js'
import { closeCode, closeReason, frames } from '../../src/protocol/http.js'
import {
  CLOSE,
  clientFrames,
  type ErrorCode,
  framesBody,
  httpRefusal,
  isFinalClose,
  NACK_CODES,
  PROTOCOL_VERSION,
  type ResetReason,
  STREAM_EVENTS,
  SUBPROTOCOL,
  serverFrames,
  streamClose,
  streamSession,
  ticketAnswer,
  WIRE,
} from '../../src/protocol/index.js'
import { type AnyShape, boolean, positive, type ShapeRule } from '../../src/protocol/shape.js'
import { codeIn, readDocument, type Section } from './markdown.js'

const document = readDocument('docs/protocol.md')

const sectionOf = (title: string): Section => {
  const found = document.sections.filter((section) => section.title === title)
  if (found.length !== 1 || !found[0]) throw new Error(`There are ${found.length} sections "${title}".`)
  return found[0]
}
const rowsOf = (title: string) => sectionOf(title).tables[0]?.rows ?? []
const firstCells = (title: string): readonly string[] =>
  rowsOf(title).map(([cell = '']) => codeIn(cell)[0] ?? cell)

/** Titles of the sections below a heading, down to the next of its level. */
function below(title: string): readonly string[] {
  const { sections } = document
  const from = sections.findIndex((section) => section.title === title)
  const rest = sections.slice(from + 1)
  const end = rest.findIndex(({ level }) => level <= (sections[from]?.level ?? 0))
  return rest.slice(0, end < 0 ? undefined : end).map((section) => section.title)
}

/** Names of the kinds in the tables, by the rule they stand for. A count and a time are one rule. */
const KINDS: readonly (readonly [string, AnyShape])[] = [
  ...Object.entries(fields),
  ...Object.entries({ closeCode, closeReason, frames }),
  ['boolean', boolean],
  ['number', positive],
  ['address', serverFrames.goaway.fields.url],
]
/** Shapes with a section of their own. */
const SHARED: readonly (readonly [string, AnyShape | undefined])[] = [
  ['room request', elementOf(clientFrames.subscribe.fields.rooms)],
  ['log entry', elementOf(serverFrames.sync_response.fields.messages)],
  ['reader', elementOf(serverFrames.read_receipt.fields.readers)],
  ['presence entry', elementOf(serverFrames.presence_update.fields.users)],
]

function elementOf({ rule }: AnyShape): AnyShape | undefined {
  return rule.kind === 'array' ? rule.of : undefined
}

interface Field {
  /** `limits.rate.burst?` */
  readonly name: string
  /** What the kind column may say. */
  readonly kinds: readonly string[]
}

function kindsOf(rule: ShapeRule): readonly string[] {
  const named = KINDS.filter(([, shape]) => shape.rule === rule).map(([kind]) => `\`${kind}\``)
  if (named.length > 0) return named
  if (rule.kind === 'oneOf') return [rule.values.map((value) => `\`'${value}'\``).join(' ')]
  if (rule.kind === 'number') return [`${rule.min} to ${rule.max}`]
  if (rule.kind === 'object') return ['object']
  if (rule.kind === 'nullable') return kindsOf(rule.of.rule).map((kind) => `${kind} or null`)
  if (rule.kind === 'record') return [`object of \`${kindOf(rule.of.rule)}\``]
  return rule.kind === 'array' ? arraysOf(rule.of) : []
}

const kindOf = (rule: ShapeRule): string => (kindsOf(rule)[0] ?? '').replaceAll('`', '')

function arraysOf({ rule }: AnyShape): readonly string[] {
  if (rule.kind !== 'object') return [`\`${kindOf(rule)}[]\``]
  const title = SHARED.find(([, shape]) => shape?.rule === rule)?.[0] ?? '?'
  return [`[${title}](#${title.replaceAll(' ', '-')})\`[]\``]
}

function expand(given: readonly (readonly [string, AnyShape])[], under = ''): readonly Field[] {
  return given.flatMap(([key, { rule, optional }]) => {
    if (key === 'type') return []
    const field = { name: `${under}${key}${optional ? '?' : ''}`, kinds: kindsOf(rule) }
    return rule.kind === 'object' ? [field, ...expand(rule.fields, `${under}${key}.`)] : [field]
  })
}

const fieldsOf = (shape: AnyShape | undefined): readonly Field[] =>
  shape?.rule.kind === 'object' ? expand(shape.rule.fields) : []

/** The fields that a section's table names; one row may stand for all fields of a shared shape. */
const documented = (title: string): readonly { name: string; kind: string }[] =>
  rowsOf(title).flatMap(([first = '', kind = '']) => {
    const whole = /^every field of a \[(.+)\]\(/.exec(first)?.[1]
    if (whole === undefined) return [{ name: codeIn(first)[0] ?? first, kind }]
    return documented(whole.replace(/^./, (letter) => letter.toUpperCase()))
  })

function expectFields(title: string, shape: AnyShape | undefined): void {
  const known = fieldsOf(shape)
  const told = documented(title)
  expect(told.map(({ name }) => name).sort()).toEqual(known.map(({ name }) => name).sort())
  for (const { name, kind } of told) {
    const kinds = known.find((field) => field.name === name)?.kinds ?? []
    expect(kinds, `${title}.${name}`).toContain(kind)
  }
}

const SIDES = {
  'Frames a client sends': { by: 'client', frames: clientFrames },
  'Frames a server sends': { by: 'server', frames: serverFrames },
} as const
const BOTH = 'Frames both send'
/** What both send alike, and what both send in shapes of their own: `### typing_start, by a client`. */
const alike = Object.entries(clientFrames).flatMap(([type, shape]) =>
  Object.entries(serverFrames).some(([other, theirs]) => other === type && theirs === shape) ? [type] : [],
)
const titleOf = (type: string, by: string): string =>
  type in clientFrames && type in serverFrames && !alike.includes(type) ? `${type}, by a ${by}` : type
const titled = [
  ...Object.entries(clientFrames).map(([type, shape]) => [titleOf(type, 'client'), shape] as const),
  ...Object.entries(serverFrames).map(([type, shape]) => [titleOf(type, 'server'), shape] as const),
]

describe('the frames of the protocol document', () => {
  it.each(Object.entries(SIDES))('%s are those that the code knows', (title, { by, frames }) => {
    const own = Object.keys(frames).filter((type) => !alike.includes(type))
    expect([...below(title)].sort()).toEqual(own.map((type) => titleOf(type, by)).sort())
  })
  it('that both sides send are those that the code knows', () => {
    expect([...below(BOTH)].sort()).toEqual([...alike].sort())
  })
  it.each(titled)('%s has its fields, and no others', (type, shape) => {
    expectFields(type, shape)
  })
  it.each(SHARED)('a %s has its fields, and no others', (title, shape) => {
    expectFields(
      title.replace(/^./, (letter) => letter.toUpperCase()),
      shape,
    )
  })
  it('say in their first line who sends them', () => {
    const directions = {
      'Frames a client sends': 'Client to server.',
      'Frames a server sends': 'Server to client.',
      [BOTH]: 'Both ways.',
    }
    for (const [title, direction] of Object.entries(directions))
      for (const type of below(title))
        expect([type, sectionOf(type).prose.trim().split('\n')[0]]).toEqual([type, direction])
  })
  it('each stand in an example or a conversation', () => {
    const examples = document.blocks.map(({ text }) => text).join('\n')
    const shown = new Set([...examples.matchAll(/"type": ?"(\w+)"/g)].map((match) => match[1]))
    expect([...shown].sort()).toEqual(Object.keys({ ...clientFrames, ...serverFrames }).sort())
  })
  it('use kinds that are explained', () => {
    const explained = firstCells('Kinds of fields')
    expect([...explained].sort()).toEqual(KINDS.map(([kind]) => kind).sort())
  })
})

describe('what goes over HTTP', () => {
  it.each([
    ['Connections over HTTP', framesBody],
    ['Session event', streamSession],
    ['Close event', streamClose],
    ['Refusals', httpRefusal],
    ['POST /v1/ticket', ticketAnswer],
  ] as const)('has its fields, and no others: %s', (title, shape) => {
    expectFields(title, shape)
  })
  it('has events by the names that the code knows', () => {
    const told = ['Connections over HTTP', 'GET /v1/events'].flatMap((title) =>
      [...sectionOf(title).prose.matchAll(/called `(\w+)`/g)].map((match) => match[1]),
    )
    expect(told).toEqual([STREAM_EVENTS.session, STREAM_EVENTS.close, STREAM_EVENTS.reset])
  })
  it('is refused by the codes that the server gives, which stand for those closes', () => {
    const [, statuses] = sectionOf('Refusals').tables
    const told = statuses?.rows.map(([status, code = '', close]) => [
      Number(status),
      codeIn(code)[0],
      Number(close),
    ])
    expect(told).toEqual(REFUSALS.map(({ status, code, close }) => [status, code, close]))
  })
})

describe('the codes of the protocol document', () => {
  const retryable = (code: string) => (Reflect.get(NACK_CODES, code)?.retryable === true ? 'yes' : 'no')

  it('are the nack codes that the code knows, retryable or not', () => {
    const told = rowsOf('nack codes').map(([code = '', again]) => [codeIn(code)[0], again])
    expect(told).toEqual(Object.keys(NACK_CODES).map((code) => [code, retryable(code)]))
  })
  it('are the error codes that the code knows', () => {
    const known: Record<ErrorCode, true> = {
      ...{ token_expiring: true, unauthorised: true, invalid: true, too_large: true },
      ...{ rate_limited: true, unavailable: true, not_found: true, unsupported: true },
    }
    expect([...firstCells('error codes')].sort()).toEqual(Object.keys(known).sort())
  })
  it('are the reset reasons that the code knows', () => {
    const known: Record<ResetReason, true> = { fork: true, trimmed: true, restored: true, unknown: true }
    expect([...firstCells('reset reasons')].sort()).toEqual(Object.keys(known).sort())
  })
  it('are the close codes that the code knows, final or not', () => {
    const told = rowsOf('close codes').map(([code, final, what = '']) => [
      Number(code),
      final,
      what.split(/[:;]/)[0],
    ])
    const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    const known = Object.entries(CLOSE).map(([name, code]) => [
      code,
      isFinalClose(code) ? 'yes' : 'no',
      words(name),
    ])
    expect(told).toEqual(known)
  })
})

describe('the numbers of the protocol document', () => {
  it('are the limits of the code', () => {
    const kib = (bytes: number) => `${bytes / 1024} KiB`
    expect(rowsOf('Sizes').map(([, most]) => most)).toEqual([
      kib(WIRE.clientTextBytes),
      kib(WIRE.serverTextBytes),
      String(WIRE.framesPerArray),
      kib(WIRE.bodyBytes),
      String(WIRE.bodyDepth),
      String(WIRE.idChars),
      String(WIRE.roomsPerFrame),
      String(WIRE.receiptMessages),
      String(WIRE.presenceNames),
      String(WIRE.readersPerFrame),
      String(WIRE.pageMessages),
      kib(WIRE.pageBytes),
      String(WIRE.checkpoints),
      String(WIRE.reactionChars),
    ])
  })
  it('name the version and the subprotocol', () => {
    expect(document.sections[0]?.title).toBe(`The wire protocol, version ${PROTOCOL_VERSION}`)
    expect(sectionOf('Transport').prose).toContain(`\`${SUBPROTOCOL}\``)
  })
  it('count the sentences of every section from 1, without a hole', () => {
    for (const { title, prose } of document.sections) {
      const numbers = [...prose.matchAll(/<sup>(\d+)<\/sup>/g)].map((match) => Number(match[1]))
      expect([title, numbers]).toEqual([title, numbers.map((_, i) => i + 1)])
    }
  })
})
