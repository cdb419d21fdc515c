import { encodeFrames, type ServerFrame, serverFrames } from 'tidings/protocol'
import type { PuppetServer } from 'tidings/testing'
import { Broken } from '../sim/laws.js'
import { act } from './acts.js'
import { checkSaid, look } from './client-laws.js'
import { createHonestSide } from './honest.js'
import { cursorAt, stampOf, tell } from './lies.js'
import { createPieces, type Pieces } from './pieces.js'
import { recover } from './recovery.js'
import { LIES } from './repertoire.js'
import { createScene, ROOMS, type Scene, type Tamper, USER } from './scene.js'
import type { Counter } from './tally.js'
import { HOSTILE_KEYS, type Words } from './values.js'

/** What a session tells: frames that follow from what was asked, or anything that the shapes let pass and much that they do not. */
const TOLD = { lie: 3, grammar: 5 } as const
const MIX = { fitting: 6, spoilt: 3, strange: 1 }
const ACTS = 0.35
const LOOK_EVERY = 8

/** Made-up frames about what goes on: rooms, positions and ids that are in use. */
function wordsOf(scene: Scene): Words {
  const { chance, puppet } = scene
  const near = (): number => Math.max(0, (scene.heads.get('general') ?? 0) + chance.whole(7) - 3)
  const asked = (): string => {
    const frame = puppet.received.at(-1 - chance.whole(6))
    return frame && 'id' in frame ? frame.id : 'x'
  }
  return {
    text(key) {
      switch (key) {
        case 'room':
          return chance.one([...ROOMS, ...ROOMS, 'nowhere'])
        case 'id':
        case 're':
          return chance.one([asked(), asked(), `op${near()}`, 'general'])
        case 'messageId':
        case 'replyTo':
          return chance.one([`m${near()}`, `m${near()}`, asked(), `tmp_${asked()}`])
        case 'cursor':
        case 'prev':
          return cursorAt(near())
        case 'stamp':
          return stampOf(scene)
        case 'from':
        case 'userId':
        case 'readBy':
        case 'user':
        case 'left':
          return chance.one([USER, 'bob', 'bob', chance.one(HOSTILE_KEYS)])
        default:
          return undefined
      }
    },
    number(key) {
      if (key === 'seq' || key === 'upTo' || key === 'head' || key === 'mark') return near()
      if (key === 'ts' || key === 'readAt' || key === 'lastSeen') return scene.timeline.now()
      return undefined
    },
  }
}

/** How a server that lies says welcome. */
function welcome({ chance, puppet, timeline }: Scene): void {
  if (chance.chance(0.7)) {
    puppet.welcome({ user: USER })
    return
  }
  const limits = {
    frame: chance.one([0, 64, 65_536]),
    body: 0,
    rooms: 0,
    page: 0,
    dedupeWindow: 0,
    rate: { perSecond: chance.one([0, 5e-324, 50]), burst: chance.one([0, 200]) },
  }
  const t = chance.one([0, timeline.now(), Number.MAX_SAFE_INTEGER])
  const ping = { interval: chance.one([0, 25_000, Number.MAX_SAFE_INTEGER]), timeout: 0 }
  puppet.welcome({ user: chance.chance(0.95) ? USER : 'mallory', limits, t, ping })
}

/** Sees to it that somebody listens, one way or another. */
async function meet(scene: Scene): Promise<void> {
  const { chance, client, puppet, timeline } = scene
  for (let tries = 0; puppet.open === 0 && tries < 20; tries++) {
    const { state } = client.connection.get()
    if (state === 'failed' || state === 'idle') client.connect()
    if (puppet.waiting) {
      if (chance.chance(0.1)) puppet.refuse()
      else welcome(scene)
    }
    // A slot may be an hour away.
    await timeline.advance(puppet.open > 0 ? 0 : 1_000 * 4 ** Math.min(6, tries))
  }
}

function sendText(puppet: PuppetServer, text: string): void {
  try {
    puppet.sendText(text)
  } catch (cause) {
    throw new Broken(`a text threw ${String(cause)}: ${text.slice(0, 400)}`)
  }
}

/** Tells frames that fit, in one text. */
function tellFrames({ puppet }: Scene, frames: readonly ServerFrame[], counter: Counter): number {
  const isHeard = puppet.open > 0
  for (const { type } of frames) counter.count(type, isHeard ? 'accepted' : 'unread')
  if (isHeard && frames.length > 0) sendText(puppet, encodeFrames(frames))
  return frames.length
}

/** Tells one text; gives how many frames it held. */
function tellSome(scene: Scene, pieces: Pieces, counter: Counter): number {
  const { chance, puppet } = scene
  const isHeard = puppet.open > 0
  if (chance.weighted(TOLD) === 'lie') return tellFrames(scene, tell(scene, chance.weighted(LIES)), counter)
  const told = Array.from({ length: 1 + chance.whole(12) }, () => pieces.next())
  for (const { kind, owed } of told) counter.count(kind, isHeard ? owed.is : 'unread')
  if (isHeard) sendText(puppet, `[${told.map(({ text }) => text).join()}]`)
  return told.length
}

async function lieFor(scene: Scene, count: number, counter: Counter): Promise<void> {
  const { chance, client, puppet, timeline } = scene
  const pieces = createPieces(chance, serverFrames, wordsOf(scene), MIX)
  const answers = createHonestSide(scene)
  const since = timeline.now()
  client.connect()
  for (let told = 0, turn = 0; told < count; turn++) {
    if (puppet.open === 0) await meet(scene)
    told += tellFrames(scene, answers(), counter) + tellSome(scene, pieces, counter)
    if (chance.chance(ACTS)) act(scene)
    if (chance.chance(0.02) && puppet.open > 0) puppet.drop()
    await timeline.advance(chance.chance(0.1) ? chance.whole(12_000) : 0)
    if (turn % LOOK_EVERY === 0) {
      look(scene)
      checkSaid(scene, told, since)
    }
  }
}

/**
 * Plays one session: a real client is told `count` frames that no server should say, while a person uses it; then a real server takes over,
 * and everything has to be as if nothing had been. Throws `Broken` with what did not hold.
 */
export async function playClient(
  seed: number,
  count: number,
  counter: Counter,
  tamper?: Tamper,
): Promise<void> {
  const scene = createScene(seed, tamper)
  await lieFor(scene, count, counter)
  look(scene)
  const quarantined = scene.errors.get('bad_entry') ?? 0
  if (quarantined > 0) counter.quarantined('entries of the log', quarantined)
  await recover(scene)
}
