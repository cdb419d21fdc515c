import type { Mutant } from '../../../../lab/mutants/mutant.js'

/** A defect, and the file of tests that have to notice it. */
export interface Defect extends Mutant {
  readonly by: 'laws' | 'nodes' | 'archive' | 'archive-losing' | 'feed' | 'groups' | 'workers'
}

const at = (name: string) => `server/src/redis/${name}.ts`
const [COMMIT, KEEPING, PAGES] = [at('lua-commit'), at('lua-keeping'), at('lua-pages')] as const
const [ARCHIVE, ARCHIVIST, WINDOW] = [at('lua-archive'), at('archivist'), at('window')] as const
const [FEED, OPEN, LINK] = [at('feed'), at('open'), at('link')] as const

const laws: readonly Mutant[] = [
  {
    ...{ name: 'a repeat is written again', file: COMMIT },
    why: 'Who sends again after a lost acknowledgement has said it twice.',
    ...{ find: '  if prior then\n    -- What', replace: "  if prior and prior.seq == '' then\n    -- What" },
  },
  {
    ...{ name: 'the last edit to arrive wins', file: COMMIT },
    why: 'Stamps decide; whoever was offline does not overwrite what is newer.',
    ...{ find: "if op.baseVersion == '' and not isLater then", replace: 'if false then' },
  },
  {
    ...{ name: 'a delete leaves the bodies of edits', file: COMMIT },
    why: 'What was deleted stays readable in the log.',
    ...{ find: "old[BODY] = ''", replace: 'old[BODY] = old[BODY]' },
  },
  {
    ...{ name: 'an old version may be changed', file: COMMIT },
    why: 'An optimistic lock locks nothing.',
    ...{ find: "if op.baseVersion == '' or op.baseVersion == target[VERSION] then", replace: 'if true then' },
  },
  {
    ...{ name: 'server time goes back', file: COMMIT },
    why: 'Who reads by timestamps misses what was written after the clock was set.',
    ...{
      find: 'if now > tail.ts then return now, 1 end',
      replace: 'if now ~= tail.ts then return now, 1 end',
    },
  },
  {
    ...{ name: 'read marks fall', file: PAGES },
    why: 'A late receipt makes read messages unread.',
    ...{ find: 'if upTo > markOf(', replace: 'if upTo ~= markOf(' },
  },
]

const nodes: readonly Mutant[] = [
  {
    ...{ name: 'nobody is told', file: COMMIT },
    why: 'Other nodes hear of what was written half a minute later.',
    ...{ find: "redis.call('SPUBLISH', room .. ':c', 'e'", replace: "tostring(room .. ':c', 'e'" },
  },
  {
    ...{ name: 'ids go with their entries', file: KEEPING },
    why: 'A repeat of what Redis does not keep any more is written again.',
    ...{ find: 'if prior and bucket then', replace: 'if prior and not bucket then' },
  },
  {
    ...{ name: 'a cursor knows its own entry alone', file: COMMIT },
    why: 'A log that lost its end and grew another one is not noticed at the same entry further on.',
    ...{
      find: 'table.concat({ mark, messageId, id, stamp }, FIELD)',
      replace: "table.concat({ '', messageId, id, stamp }, FIELD)",
    },
  },
  {
    ...{ name: 'nobody looks after the channel was away', file: OPEN },
    why: 'What was told meanwhile is missing for half a minute.',
    ...{ find: '    feed.check()\n', replace: '' },
  },
  {
    ...{ name: 'only the channel counts as a connection', file: LINK },
    why: 'If it is back first, what was missed cannot be asked for yet.',
    ...{
      find: 'for (const client of [asking, listening]) client.on(',
      replace: 'for (const client of [listening]) client.on(',
    },
  },
]

const archive: readonly Mutant[] = [
  {
    ...{ name: 'Redis lets go of what is not archived', file: KEEPING },
    why: 'While the archive is away, history is lost.',
    ...{ find: 'if tail.archived and tail.first > tail.archived then', replace: 'if false then' },
  },
  {
    ...{ name: 'what comes from the archive is believed', file: KEEPING },
    why: 'An edit that was made while the archive answered is undone.',
    ...{ find: 'if not seen or seen < tail.first - 1 then', replace: 'if not seen then' },
  },
  {
    ...{ name: 'a changed message leaves at once', file: KEEPING },
    why: 'The archive has an older one, which is shown.',
    ...{ find: ' and tonumber(row[REV]) < tail.first then', replace: ' then' },
  },
  {
    ...{ name: 'operations are archived, and not what they do', file: ARCHIVE },
    why: 'Old messages are shown as they were before they were edited.',
    ...{ find: 'targets[target] = true', replace: 'targets[target] = nil' },
  },
  {
    ...{ name: 'a room is due for ever', file: ARCHIVE },
    why: 'It was moved once, and nobody is told any more that there is more.',
    ...{ find: "if count == 0 then redis.call('HDEL'", replace: "if false then redis.call('HDEL'" },
  },
  {
    ...{ name: 'the archive has the last word', file: WINDOW },
    why: 'A message is shown without the edit that is not archived yet.',
    ...{
      find: 'if (known && (known.rev ?? 0) >= (row.rev ?? 0)) continue',
      replace: 'if (known && !row) continue',
    },
  },
]

