import { directRoom, type Json, type ServerFrames } from '../protocol/index.js'
import type { Client } from './api.js'
import { type Assembly, assemble, tellFailure } from './assembly.js'
import { type Backstage, furnishClient } from './backstage.js'
import { createComposer } from './composer.js'
import { type Conflicts, createConflicts } from './conflicts.js'
import { createEmitter, type Emitter } from './emitter.js'
import { TidingsError } from './errors.js'
import { createFaces, onePerId } from './faces.js'
import { LIMITS } from './limits.js'
import { type Entry, isConflict } from './messages/entry.js'
import { checkedName } from './names.js'
import { within } from './patience.js'
import type { ClientOptions, Platform, TypedClientOptions } from './platform.js'
import { createReports, type Reports } from './reports.js'
import { createRoom, type RoomParts } from './room.js'
import type { Rooms } from './rooms.js'
import { mayBeTheLast } from './seams/lifecycle.js'
import { createStores, type Stores, type StoresParts } from './stores.js'
import { type Face, type RawFace, typeRoom } from './typed-room.js'
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
  const ground = groundOf(platform, options, {
    onSignedOut: signedOut,
    onFull: () => parts.bound.makeRoom(),
    onCached: (ids) => parts.rooms.look(ids),
  })
  const { reports, verdicts, conflicts, stores, frames } = ground
  const { user } = ground.options
  const parts = assemble(ground)
  const { outbox, gathering, connection } = parts

  let life: Life = 'new'
  /** Why it has ended, where nobody destroyed it: what whoever asks for more is told. */
  let over: TidingsError | undefined
  /** The end of the logout that was asked for, here or in another tab. */
  let leaving: Promise<void> | undefined
  /** Whether the application wants to be connected; the start may still be under way. */
  let wanted = false
  let cancelPrune: (() => void) | undefined
  let stopListening: (() => void) | undefined

  async function start(): Promise<void> {
    life = 'starting'
    // A disk that does not answer keeps nobody from connecting: what it holds comes when it does.
    const reading = readOutbox(parts, reports, conflicts)
    stopListening = platform.lifecycle.listen((signal) => {
      if (mayBeTheLast(signal)) outbox.hurry()
    })
    await within(platform.clock, LIMITS.openTimeoutMs, reading).catch(() => undefined)
    if (life !== 'starting') return
    life = 'running'
    prune()
    // Last: who is told of it may end the client.
    if (wanted) connection.connect()
  }

  function prune(): void {
    void outbox.prune((entry) => isCovered(parts, entry))
    cancelPrune = platform.clock.after(LIMITS.pruneEveryMs, prune)
  }

  const endings = createEmitter<{ end: null }>(reports.onThrow)
  const backstage = backstageFor(platform, user, { ...parts, stores, reports, frames, endings })

  const compose = createComposer({ ...parts, random: platform.random, birth })

  function birth(id: string): ReturnType<typeof parts.lanes.birth> {
    // What is written to a client that was destroyed is shown, as ever; after a logout nothing is.
    if (over) throw over
    parts.vigil.stir()
    return parts.lanes.birth(id)
  }

  function alive(): void {
    if (life === 'ended') throw over ?? new TidingsError('destroyed', DESTROYED)
  }

  const rawOf = rawRoomsOf({ ...parts, verdicts, conflicts, reports, compose, backstage })
  const roomsBy = createFaces({ rawOf, face: (raw) => face(raw, reports.onError), onError: reports.onError })

  /** `signedOut`: nothing of the user is to be seen any more. */
  function stop(signedOut?: TidingsError): void {
    over = signedOut
    life = 'ended'
    endings.emit('end', null)
    reports.end()
    cancelPrune?.()
    stopListening?.()
    parts.vigil.end()
    connection.destroy(signedOut)
    for (const each of parts.rooms.all()) each.close()
    outbox.close(!signedOut)
    verdicts.end(signedOut ?? new TidingsError('destroyed', DESTROYED))
    if (!signedOut) return
    parts.rooms.forget()
    gathering.touch()
  }

  /** In another tab: what it emptied must not be filled again from here. */
  function signedOut(): void {
    if (life === 'ended') return
    const message = 'The user signed out in another tab. Nothing is kept here any more: make a new client.'
    const error = new TidingsError('signed_out', message)
    reports.onError(error)
    stop(error)
    leaving = stores.close()
  }

  const client: Client<Body, Input> = {
    ...{ user, connection: connection.status, storage: stores.status, outbox: outbox.status },
    ...{ sync: gathering.sync, rooms: gathering.summaries, on: reports.events.on, trace: reports.lines },
    connect() {
      alive()
      wanted = true
      // The disk first: it works while the page goes on.
      if (life === 'new') void start()
      parts.vigil.begin()
      if (life === 'running') connection.connect()
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
    async destroy() {
      if (life !== 'ended') stop()
      await stores.close()
      reports.events.clear()
    },
    async logout({ force = false } = {}) {
      // Wherever it was asked for, it happens once.
      if (leaving !== undefined) return leaving
      alive()
      const { pending } = outbox.status.get()
      if (pending > 0 && !force) throw unsent(pending)
      stop(new TidingsError('signed_out', 'The user signed out: make a new client.'))
      leaving = stores.wipe().catch((cause: unknown) => {
        throw notWiped(cause)
      })
      await leaving
      reports.events.clear()
    },
  }
  furnishClient(client, backstage)
  return client
}

