import type { Mutant } from '../../../../lab/mutants/mutant.js'

/** A defect, and the file of tests that have to notice it. */
export interface Defect extends Mutant {
  readonly by: 'laws' | 'nodes' | 'archive' | 'archive-losing' | 'feed'
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

const noticedBy = (by: Defect['by'], mutants: readonly Mutant[]): readonly Defect[] =>
  mutants.map((mutant) => ({ ...mutant, by }))

/** Deliberate defects of the library in Redis and of what keeps a node in step with it. */
export const defects: readonly Defect[] = [
  ...noticedBy('feed', feed),
  ...noticedBy('laws', laws),
  ...noticedBy('archive', archive),
  ...noticedBy('archive-losing', losing),
  ...noticedBy('nodes', nodes),
]
