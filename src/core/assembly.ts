import { MAX_STAMP_MS, type ServerFrames } from '../protocol/index.js'
import { type CacheBound, createCacheBound } from './cache-bound.js'
import type { Conflicts } from './conflicts.js'
import { createConnection } from './connection/connection.js'
import type { Connection } from './connection/contract.js'
import { createDispatch } from './dispatch.js'
import { createDrain, type Drain } from './drain.js'
import type { Emitter } from './emitter.js'
import { TidingsError } from './errors.js'
import { createGathering, type Gathering } from './gathering.js'
import type { Entry, Failure } from './messages/entry.js'
import { createHlc, type Hlc, nodeName } from './messages/hlc.js'
import { createLanes, type Lanes } from './messages/lanes.js'
import { createLog, type Log } from './messages/log.js'
import { createOutbox, type Outbox } from './messages/outbox.js'
import { errorOf } from './messages/shown.js'
import { fail, reopen } from './messages/transitions.js'
import { createTurns } from './messages/turns.js'
import { perTick } from './per-tick.js'
import type { ClientOptions, Platform } from './platform.js'
import type { Reports } from './reports.js'
import { createRooms, type Rooms } from './rooms.js'
import type { Stores } from './stores.js'
import type { Verdicts } from './verdicts.js'
import { createVigil, type Vigil } from './vigil.js'

/** What every part is given. */
export interface Ground {
  readonly platform: Platform
  readonly options: ClientOptions
  readonly reports: Reports
  readonly verdicts: Verdicts
  readonly conflicts: Conflicts
  readonly stores: Stores
  /** Names this context in claims, and this installation to the server. */
  readonly claimant: string
  /** Names what the tabs of a profile share. */
  readonly scope: string
  /** Frames of the server, for the functions over a client. */
  readonly frames: Emitter<ServerFrames>
}

/** The parts of a client. They need each other, so each is made knowing only how to find the others later. */
export interface Assembly {
  readonly hlc: Hlc
  readonly outbox: Outbox
  readonly lanes: Lanes
  readonly rooms: Rooms
  readonly gathering: Gathering
  readonly connection: Connection
  readonly drain: Drain
  readonly vigil: Vigil
  readonly bound: CacheBound
  readonly serverNow: () => number
}

type Find = () => Assembly

export function assemble(ground: Ground): Assembly {
  const find: Find = () => assembly
  const { clock, random } = ground.platform
  const { onError, onThrow } = ground.reports
  const serverOffsetMs = (): number => assembly.connection.serverOffsetMs()
  // Whole milliseconds that a stamp can hold, whatever a server calls its time: it goes into records and frames, which are read again.
  const serverNow = (): number =>
    Math.min(MAX_STAMP_MS, Math.max(0, Math.round(clock.now() + serverOffsetMs())))
  const hlc = createHlc({ clock, node: nodeName(random), serverOffsetMs })
  const outbox = outboxOf(ground, serverNow, find)
  const lanes = lanesOf(ground, outbox, serverNow, find)
  const log = createLog({
    open: ground.stores.cacheVault.open,
    onBadRecord: (room, rows) => find().gathering.badRows(room, rows),
    onGrown: (bytes) => find().bound.grew(bytes),
    now: clock.now,
  })
  const rooms = roomsOf(ground, { outbox, lanes, hlc, serverNow }, log, find)
  const gathering = createGathering({
    rooms,
    random,
    onError,
    onThrow,
    isConnected: () => assembly.connection.status.get().state === 'connected',
    send: (frames) => assembly.connection.send(frames, 'control'),
  })
  const bound = createCacheBound({
    open: ground.stores.cacheVault.open,
    log,
    rooms: () => rooms,
    onEvicted: (room) => ground.reports.events.emit('evicted', { room }),
  })
  const { drain, vigil } = tabsOf(ground, { lanes, outbox }, find)
  const connection = connectionOf(ground, { lanes, rooms, gathering, drain, vigil })
  const assembly: Assembly = {
    ...{ hlc, outbox, lanes, rooms, gathering, connection, drain, vigil, bound, serverNow },
  }
  return assembly
}

function outboxOf(
  { platform, reports, verdicts, stores, claimant }: Ground,
  serverNow: () => number,
  find: Find,
): Outbox {
  // Once a tick, as it looks at all that waits.
  const followWaiting = perTick<string>((room) => {
    const { outbox, gathering } = find()
    // What was given up with a refusal is no reason to ask again.
    if (outbox.open(room).some((entry) => entry.state === 'queued')) gathering.follow(room)
  })
  return createOutbox({
    open: stores.outboxVault.open,
    clock: platform.clock,
    tab: claimant,
    serverNow,
    onChange(room) {
      const { rooms, lanes } = find()
      rooms.get(room)?.touch()
      lanes.wake(room)
      followWaiting(room)
    },
    onFound: (room) => find().rooms.get(room)?.cover(),
    onQueued: ({ room, id }) => reports.events.emit('queued', { room, key: id }),
    // Events are told in the tab that learns of them first; who waits for a promise waits in this one.
    onElsewhere(id, entry) {
      if (entry?.state === 'acked') verdicts.confirm(id)
      const error = entry ? errorOf(entry) : new TidingsError('discarded', 'The message was discarded.')
      if (error) verdicts.refuse(id, error)
    },
    onMoved: () => find().drain.moved(),
    onDeposed: () => find().drain.deposed(),
    onError: reports.onError,
  })
}

