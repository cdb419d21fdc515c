import { directRoom, PROTOCOL_VERSION } from '../protocol/index.js'
import type { Client, StorageStatus } from './api.js'
import { createComposer } from './composer.js'
import { createConnection } from './connection/connection.js'
import type { Connection, TokenSource } from './connection/contract.js'
import { createDispatch } from './dispatch.js'
import { createCell } from './emitter.js'
import { TidingsError } from './errors.js'
import { createGathering } from './gathering.js'
import type { Entry } from './messages/entry.js'
import { createHlc, nodeName } from './messages/hlc.js'
import { createLanes } from './messages/lanes.js'
import { createLog } from './messages/log.js'
import { createOutbox } from './messages/outbox.js'
import { errorOf } from './messages/shown.js'
import { fail, reopen } from './messages/transitions.js'
import { createTurns } from './messages/turns.js'
import type { Platform } from './platform.js'
import { createReports } from './reports.js'
import { createRoom } from './room.js'
import { createRooms } from './rooms.js'
import { createVault } from './vault.js'
import { createVerdicts } from './verdicts.js'

/** What a client is made for. */
export interface ClientOptions {
  /** `wss://…/v1/ws` */
  readonly url: string
  /** Id of the user, as the server will say it in welcome. */
  readonly user: string
  /** Fetches a token for each connection. Absent: the server must know the user by other means, such as a cookie. */
  readonly token?: TokenSource | undefined
}

