import {
  type Clock,
  type Connect,
  type Locks,
  type Platform,
  type Storage,
  StorageError,
  type Store,
} from 'tidings/core'
import { typesOf } from './frames.js'
import type { Gate } from './gate.js'
import type { Kind, Meet } from './points.js'

/** What stands between a client and its platform: every seam tells of itself before it is asked and before it is heard. */
export interface Between {
  readonly meet: Meet
  readonly gate: Gate
  /** Texts that came while the way down was closed wait here for it to open. */
  readonly hold: (deliver: () => void) => void
  /** Whether the next transaction was told to abort; asking takes the order. */
  readonly aborts: () => boolean
}

const NEVER = new Promise<never>(() => undefined)
const refused = (what: string) => new StorageError('unavailable', `${what} was told to fail.`)

/** One call of a store: told of at both ends, heard only by a tab that goes on. */
async function called<T>(
  { meet, gate }: Between,
  kind: Kind,
  what: string,
  ask: (fails: boolean) => Promise<T>,
) {
  const verdict = meet({ kind, what: () => `${what}:start`, begins: true })
  const asked = verdict === 'lost' ? NEVER : ask(verdict === 'fail')
  try {
    const answer = await asked
    meet({ kind, what: () => `${what}:done` })
    await gate.passed()
    return answer
  } catch (cause) {
    meet({ kind, what: () => `${what}:failed` })
    await gate.passed()
    throw cause
  }
}

/** The store's name without the user's. */
const shortName = (name: string): string => name.split('.')[1] ?? name

function watchStore(between: Between, inner: Store, name: string): Store {
  const { meet, gate } = between
  const call = <T>(op: 'read' | 'scan', ask: () => Promise<T>): Promise<T> =>
    called(between, op, `${name}.${op}`, (fails) => (fails ? Promise.reject(refused(name)) : ask()))
  return {
    read: (keys) => call('read', () => inner.read(keys)),
    scan: (...ranges) => call('scan', () => inner.scan(...ranges)),
    transact: (keys, fn, durability) =>
      called(between, 'transact', `${name}.transact`, (fails) => {
        const aborts = between.aborts() || fails
        // It aborts as transactions do: when all was decided.
        return inner.transact(
          keys,
          (values) => {
            const decided = fn(values)
            if (aborts) throw refused(name)
            return decided
          },
          durability,
        )
      }),
    watch: (prefix, fn) =>
      inner.watch(prefix, (keys) => {
        if (meet({ kind: 'hint', what: () => `${name}.told` }) !== 'lost') gate.enter(() => fn(keys))
      }),
    onLost: (fn) => inner.onLost((why) => gate.enter(() => fn(why))),
    close: () => inner.close(),
  }
}

const watchStorage = (between: Between, inner: Storage): Storage => ({
  kind: inner.kind,
  durable: inner.durable,
  open(name) {
    const short = shortName(name)
    return called(between, 'open', `${short}.open`, async (fails) => {
      if (fails) throw refused(short)
      return watchStore(between, await inner.open(name), short)
    })
  },
  destroy: (name) => inner.destroy(name),
})

const watchConnect =
  ({ meet, gate, hold }: Between, inner: Connect): Connect =>
  (url, events) => {
    /** What the network brings: it may come later than it arrived, or not at all. */
    const arrive = (kind: Kind, what: () => string, deliver: () => void): void => {
      const verdict = meet({ kind, what })
      if (verdict === 'held') hold(() => gate.enter(deliver))
      else if (verdict !== 'lost') gate.enter(deliver)
    }
    const transport = inner(url, {
      onOpen: () => arrive('socket', () => 'socket:open', events.onOpen),
      onText: (text) =>
        arrive(
          'in',
          () => `in:${typesOf(text)}`,
          () => events.onText(text),
        ),
      onClose: (closed) =>
        arrive(
          'socket',
          () => `socket:closed-${closed.code}`,
          () => events.onClose(closed),
        ),
    })
    meet({ kind: 'socket', what: () => 'socket:attempt', begins: true })
    return {
      kind: transport.kind,
      get bufferedAmount() {
        return transport.bufferedAmount
      },
      send(text) {
        if (meet({ kind: 'out', what: () => `out:${typesOf(text)}`, begins: true }) !== 'lost')
          transport.send(text)
      },
      close: (code, reason) => transport.close(code, reason),
    }
  }

const watchClock = ({ meet, gate }: Between, inner: Clock): Clock => ({
  now: inner.now,
  after(ms, fn) {
    let over = false
    const cancel = inner.after(ms, () => {
      const due = () => {
        if (!over) fn()
      }
      if (meet({ kind: 'timer', what: () => `timer:${Math.round(ms)}ms` }) !== 'lost') gate.enter(due)
    })
    return () => {
      over = true
      cancel()
    }
  },
})

const watchLocks = ({ meet, gate }: Between, inner: Locks): Locks => ({
  request: (name, onGranted) =>
    inner.request(name, () => {
      if (meet({ kind: 'lock', what: () => 'lock:granted' }) !== 'lost') gate.enter(onGranted)
    }),
})

/** The platform as a client sees it whose every wait is watched. */
export const watchPlatform = (between: Between, inner: Platform): Platform => ({
  ...inner,
  clock: watchClock(between, inner.clock),
  storage: watchStorage(between, inner.storage),
  connect: watchConnect(between, inner.connect),
  ...(inner.locks && { locks: watchLocks(between, inner.locks) }),
})

/** A token provider that is watched like a seam. */
export const watchToken = (between: Between, provide: () => Promise<string>) => (): Promise<string> =>
  called(between, 'token', 'token', (fails) =>
    fails ? Promise.reject(new Error('No token now.')) : provide(),
  )
