import type { Group } from '../core/groups.js'
import type { Mark, MarkClaim } from '../core/marks.js'
import type {
  Committed,
  Operation,
  Outcome,
  Page,
  PageAnswer,
  PageRequest,
  Place,
  Standing,
  StandingRequest,
  Surroundings,
} from '../core/seams.js'
import { commit } from './commit.js'
import { type Enrolled, enrol, type Stand, standOf } from './groups.js'
import { marksOf, raiseMarks } from './marks.js'
import { locate, readAround, readPage, readSince } from './pages.js'
import { openDatabase } from './sqlite-driver.js'
import { createSqliteStore, type SqliteStore } from './sqlite-store.js'

/** What the owner of the database file is asked. */
export type Request =
  /** Appends that waited together. They share a transaction, and none can spoil another. */
  | { readonly is: 'append'; readonly appends: readonly (readonly Operation[])[]; readonly now: number }
  | { readonly is: 'locate'; readonly requests: readonly StandingRequest[] }
  | { readonly is: 'page'; readonly request: PageRequest }
  | { readonly is: 'since'; readonly room: string; readonly since: number; readonly limit: number }
  | { readonly is: 'around'; readonly room: string; readonly place: Place; readonly limit: number }
  | { readonly is: 'raise'; readonly claims: readonly MarkClaim[] }
  | { readonly is: 'marks'; readonly room: string }
  | GroupRequest
  | { readonly is: 'close' }

/** What is asked of the positions of groups. */
export type GroupRequest =
  | { readonly is: 'enrol'; readonly group: Group }
  | { readonly is: 'stand'; readonly group: string; readonly room: string }
  | { readonly is: 'move'; readonly group: string; readonly room: string; readonly position: string }
  | { readonly is: 'dismiss'; readonly group: string }

/** What became of one append: the outcomes, or why nothing of it was committed. */
export type Appended = { readonly outcomes: readonly Outcome[] } | { readonly failed: string }

export type Answer =
  | {
      readonly is: 'append'
      readonly appended: readonly Appended[]
      readonly committed: readonly Committed[]
    }
  | { readonly is: 'locate'; readonly standings: readonly Standing[] }
  | { readonly is: 'page'; readonly answer: PageAnswer }
  | { readonly is: 'since'; readonly page: Page }
  /** What moved, or what there is. */
  | { readonly is: 'marks'; readonly marks: readonly Mark[] }
  | { readonly is: 'around'; readonly page: Surroundings | undefined }
  | { readonly is: 'enrolled'; readonly enrolled: Enrolled }
  | { readonly is: 'stand'; readonly stand: Stand }
  /** A position was kept, or a group was forgotten. */
  | { readonly is: 'kept' }
  | { readonly is: 'close' }

export interface SqliteOptions {
  readonly file: string
  /** FULL: what is acknowledged survives a power cut. NORMAL: it survives a crash of the process, and commits do not wait for the disk. */
  readonly synchronous: 'FULL' | 'NORMAL'
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const isOfGroups = (request: Request): request is GroupRequest =>
  request.is === 'enrol' || request.is === 'stand' || request.is === 'move' || request.is === 'dismiss'

function answerOfGroups(store: SqliteStore, request: GroupRequest): Answer {
  switch (request.is) {
    case 'enrol':
      return { is: 'enrolled', enrolled: store.transact(() => enrol(store, request.group)) }
    case 'stand':
      return { is: 'stand', stand: standOf(store, request.group, request.room) }
    case 'move':
      store.transact(() => store.setPosition(request.group, request.room, request.position))
      return { is: 'kept' }
    case 'dismiss':
      store.transact(() => store.removeGroup(request.group))
      return { is: 'kept' }
  }
}

export async function openSqliteEngine({
  file,
  synchronous,
}: SqliteOptions): Promise<(request: Request) => Answer> {
  const database = await openDatabase(file)
  const store = createSqliteStore(database, synchronous)

  const append = (appends: readonly (readonly Operation[])[], now: number): Answer & { is: 'append' } => {
    const committed: Committed[] = []
    try {
      const appended = store.transact(() =>
        appends.map((operations) => {
          const commits = operations.map((operation) => commit(store, operation, now))
          for (const each of commits) if (each.committed) committed.push(each.committed)
          return { outcomes: commits.map(({ outcome }) => outcome) }
        }),
      )
      return { is: 'append', appended, committed }
    } catch (cause) {
      const [only, ...others] = appends
      if (!only || others.length === 0)
        return { is: 'append', appended: [{ failed: messageOf(cause) }], committed: [] }
      // One of them may be at fault: each gets a transaction of its own.
      const alone = appends.map((operations) => append([operations], now))
      return {
        is: 'append',
        appended: alone.flatMap((answer) => answer.appended),
        committed: alone.flatMap((answer) => answer.committed),
      }
    }
  }

  return (request) => {
    if (isOfGroups(request)) return answerOfGroups(store, request)
    switch (request.is) {
      case 'append':
        return append(request.appends, request.now)
      case 'locate':
        return { is: 'locate', standings: request.requests.map((one) => locate(store, one)) }
      case 'page':
        return { is: 'page', answer: readPage(store, request.request) }
      case 'since':
        return { is: 'since', page: readSince(store, request.room, request.since, request.limit) }
      case 'around':
        return { is: 'around', page: readAround(store, request.room, request.place, request.limit) }
      case 'raise':
        return { is: 'marks', marks: store.transact(() => raiseMarks(store, request.claims)) }
      case 'marks':
        return { is: 'marks', marks: marksOf(store, request.room) }
      case 'close':
        database.close()
        return { is: 'close' }
    }
  }
}
