import { directRoom, type Json, type ServerFrames } from '../protocol/index.js'
import type { Client, StorageStatus } from './api.js'
import { type Assembly, assemble, STORES, tellFailure } from './assembly.js'
import { type Backstage, furnishClient } from './backstage.js'
import { createComposer } from './composer.js'
import { type Conflicts, createConflicts } from './conflicts.js'
import { createCell, createEmitter, type Emitter } from './emitter.js'
import { TidingsError } from './errors.js'
import { createFaces, onePerId } from './faces.js'
import { LIMITS } from './limits.js'
import { type Entry, isConflict } from './messages/entry.js'
import { checkedName } from './names.js'
import type { ClientOptions, Platform, TypedClientOptions } from './platform.js'
import { createReports, type Reports } from './reports.js'
import { createRoom } from './room.js'
import { mayBeTheLast } from './seams/lifecycle.js'
import { type Face, type RawFace, typeRoom } from './typed-room.js'
import { createVault, type Vault } from './vault.js'
import { createVerdicts } from './verdicts.js'

/** `new` until connect(), `starting` while the outbox is read, `running`, `ended` for ever. */
type Life = 'new' | 'starting' | 'running' | 'ended'

/**
 * A client on a given platform. Applications use `createClient` of their platform's entry point. With a schema in `body`, every body
 * is checked when it is sent, and read through the schema when it is shown.
 */
export function createClientOn<Body, Input = Body>(
  platform: Platform,
  options: TypedClientOptions<Body, Input>,
): Client<Body, Input>
export function createClientOn(
  platform: Platform,
  options: ClientOptions & { readonly body?: undefined },
): Client
export function createClientOn<Body, Input>(
  platform: Platform,
  options: TypedClientOptions<Body, Input> | (ClientOptions & { readonly body?: undefined }),
): Client<Body, Input> | Client {
  const { body } = options
  if (body) return clientOn(platform, options, (raw, onError) => typeRoom(raw, body, onError))
  return clientOn<Json, Json>(platform, options, (raw) => raw)
}

function clientOn<Body, Input>(
  platform: Platform,
  options: ClientOptions,
  face: (raw: RawFace, onError: (error: TidingsError) => void) => Face<Body, Input>,
): Client<Body, Input> {
  const { storage, ...ground } = groundOf(platform, options)
  const { reports, verdicts, conflicts, outboxVault, cacheVault, frames } = ground
  const { user } = ground.options
  const parts = assemble(ground)
  const { outbox, gathering, connection } = parts

  let life: Life = 'new'
  /** Whether the application wants to be connected; the start may still be under way. */
  let wanted = false
  let cancelPrune: (() => void) | undefined
  let stopListening: (() => void) | undefined

  async function start(): Promise<void> {
    life = 'starting'
    stopListening = platform.lifecycle.listen((signal) => {
      if (mayBeTheLast(signal)) outbox.hurry()
    })
    await readOutbox(parts, reports)
    if (life !== 'starting') return
    askAgain(parts, conflicts)
    life = 'running'
    if (wanted) connection.connect()
    prune()
  }

  function prune(): void {
    void outbox.prune((entry) => isCovered(parts, entry))
    cancelPrune = platform.clock.after(LIMITS.pruneEveryMs, prune)
  }

  const endings = createEmitter<{ end: null }>(reports.onThrow)
  const backstage = backstageFor(platform, user, { ...parts, outboxVault, reports, frames, endings })

  const compose = createComposer({
    ...parts,
    random: platform.random,
    birth(id) {
      parts.vigil.stir()
      return parts.lanes.birth(id)
    },
  })

  function alive(): void {
    if (life === 'ended') throw new TidingsError('destroyed', 'The client was destroyed: make a new one.')
  }

  const onUndecided = (operation: string): void => tellFailure({ verdicts, reports }, outbox.get(operation))

  const around = { verdicts, conflicts, compose, backstage, onUndecided, onThrow: reports.onThrow }
  const rawOf = onePerId((id) =>
    createRoom({ ...parts, ...around, followed: parts.rooms.of(checkedName(id)) }),
  )
  const roomsBy = createFaces({ rawOf, face: (raw) => face(raw, reports.onError), onError: reports.onError })

  function stop(): void {
    life = 'ended'
    endings.emit('end', null)
    reports.end()
    cancelPrune?.()
    stopListening?.()
    parts.vigil.end()
    connection.destroy()
    for (const each of parts.rooms.all()) each.close()
    outbox.close()
    verdicts.end()
  }

  async function close(): Promise<void> {
    await Promise.all([outboxVault.close(), cacheVault.close()])
    reports.events.clear()
  }

  const client: Client<Body, Input> = {
    user,
    connection: connection.status,
    storage: storage.status,
    outbox: outbox.status,
    sync: gathering.sync,
    rooms: gathering.summaries,
    connect() {
      alive()
      wanted = true
      parts.vigil.begin()
      if (life === 'new') void start()
      else if (life === 'running') connection.connect()
    },
    disconnect() {
      wanted = false
      parts.vigil.end()
      connection.disconnect()
    },
    room: roomsBy((id) => {
      alive()
      return id
    }),
    direct: roomsBy((other) => {
      alive()
      return directRoom(user, checkedName(other))
    }),
    on: reports.events.on,
    trace: reports.lines,
    async destroy() {
      if (life !== 'ended') stop()
      await close()
    },
    async logout({ force = false } = {}) {
      alive()
      const { pending } = outbox.status.get()
      if (pending > 0 && !force) throw unsent(pending)
      stop()
      const wiped = await Promise.allSettled([outboxVault.wipe(), cacheVault.wipe()])
      await close()
      for (const one of wiped) if (one.status === 'rejected') throw notWiped(one.reason)
    },
  }
  furnishClient(client, backstage)
  return client
}

