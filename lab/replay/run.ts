import { createSystemClock } from 'tidings'
import type { TidingsError } from 'tidings/core'
import { createSeededRandom } from 'tidings/testing'
import type { Conversation } from './conversation.js'
import type { WireCount } from './ear.js'
import { createFaults, type Faults } from './faults.js'
import type { Ground } from './ground.js'
import { createOneServer } from './one-server.js'
import { createPlayer, type Player } from './player.js'
import { createStage, type Stage } from './stage.js'
import { judgeAll, type RoomEvidence, type Verdict } from './verdict.js'

export interface RunOptions {
  readonly conversation: Conversation
  readonly clients: number
  readonly seed: number
  readonly faults: 'none' | 'rough'
  /** The built server. */
  readonly program: string
  /** An empty folder for the server's file. */
  readonly folder: string
  /** Nothing was said or seen for so long, in ms: what is missing will not come. Default 30 s. */
  readonly stalledAfterMs?: number
  /** Progress and oddities, for people. */
  readonly say: (text: string) => void
}

/** What a run comes to. */
export interface Result extends Verdict {
  readonly messages: number
  readonly clients: number
  readonly reconnects: number
  readonly serverRestarts: number
  readonly resent: number
  readonly duplicateAcks: number
  readonly seconds: number
}

const SAY_EVERY_MS = 5_000
/** What a disk takes for a step under `rough`, at most: long enough for a kill to come in between. */
const ROUGH_DISK_MS = 1
/** Part of the acknowledgements that is lost under `rough`. */
const DROPPED_ACKS = 0.05
const CALM_AFTER_MS = 20_000

/** Errors that are no wonder while things are broken on purpose. */
const EXPECTED = new Set(['token_failed', 'server'])

interface Company {
  readonly players: readonly Player[]
  readonly stage: Stage
  readonly faults: Faults | undefined
  readonly count: WireCount
}

function assemble(options: RunOptions, ground: Ground): Company {
  const { conversation, clients, seed, say } = options
  const clock = createSystemClock()
  const count: WireCount = { welcomed: 0, moved: 0, resent: 0, duplicateAcks: 0, resets: 0, breaks: 0 }
  const known = new Set<string>()
  const isRough = options.faults === 'rough'
  const onMistake = (cause: unknown): void => say(`The harness failed: ${String(cause)}`)
  const onTrouble = (player: Player, error: TidingsError): void => {
    if (!isRough || !EXPECTED.has(error.code)) say(`${player.user}: ${error.code}: ${error.message}`)
  }
  const players = Array.from({ length: clients }, (_, i) =>
    createPlayer({
      user: `player-${i + 1}`,
      seed: (seed * 100 + i) * 10_000,
      urls: ground.urls,
      token: ground.token,
      clock,
      count,
      known,
      diskMs: isRough ? ROUGH_DISK_MS : 0,
      onTrouble,
      onSaid: (player) => faults?.said(player),
      onOperations: (player) => faults?.sending(player),
      onSeen: (room) => stage.seen(room),
    }),
  )
  const stage = createStage(conversation, players, { onMistake, stalledAfterMs: options.stalledAfterMs })
  const { messages } = conversation
  const { outages } = ground
  const random = createSeededRandom(seed)
  const faults = isRough ? createFaults({ messages, players, outages, clock, random, onMistake }) : undefined
  return { players, stage, faults, count }
}

function sayProgress(
  { players, stage, count, faults }: Company,
  { conversation, say }: RunOptions,
  ground: Ground,
): () => void {
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    const rooms = `${stage.roomsDone} of ${conversation.rooms.size} rooms complete`
    const rough = faults ? `, ${count.welcomed} connections, ${ground.serverKills} server kills` : ''
    const said = players
      .flatMap((player) => player.parts())
      .reduce((sum, part) => sum + part.spoken.length, 0)
    say(`${seconds} s: ${said} of ${conversation.messages} messages sent, ${rooms}${rough}`)
  }, SAY_EVERY_MS)
  return () => clearInterval(timer)
}

/** Waits until nothing is being broken or built any more, but not for ever. */
async function calm({ faults }: Company): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, CALM_AFTER_MS).unref())
  await Promise.race([faults?.end(), late])
}

/** Kills every client once more, and reads every room from what is on its disk. */
async function readFromDisk({ players, stage }: Company): Promise<void> {
  for (const player of players) player.kill()
  await Promise.all(players.map((player) => player.rebuild()))
  await stage.readAgain()
}

/** Reads what the servers hold, and judges each room by it. */
async function verdictOf(ground: Ground, { conversation }: RunOptions, { players, stage }: Company) {
  const log = await ground.openLog()
  const evidence: RoomEvidence[] = []
  let strangers = await log.count()
  const acknowledged = new Map(players.flatMap((player) => [...player.acknowledged]))
  for (const [room, lines] of conversation.rooms) {
    const intents = players.flatMap((player) => player.part(room)?.spoken ?? [])
    const rows = await log.rows(room)
    strangers -= rows.length
    evidence.push({ lines, intents, acknowledged, rows, views: stage.views(room) })
  }
  await log.close()
  const verdict = judgeAll(evidence)
  // Rows of rooms that nobody knows are too many as well.
  return { ...verdict, duplicated: verdict.duplicated + strangers }
}

/** Plays a conversation through real clients on a ground that nobody else stands on, and judges what became of it. The ground is left open. */
export async function playOn(
  ground: Ground,
  options: RunOptions,
): Promise<Result & Pick<WireCount, 'moved' | 'resets' | 'breaks'>> {
  const { conversation, clients, say } = options
  const startedAt = performance.now()
  await ground.start()
  say('Rate limits are off: the log is played as fast as it is taken.')
  const company = assemble(options, ground)
  const quiet = sayProgress(company, options, ground)
  const whole = await company.stage.play(() => {
    for (const player of company.players) say(player.describe())
  })
  await calm(company)
  // What the last reading does to the connections is no part of the run.
  const { welcomed, moved, resent, duplicateAcks, resets, breaks } = company.count
  if (whole && company.faults) await readFromDisk(company)
  quiet()
  for (const player of company.players) player.kill()
  await ground.stop()
  const verdict = await verdictOf(ground, options, company)
  return {
    messages: conversation.messages,
    clients,
    ...verdict,
    reconnects: welcomed - clients,
    serverRestarts: ground.serverKills,
    moved,
    resets,
    breaks,
    resent,
    duplicateAcks,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  }
}

/** How the servers of a run lose acknowledgements; each in an order of its own. */
export const chaosOf = ({ faults, seed }: RunOptions, server = 0): string | undefined =>
  faults === 'rough' ? `drop-acks=${DROPPED_ACKS},seed=${seed + server}` : undefined

/** Plays a conversation through real clients and one real server, and judges what became of it. */
export async function replay(options: RunOptions): Promise<Result> {
  const { program, folder, say } = options
  const ground = await createOneServer({ program, file: `${folder}/replay.db`, chaos: chaosOf(options), say })
  const { moved, resets, breaks, ...result } = await playOn(ground, options)
  await ground.close()
  return result
}