const feed: readonly Mutant[] = [
  {
    ...{ name: 'events are told as they come', file: FEED },
    why: 'Of two that were swapped or lost on the way, clients see a hole.',
    ...{ find: 'if (!position || seq > position.seq + 1)', replace: 'if (!position)' },
  },
  {
    ...{ name: 'nobody looks every half minute', file: FEED },
    why: 'A message that the channel lost is found with the next one, which may come tomorrow.',
    ...{
      find: 'let cancelCheck = clock.after(CHECK_MS, checkAgain)',
      replace: 'let cancelCheck = clock.after(1e9, checkAgain)',
    },
  },
  {
    ...{ name: 'a room that everybody left is followed', file: FEED },
    why: 'A node hears of every room that anybody was ever in.',
    ...{ find: 'if (seat.count <= 0) remove(seat)', replace: 'if (seat.count < 0) remove(seat)' },
  },
  {
    ...{ name: 'another past is taken for the same', file: FEED },
    why: 'Clients keep messages that are not in the log, and miss those that are.',
    ...{
      find: "if (typeof known === 'string') fork(seat, known, window)",
      replace: "if (typeof known === 'string') drain(seat)",
    },
  },
]

const losing: readonly Mutant[] = [
  {
    ...{ name: 'the archive is not set back', file: ARCHIVIST },
    why: 'Archived messages stay as operations made them that Redis has lost.',
    ...{
      find: 'end !== undefined && end.head > archived',
      replace: 'end !== undefined && end.head < archived',
    },
  },
]

const [LEASES, GROUPS, MEMBER] = [at('lua-groups'), at('groups'), at('member')] as const
const TASKS = at('tasks')
const READING = 'server/src/consuming/reading.ts'

const groups: readonly Mutant[] = [
  {
    name: 'a new group begins at the start of everything',
    file: LEASES,
    why: 'Whoever adds a worker is given years of history.',
    find: "redis.call('HSETNX', room .. ':g', 'p' .. args[2], cursorOf(tail))",
    replace: 'tostring(cursorOf(tail))',
  },
  {
    name: 'positions are not kept',
    file: LEASES,
    why: 'Everything is handed over again and again.',
    find: "if args[5] then redis.call('HSET'",
    replace: "if args[9] then redis.call('HSET'",
  },
  {
    name: 'what a dead worker had is left where it is',
    file: TASKS,
    why: 'A room whose worker died stands still.',
    find: 'return tasksIn(old)',
    replace: 'return tasksIn(old && undefined)',
  },
  {
    name: 'a group works on any rooms',
    file: at('registry'),
    why: 'Two programs under one name take entries from each other that they do not want.',
    find: 'if (group.rooms !== rooms) throw',
    replace: "if (group.rooms === '') throw",
  },
]

const workers: readonly Mutant[] = [
  {
    name: 'what comes while somebody has a room is told to nobody',
    file: LEASES,
    why: 'It waits until somebody writes again, or for minutes.',
    find: 'if isBehind(room, tailOf(room, args[1]), group) then\n    tell(',
    replace: "if room == '' then\n    tell(",
  },
  {
    name: 'two have a room',
    file: LEASES,
    why: 'Entries are handed over twice, and in no order.',
    find: "if not isFree then return { '' } end",
    replace: "if room == '' then return { '' } end",
  },
  {
    name: 'whoever lost a room moves it',
    file: LEASES,
    why: 'One that was frozen sets the room back, or over what the other was not given.',
    find: "if holder(room, group) ~= args[3] then return '' end\n  grant(",
    replace: "if room == '' then return '' end\n  grant(",
  },
  {
    name: 'nobody says that it lives',
    file: MEMBER,
    why: 'What takes longer is taken away, and done twice at once.',
    find: 'if (await keep(lease)) await',
    replace: 'if (leases.size < 0) await',
  },
  {
    name: 'nobody looks through all rooms',
    file: GROUPS,
    why: 'What a node that died told nobody is never handed over.',
    find: 'if (isBehind) await tasks.add(room)',
    replace: "if (isBehind === 'no') await tasks.add(room)",
  },
  {
    name: 'a room is due with every entry',
    file: COMMIT,
    why: 'While no worker runs, tasks fill the memory of Redis.',
    find: "'d' .. group, whole(timeOf(''))) == 1 then",
    replace: "'d' .. group, whole(timeOf(''))) then",
  },
  {
    name: 'what is missing is passed over',
    file: READING,
    why: 'A search index has holes that nobody knows of.',
    find: "from > 1 ? { reason: 'trimmed', handed: 0, from } : undefined",
    replace: "from < 1 ? { reason: 'trimmed', handed: 0, from } : undefined",
  },
  {
    name: 'a group that Redis lost is forgotten',
    file: GROUPS,
    why: 'Its workers run, and are given nothing any more.',
    find: 'await registry.restore(group)',
    replace: 'await registry.read()',
  },
]

const noticedBy = (by: Defect['by'], mutants: readonly Mutant[]): readonly Defect[] =>
  mutants.map((mutant) => ({ ...mutant, by }))

/** Deliberate defects of the library in Redis and of what keeps a node in step with it. */
export const defects: readonly Defect[] = [
  ...noticedBy('feed', feed),
  ...noticedBy('laws', laws),
  ...noticedBy('archive', archive),
  ...noticedBy('archive-losing', losing),
  ...noticedBy('nodes', nodes),
  ...noticedBy('groups', groups),
  ...noticedBy('workers', workers),
]