/** The rooms of a client by their names, as they are before a schema looks at them. */
const rawRoomsOf = (
  parts: Omit<RoomParts, 'followed' | 'onUndecided' | 'onThrow'> & {
    readonly rooms: Rooms
    readonly reports: Reports
  },
) => {
  const around = {
    ...parts,
    onUndecided: (operation: string) => tellFailure(parts, parts.outbox.get(operation)),
    onThrow: parts.reports.onThrow,
  }
  return onePerId((id) => createRoom({ ...around, followed: parts.rooms.of(checkedName(id)) }))
}

const DESTROYED =
  'The client was destroyed: make a new one. What was queued is on disk and goes out when the user comes back.'

/** What the parts of a client stand on. */
function groundOf(
  platform: Platform,
  { url, token, user, service }: ClientOptions,
  told: Pick<StoresParts, 'onSignedOut' | 'onFull' | 'onCached'>,
) {
  const options = { url, token, user: checkedName(user) }
  const reports = createReports(platform.clock.now)
  const place = service ?? (typeof url === 'string' ? url : 'routed')
  const scope = `${encodeURIComponent(user)}@${encodeURIComponent(place)}`
  return {
    ...{ platform, options, reports, scope },
    stores: createStores({ platform, scope, reports, ...told }),
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
    readonly stores: Stores
    readonly reports: Reports
    readonly frames: Emitter<ServerFrames>
    readonly endings: Emitter<{ end: null }>
  },
): Backstage => ({
  ...{ user, clock, random, lifecycle, frames: parts.frames, serverNow: parts.serverNow },
  connection: parts.connection.status,
  send: (frame, lane) => parts.connection.send([frame], lane),
  open: parts.stores.outboxVault.open,
  onEnd: (ending) => parts.endings.on('end', ending),
  onError: parts.reports.onError,
  onThrow: parts.reports.onThrow,
})

const notWiped = (cause: unknown): TidingsError =>
  new TidingsError(
    'storage',
    'The client ended, but the device may still hold messages of this user: its storage does not answer. It is emptied when the user comes back.',
    { cause },
  )

const unsent = (pending: number): TidingsError =>
  new TidingsError(
    'unsent',
    `${pending} messages were not sent yet. Wait for them, or force the logout, which removes them.`,
  )

/** What earlier lives left: their operations, their largest stamp, the rooms that they concern. */
async function readOutbox(parts: Assembly, reports: Reports, conflicts: Conflicts): Promise<void> {
  const { outbox, rooms } = parts
  try {
    await outbox.load()
  } catch (cause) {
    const message =
      'What was queued before could not be read. It stays on the device, and is read as soon as the device answers.'
    reports.onError(new TidingsError('storage', message, { cause }))
  }
  for (const id of outbox.rooms()) rooms.of(id)
  await Promise.all(rooms.followed().map((room) => room.keeper.load()))
  for (const room of rooms.all()) room.cover()
  askAgain(parts, conflicts)
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
