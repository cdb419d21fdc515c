import { isMessage } from '../core/entry-text.js'
import type { Mark } from '../core/marks.js'
import type { Clock, Committed, Log, Operation, Outcome } from '../core/seams.js'
import { commit } from './commit.js'
import { firstMark } from './cursor.js'
import { createFollowers } from './followers.js'
import { enrol, standOf } from './groups.js'
import { createLocalGroups, type Positions } from './local-groups.js'
import { marksOf, raiseMarks } from './marks.js'
import { locate, readAround, readPage, readSince } from './pages.js'
import type { GroupRows, MarkRows, RoomEnd, Row, Store, Tail, Unlogged } from './store.js'

interface Shelf {
  tail: Tail
  readonly rows: Row[]
  readonly byMessage: Map<string, number>
  readonly unlogged: Map<string, Unlogged>
}

const emptyShelf = (room: string): Shelf => ({
  tail: { head: 0, mark: firstMark(room), ts: 0, sameTs: 0, stamp: '' },
  rows: [],
  byMessage: new Map(),
  unlogged: new Map(),
})

function createMarkRows(rowsOf: (room: string) => readonly Row[]): MarkRows {
  const rooms = new Map<string, Map<string, Mark>>()
  return {
    mark: (room, user) => rooms.get(room)?.get(user),
    setMark(mark) {
      rooms.set(mark.room, (rooms.get(mark.room) ?? new Map()).set(mark.user, mark))
    },
    marks: (room) => [...(rooms.get(room)?.values() ?? [])],
    countOthers(room, user, after, upTo, limit) {
      let count = 0
      for (const row of rowsOf(room).slice(after, upTo)) {
        if (isMessage(row.kind) && row.author !== user && row.deleted === 0) count += 1
        if (count === limit) break
      }
      return count
    },
  }
}

function createGroupRows(shelves: ReadonlyMap<string, Shelf>): GroupRows {
  const groups = new Map<string, { readonly rooms: string; readonly positions: Map<string, string> }>()
  const endFor = (group: string, room: string): RoomEnd | undefined => {
    const tail = shelves.get(room)?.tail
    const position = groups.get(group)?.positions.get(room) ?? null
    return tail && { room, head: tail.head, mark: tail.mark, position }
  }
  return {
    roomsOf: (group) => groups.get(group)?.rooms,
    setGroup: (group, rooms) => void groups.set(group, { rooms, positions: new Map() }),
    removeGroup: (group) => void groups.delete(group),
    setPosition: (group, room, position) => void groups.get(group)?.positions.set(room, position),
    endFor,
    endsFor: (group) => [...shelves.keys()].flatMap((room) => endFor(group, room) ?? []),
  }
}

const positionsIn = (store: GroupRows): Positions => ({
  enrol: async (group) => enrol(store, group),
  stand: async (group, room) => standOf(store, group, room),
  move: async (group, room, position) => store.setPosition(group, room, position),
  dismiss: async (group) => store.removeGroup(group),
})

function createMemoryStore(): Store {
  const shelves = new Map<string, Shelf>()
  const nobody = emptyShelf('')
  const look = (room: string): Shelf => shelves.get(room) ?? nobody
  const open = (room: string): Shelf => {
    const shelf = shelves.get(room) ?? emptyShelf(room)
    shelves.set(room, shelf)
    return shelf
  }
  const at = (room: string, seq: number): Row | undefined => look(room).rows[seq - 1]
  return {
    ...createMarkRows((room) => look(room).rows),
    ...createGroupRows(shelves),
    at,
    first: () => 1,
    markAt: (room, seq) => (seq === 0 ? firstMark(room) : at(room, seq)?.mark),
    tail: (room) => shelves.get(room)?.tail ?? emptyShelf(room).tail,
    setTail(room, tail) {
      open(room).tail = tail
    },
    find: (room, messageId) => at(room, look(room).byMessage.get(messageId) ?? 0),
    insert(row) {
      const { rows, byMessage } = open(row.room)
      rows.push(row)
      byMessage.set(row.messageId, row.seq)
    },
    change(room, seq, present) {
      const row = at(room, seq)
      if (row) open(room).rows[seq - 1] = { ...row, ...present }
    },
    forgetEdits(room, targetSeq) {
      const { rows } = open(room)
      for (const row of rows.slice(targetSeq))
        if (row.kind === 'edit' && row.targetSeq === targetSeq) rows[row.seq - 1] = { ...row, body: null }
    },
    unlogged: (room, messageId) => look(room).unlogged.get(messageId),
    remember(unlogged) {
      open(unlogged.room).unlogged.set(unlogged.messageId, unlogged)
    },
    range(room, from, to, limit, order) {
      const { rows } = look(room)
      return order === 'asc'
        ? rows.slice(from - 1, Math.min(to, from - 1 + limit))
        : rows.slice(Math.max(from - 1, to - limit), to).reverse()
    },
  }
}

/**
 * A log that lives as long as its process: for tests, and for clients and servers in one page. Commits happen inside `append`, so two
 * servers on one memory log see one order.
 */
export function createMemoryLog({ clock }: { readonly clock: Pick<Clock, 'now'> }): Log {
  const store = createMemoryStore()
  const { follow, tell } = createFollowers<Committed>()
  const readers = createFollowers<Mark>()

  const append = async (operations: readonly Operation[]): Promise<readonly Outcome[]> => {
    const now = clock.now()
    const commits = operations.map((operation) => commit(store, operation, now))
    tell(commits.flatMap(({ committed }) => committed ?? []))
    return commits.map(({ outcome }) => outcome)
  }
  return {
    append,
    follow,
    locate: (requests) => Promise.resolve(requests.map((request) => locate(store, request))),
    page: (request) => Promise.resolve(readPage(store, request)),
    since: (room, since, limit) => Promise.resolve(readSince(store, room, since, limit)),
    around: (room, place, limit) => Promise.resolve(readAround(store, room, place, limit)),
    marks: {
      async raise(claims) {
        readers.tell(raiseMarks(store, claims))
      },
      of: (room) => Promise.resolve(marksOf(store, room)),
      follow: readers.follow,
    },
    groups: createLocalGroups(positionsIn(store), follow),
    close: () => Promise.resolve(),
  }
}
