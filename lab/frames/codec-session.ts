import {
  type ClientFrame,
  clientFrames,
  type Decoded,
  decodeClientText,
  decodeServerText,
  encodeFrames,
  type RefusedFrame,
  type ServerFrame,
  serverFrames,
  WIRE,
} from 'tidings/protocol'
import { Broken } from '../sim/laws.js'
import { type Chance, createChance } from './chance.js'
import { createPieces, type Piece, type Pieces } from './pieces.js'
import type { Counter } from './tally.js'
import type { Shape, Words } from './values.js'

type Frame = ClientFrame | ServerFrame

/** One side of the wire under test. */
export interface Side {
  readonly name: string
  readonly shapes: Readonly<Record<string, Shape>>
  readonly decode: (text: unknown) => Decoded<Frame>
  readonly bytes: number
}

export const SIDES: readonly [Side, Side] = [
  { name: 'client', shapes: clientFrames, decode: decodeClientText, bytes: WIRE.clientTextBytes },
  { name: 'server', shapes: serverFrames, decode: decodeServerText, bytes: WIRE.serverTextBytes },
]

const NO_WORDS: Words = { text: () => undefined, number: () => undefined }
const MIX = { fitting: 4, spoilt: 5, strange: 1 }
const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).join()

/** Texts that are wrong as a whole, with what has to be said of them. */
function wholeTexts(side: Side): readonly (readonly [what: string, text: unknown, fault: string])[] {
  const ping = '{"type":"ping","t":1}'
  return [
    ['no text', new Uint8Array(3), 'not_a_frame'],
    ['no text', undefined, 'not_a_frame'],
    ['no text', 7, 'not_a_frame'],
    ['no text', { type: 'ping', t: 1 }, 'not_a_frame'],
    ['no text', [ping], 'not_a_frame'],
    ['no JSON', '', 'not_json'],
    ['no JSON', 'undefined', 'not_json'],
    ['no JSON', '{"type":"ping","t":NaN}', 'not_json'],
    ['no JSON', '{"type":"ping","t":01}', 'not_json'],
    ['no JSON', "{'type':'ping','t':1}", 'not_json'],
    ['no JSON', `\ufeff${ping}`, 'not_json'],
    ['no JSON', `${ping}${ping}`, 'not_json'],
    ['no JSON', `{"type":"ping","t":1,}`, 'not_json'],
    ['too deep', '['.repeat(20_000), 'not_json'],
    ['too deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'not_a_frame'],
    [
      'too many',
      `[${Array(WIRE.framesPerArray + 1)
        .fill('0')
        .join()}]`,
      'too_many',
    ],
    ['too large', `${' '.repeat(side.bytes)}0`, 'too_large'],
    ['too large in bytes', `"${'€'.repeat(Math.ceil(side.bytes / 3))}"`, 'too_large'],
  ]
}

/** That a session is wrong is said with the text that shows it, cut to what a person reads. */
const SHOWN = 600
const broken = (law: string, side: Side, text: unknown): Broken =>
  new Broken(`${law} (codec of what a ${side.name} sends)\n  ${String(text).slice(0, SHOWN)}`)

function decoded(side: Side, text: unknown): Decoded<Frame> {
  try {
    return side.decode(text)
  } catch (cause) {
    throw broken(`decoding threw ${String(cause)}`, side, text)
  }
}

/** A refusal says what may be said, and what is said is right. */
function checkRefused(side: Side, { text, owed }: Piece, refused: RefusedFrame | undefined): void {
  if (owed.is !== 'refused') return
  if (refused?.fault !== owed.fault || refused.path !== owed.path)
    throw broken(
      `owed ${owed.fault} ${owed.path ?? ''}, said ${refused?.fault ?? 'nothing'} ${refused?.path ?? ''}`,
      side,
      text,
    )
  for (const name of [refused.id, refused.room])
    if (name !== undefined && (name === '' || name.length > WIRE.idChars || /\p{Cs}/u.test(name)))
      throw broken('a refusal names what no frame may name', side, text)
}

/** Every value of a text is accepted or refused on its own, in order, and comes out as it went in. */
function checkPieces(side: Side, text: string, pieces: readonly Piece[], counter: Counter): void {
  const { frames, refused } = decoded(side, text)
  let accepted = 0
  let refusals = 0
  for (const piece of pieces) {
    counter.count(piece.kind, piece.owed.is)
    if (piece.owed.is === 'refused') checkRefused(side, piece, refused[refusals++])
    else if (JSON.stringify(frames[accepted++]) !== piece.owed.reads)
      throw broken('a frame that fits was not read as it was written', side, piece.text)
  }
  if (frames.length !== accepted || refused.length !== refusals)
    throw broken(
      `${frames.length} accepted of ${accepted}, ${refused.length} refused of ${refusals}`,
      side,
      text,
    )
}

/** What was read can be said again, and is read the same. */
function checkAgain(side: Side, text: string): void {
  const { frames } = decoded(side, text)
  if (frames.length === 0) return
  const said = encodeFrames(frames)
  const again = decoded(side, said)
  // An entry that could not be read is no entry that could be sent: it is read as unreadable once more.
  if (again.refused.length > 0 || encodeFrames(again.frames) !== said)
    throw broken('what was read is not read again', side, text)
}

function playText(side: Side, chance: Chance, pieces: Pieces, left: number, counter: Counter): number {
  const wanted = Math.min(
    left,
    chance.chance(0.002) ? 1 + chance.whole(WIRE.framesPerArray) : 1 + chance.whole(8),
  )
  const made: Piece[] = []
  let bytes = 0
  // Three bytes a character at most.
  while (made.length < wanted && bytes * 3 < side.bytes / 2) {
    const piece = pieces.next()
    made.push(piece)
    bytes += piece.text.length
  }
  const [first] = made
  const text =
    made.length === 1 && first && !first.text.startsWith('[')
      ? first.text
      : `[${made.map((piece) => piece.text).join()}]`
  checkPieces(side, text, made, counter)
  if (chance.chance(0.1)) checkAgain(side, text)
  if (chance.chance(0.02)) checkCut(side, chance, text)
  return made.length
}

/** A text that ends too early is no text. */
function checkCut(side: Side, chance: Chance, text: string): void {
  const cut = text.slice(0, chance.whole(text.length))
  const { frames, refused } = decoded(side, cut)
  if (frames.length !== 0 || refused[0]?.fault !== 'not_json') throw broken('half a text was read', side, cut)
}

/** Plays frames against the codec of both sides. `sides` lets a test hand in one with a defect. */
export function playCodec(seed: number, count: number, counter: Counter, sides = SIDES): void {
  const chance = createChance(seed)
  for (const side of sides) {
    const pieces = createPieces(chance, side.shapes, NO_WORDS, MIX)
    let left = Math.floor(count / sides.length)
    for (const [what, text, fault] of wholeTexts(side)) {
      const { frames, refused } = decoded(side, text)
      counter.count(what, 'refused')
      left -= 1
      if (frames.length !== 0 || refused.length !== 1 || refused[0]?.fault !== fault)
        throw broken(`owed ${fault}, said ${refused[0]?.fault ?? 'nothing'}`, side, what)
    }
    while (left > 0) left -= playText(side, chance, pieces, left, counter)
  }
  if (Object.getOwnPropertyNames(Object.prototype).join() !== PROTOTYPE)
    throw new Broken('Object.prototype is not what it was.')
}