/** A client on a given platform. Applications use `createClient` of their platform's entry point. */
export function createClientOn(platform: Platform, { url, user, token }: ClientOptions): Client {
  const { clock, random, storage } = platform
  const reports = createReports(clock.now)
  const { events, onError, onThrow } = reports
  const verdicts = createVerdicts()
  const claimant = random.id()
  const scope = `${encodeURIComponent(user)}@${encodeURIComponent(url)}`
  const initialStorage: StorageStatus = {
    state: 'idle',
    kind: storage.kind,
    durable: storage.durable,
    error: null,
  }
  const storageStatus = createCell(initialStorage, onThrow)
  const tellStorage = (next: StorageStatus): void => {
    storageStatus.set(next)
    if (next.error) onError(next.error)
  }
  const vault = (name: string) =>
    createVault({ storage, name: `tidings.${name}.${scope}`, onStatus: tellStorage })
  const outboxVault = vault('outbox.1')
  const cacheVault = vault(`cache.${PROTOCOL_VERSION}`)

  const serverOffsetMs = (): number => connection.serverOffsetMs()
  const serverNow = (): number => clock.now() + serverOffsetMs()
  const hlc = createHlc({ clock, node: nodeName(random), serverOffsetMs })

  const outbox = createOutbox({
    open: outboxVault.open,
    clock,
    serverNow,
    onChange(room) {
      rooms.get(room)?.touch()
      lanes.wake(room)
      gathering.follow(room)
    },
    onQueued: ({ room, id }) => events.emit('queued', { room, key: id }),
    onError,
  })
  const lanes = createLanes({
    outbox,
    clock,
    random,
    serverNow,
    claimant,
    send: (frames) => connection.send(frames, 'durable'),
    maySend: (room) => rooms.get(room)?.replica.maySend() ?? false,
    mayResend: (room) => rooms.get(room)?.replica.mayResend() ?? false,
    onSilence: () => connection.probe(),
    onConfirmed: confirmed,
    onFailed: failed,
  })
  const rooms = createRooms({
    user,
    log: createLog(cacheVault.open, (room, rows) => gathering.badRows(room, rows)),
    outbox,
    clock,
    random,
    turns: createTurns(),
    serverNow,
    send: (frame) => connection.send([frame], 'control'),
    onSilence: () => connection.probe(),
    onStamp: hlc.observe,
    onSettled: lanes.settle,
    onFollow: (room, on) => (on ? gathering.follow(room) : gathering.leave(room)),
    onChange: () => gathering.touch(),
    onPhase: lanes.wake,
    onLive: () => connection.settled(),
    onApplied(room, count) {
      gathering.applied(count)
      lanes.wake(room)
    },
    onReset(reset, end) {
      const lost = outbox.ackedBeyond(reset.room, end).map((entry) => entry.id)
      if (lost.length > 0) void outbox.change(lost, reopen)
      events.emit('reset', reset)
    },
    onRefused(room, code) {
      const failure = {
        code: 'rejected' as const,
        serverCode: code,
        message: 'The server does not let you write in this room. It is kept: retry or discard it.',
      }
      const ids = outbox.lane(room).flatMap((entry) => (entry.state === 'queued' ? entry.id : []))
      void outbox.change(ids, fail(failure))
      for (const id of ids) failed(outbox.get(id))
    },
    onError,
    onThrow,
  })
  const gathering = createGathering({
    rooms,
    random,
    onError,
    onThrow,
    isConnected: () => connection.status.get().state === 'connected',
    send: (frames) => connection.send(frames, 'control'),
  })
  const dispatch = createDispatch({ rooms, lanes, onError })
  const connection: Connection = createConnection({
    url,
    user,
    device: claimant,
    token,
    connect: platform.connect,
    clock,
    random,
    lifecycle: platform.lifecycle,
    rooms: rooms.requests,
    onWelcome,
    onFrames: dispatch,
    onDown,
    onRoom: () => lanes.wake(),
    onError,
    trace: reports.trace,
  })

  let life: 'new' | 'starting' | 'running' | 'ended' = 'new'
  /** Whether the application wants to be connected; the start may still be under way. */
  let wanted = false
  let releaseDrain: (() => void) | undefined

  function onWelcome(welcome: Parameters<Parameters<typeof createConnection>[0]['onWelcome']>[0]): void {
    lanes.open(welcome.limits.rate)
    if (platform.locks) {
      // Asked for only while welcomed: a context that is not connected must not keep others from sending.
      releaseDrain = platform.locks.request(`tidings.drain.${scope}`, () => lanes.drain(true, true))
    } else lanes.drain(true, false)
    gathering.welcomed()
    if (rooms.followed().length === 0) connection.settled()
  }

  function onDown(): void {
    releaseDrain?.()
    releaseDrain = undefined
    lanes.drain(false, false)
    lanes.close()
    for (const room of rooms.all()) room.down()
    gathering.touch()
  }

  function confirmed({ id, room, acked }: Entry): void {
    verdicts.confirm(id)
    events.emit('confirmed', { room, key: id, id: acked?.messageId ?? id })
  }

  function failed(entry: Entry | undefined): void {
    const error = entry && errorOf(entry)
    if (!error) return
    verdicts.refuse(entry.id, error)
    events.emit('failed', { room: entry.room, key: entry.id, error })
  }

  async function start(): Promise<void> {
    life = 'starting'
    try {
      await outbox.load()
      if (outbox.largestStamp()) hlc.observe(outbox.largestStamp())
    } catch (cause) {
      const message =
        'What was queued before could not be read. It stays on the device and is read at the next start.'
      onError(new TidingsError('storage', message, { cause }))
    }
    for (const id of outbox.rooms()) rooms.of(id)
    await Promise.all(rooms.followed().map((room) => room.keeper.load()))
    if (life !== 'starting') return
    life = 'running'
    if (wanted) connection.connect()
    void outbox.prune(({ room, acked }) => {
      const position = rooms.get(room)?.keeper.window.position()
      return position !== undefined && position !== null && (acked?.seq ?? 0) <= position.seq
    })
  }

  const compose = createComposer({ random, hlc, serverNow, birth: lanes.birth })
  const faces = new Map<string, ReturnType<typeof createRoom>>()

  function room(id: string): ReturnType<typeof createRoom> {
    if (life === 'ended') throw new TidingsError('destroyed', 'The client was destroyed: make a new one.')
    const known = faces.get(id)
    if (known) return known
    const face = createRoom({
      followed: rooms.of(gathering.checked(id)),
      outbox,
      lanes,
      verdicts,
      compose,
      onThrow,
    })
    faces.set(id, face)
    return face
  }

  async function end(): Promise<void> {
    life = 'ended'
    connection.destroy()
    onDown()
    for (const each of rooms.all()) each.close()
    outbox.close()
    verdicts.end()
    events.clear()
    await Promise.all([outboxVault.close(), cacheVault.close()])
  }

  return {
    user,
    connection: connection.status,
    storage: storageStatus,
    outbox: outbox.status,
    sync: gathering.sync,
    rooms: gathering.summaries,
    connect() {
      if (life === 'ended') throw new TidingsError('destroyed', 'The client was destroyed: make a new one.')
      wanted = true
      if (life === 'new') void start()
      else if (life === 'running') connection.connect()
    },
    disconnect() {
      wanted = false
      connection.disconnect()
    },
    room,
    direct: (other) => room(directRoom(user, other)),
    on: events.on,
    trace: reports.lines,
    destroy: () => (life === 'ended' ? Promise.resolve() : end()),
    async logout({ force = false } = {}) {
      if (life === 'ended')
        throw new TidingsError('destroyed', 'The client was destroyed: nothing is left to sign out.')
      const { pending } = outbox.status.get()
      if (pending > 0 && !force) {
        const message = `${pending} messages were not sent yet. Wait for them, or force the logout, which removes them.`
        throw new TidingsError('unsent', message)
      }
      connection.destroy()
      onDown()
      outbox.close()
      await Promise.all([outboxVault.wipe(), cacheVault.wipe()])
      await end()
    },
  }
}