/** How this context gets on with the others of the profile. */
function tabsOf(
  { platform, stores, scope }: Ground,
  { lanes, outbox }: Pick<Assembly, 'lanes' | 'outbox'>,
  find: Find,
): Pick<Assembly, 'drain' | 'vigil'> {
  const { locks, lifecycle, clock } = platform
  const vigil = createVigil({
    ...{ locks, lifecycle, clock },
    name: `tidings.awake.${scope}`,
    isBusy: () => outbox.status.get().pending > 0,
    sleep: () => find().connection.disconnect('hidden'),
    wake: () => find().connection.connect(),
    onAwake() {
      stores.look()
      void outbox.look()
    },
  })
  const drain = createDrain({
    ...{ locks, lifecycle, clock },
    name: `tidings.drain.${scope}`,
    isHidden: vigil.isHidden,
    play: lanes.play,
    lead: outbox.lead,
    yields: lanes.yields,
  })
  return { drain, vigil }
}

function lanesOf(ground: Ground, outbox: Outbox, serverNow: () => number, find: Find): Lanes {
  const { platform, reports, verdicts, claimant } = ground
  return createLanes({
    outbox,
    clock: platform.clock,
    random: platform.random,
    serverNow,
    claimant,
    send: (frames) => find().connection.send(frames, 'durable'),
    maySend: (room) => find().rooms.get(room)?.replica.maySend() ?? false,
    mayResend: (room) => find().rooms.get(room)?.replica.mayResend() ?? false,
    logged: (room, name) => find().rooms.get(room)?.keeper.get(name),
    isListed(room, name) {
      const keeper = find().rooms.get(room)?.keeper
      const message = keeper?.get(name)
      return keeper !== undefined && message !== undefined && !keeper.view().isHeldBack(message)
    },
    onSilence: () => find().connection.probe(),
    onYield: () => find().drain.yielded(),
    onConfirmed({ id, room, acked }) {
      find().drain.moved()
      verdicts.confirm(id)
      reports.events.emit('confirmed', { room, key: id, id: acked?.messageId ?? id })
    },
    onFailed(entry) {
      if (!ground.conflicts.ask(entry.room, entry.id)) tellFailure(ground, entry)
    },
  })
}

export function tellFailure(
  { verdicts, reports }: Pick<Ground, 'verdicts' | 'reports'>,
  entry: Entry | undefined,
): void {
  const error = entry && errorOf(entry)
  if (!error) return
  verdicts.refuse(entry.id, error)
  reports.events.emit('failed', { room: entry.room, key: entry.id, error })
}

function roomsOf(
  ground: Ground,
  { outbox, lanes, hlc, serverNow }: Pick<Assembly, 'outbox' | 'lanes' | 'hlc' | 'serverNow'>,
  log: Log,
  find: Find,
): Rooms {
  const { platform, options, reports } = ground
  return createRooms({
    user: options.user,
    log,
    outbox,
    clock: platform.clock,
    random: platform.random,
    turns: createTurns(),
    serverNow,
    send: (frame) => find().connection.send([frame], 'control'),
    onSilence: () => find().connection.probe(),
    onStamp: hlc.observe,
    onSettled: lanes.settle,
    onFollow: (room, on) => (on ? find().gathering.follow(room) : find().gathering.leave(room)),
    onChange: () => find().gathering.touch(),
    onPhase: lanes.wake,
    onLive: () => find().connection.settled(),
    onApplied(room, count) {
      find().gathering.applied(count)
      lanes.wake(room)
    },
    onReset(reset, end) {
      const lost = outbox.ackedBeyond(reset.room, end).map((entry) => entry.id)
      if (lost.length > 0) void outbox.change(lost, reopen)
      reports.events.emit('reset', reset)
    },
    onRefused(room, code) {
      const ids = outbox.open(room).flatMap((entry) => (entry.state === 'queued' ? entry.id : []))
      void outbox.change(ids, fail(keptOut(code)))
      for (const id of ids) tellFailure(ground, outbox.get(id))
    },
    onError: reports.onError,
    onThrow: reports.onThrow,
  })
}

const keptOut = (serverCode: string): Failure => ({
  code: 'rejected',
  serverCode,
  message: 'The server does not let you write in this room. It is kept: retry or discard it.',
})

function connectionOf(
  { platform, options, reports, claimant, frames }: Ground,
  {
    lanes,
    rooms,
    gathering,
    drain,
    vigil,
  }: Pick<Assembly, 'lanes' | 'rooms' | 'gathering' | 'drain' | 'vigil'>,
): Connection {
  function onWelcome(welcome: ServerFrames['welcome']): void {
    lanes.open(welcome.limits.rate)
    drain.welcomed()
    vigil.welcomed()
    gathering.welcomed()
    if (rooms.followed().length === 0) connection.settled()
  }

  function onDown(): void {
    drain.down()
    vigil.down()
    lanes.close()
    for (const room of rooms.all()) room.down()
    gathering.touch()
  }

  const connection = createConnection({
    ...options,
    token: options.token,
    device: claimant,
    connect: platform.connect,
    clock: platform.clock,
    random: platform.random,
    lifecycle: platform.lifecycle,
    rooms: rooms.requests,
    onWelcome,
    onFrames: createDispatch({ rooms, lanes, frames, onError: reports.onError }),
    onDown,
    onRoom: () => lanes.wake(),
    onError: reports.onError,
    trace: reports.trace,
  })
  return connection
}