/** What the parts of a client stand on. */
function groundOf(platform: Platform, { url, token, user, service }: ClientOptions) {
  const options = { url, token, user: checkedName(user) }
  const reports = createReports(platform.clock.now)
  const place = service ?? (typeof url === 'string' ? url : 'routed')
  const scope = `${encodeURIComponent(user)}@${encodeURIComponent(place)}`
  const storage = createStores(platform, scope, reports)
  const { outboxVault, cacheVault } = storage
  return {
    ...{ platform, options, reports, scope, storage, outboxVault, cacheVault },
    verdicts: createVerdicts(),
    conflicts: createConflicts(),
    claimant: platform.random.id(),
    frames: createEmitter<ServerFrames>(reports.onThrow),
  }
}

/** What the functions over a client are given of it. */
const backstageFor = (
  { clock, random, lifecycle }: Platform,
  user: string,
  parts: Pick<Assembly, 'connection' | 'serverNow'> & {
    readonly outboxVault: Vault
    readonly reports: Reports
    readonly frames: Emitter<ServerFrames>
    readonly endings: Emitter<{ end: null }>
  },
): Backstage => ({
  ...{ user, clock, random, lifecycle, frames: parts.frames, serverNow: parts.serverNow },
  connection: parts.connection.status,
  send: (frame, lane) => parts.connection.send([frame], lane),
  open: parts.outboxVault.open,
  onEnd: (ending) => parts.endings.on('end', ending),
  onError: parts.reports.onError,
  onThrow: parts.reports.onThrow,
})

const notWiped = (cause: unknown): TidingsError =>
  new TidingsError(
    'storage',
    'The client ended, but the device may still hold messages of this user: its storage does not answer. Sign in and out again.',
    { cause },
  )

const unsent = (pending: number): TidingsError =>
  new TidingsError(
    'unsent',
    `${pending} messages were not sent yet. Wait for them, or force the logout, which removes them.`,
  )

/** The two stores of a user: they share nothing, so that the cache can be thrown away without a thought for the outbox. */
function createStores(platform: Platform, scope: string, reports: Reports) {
  const { storage } = platform
  const initial: StorageStatus = { state: 'idle', kind: storage.kind, durable: storage.durable, error: null }
  const status = createCell(initial, reports.onThrow)
  const onStatus = (next: StorageStatus): void => {
    status.set(next)
    if (next.error) reports.onError(next.error)
  }
  const vault = (name: string) => createVault({ storage, name: `tidings.${name}.${scope}`, onStatus })
  return { status, outboxVault: vault(STORES.outbox), cacheVault: vault(STORES.cache) }
}

/** What earlier lives left: their operations, their largest stamp, the rooms that they concern. */
async function readOutbox({ outbox, rooms }: Assembly, reports: Reports): Promise<void> {
  try {
    await outbox.load()
  } catch (cause) {
    const message =
      'What was queued before could not be read. It stays on the device, and is read as soon as the device answers.'
    reports.onError(new TidingsError('storage', message, { cause }))
  }
  for (const id of outbox.rooms()) rooms.of(id)
  await Promise.all(rooms.followed().map((room) => room.keeper.load()))
  for (const { id, keeper } of rooms.all()) {
    const position = keeper.window.position()
    if (position) outbox.cover(id, position.seq)
  }
}

/** Conflicts of earlier lives that nobody has decided. */
function askAgain({ outbox }: Assembly, conflicts: Conflicts): void {
  for (const room of outbox.rooms())
    for (const entry of outbox.operations(room)) if (isConflict(entry)) conflicts.ask(room, entry.id)
}

function isCovered({ rooms }: Assembly, { room, acked }: Entry): boolean {
  const position = rooms.get(room)?.keeper.window.position()
  return position != null && (acked?.seq ?? 0) <= position.seq
}
