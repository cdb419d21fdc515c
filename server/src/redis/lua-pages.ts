import { WIRE } from 'tidings/protocol'
import { ENTRIES_PER_MS } from '../log/commit.js'
import { UNREAD_MOST, UNREAD_POSITIONS } from '../log/marks.js'

/** An entry's JSON is at least this long, whatever is in it. */
const ENTRY_BYTES = 100

/**
 * Rows for pages. What belongs to a page is decided by `log/pages.ts`, as for every log: here are gathered the rows that it will look at,
 * and never fewer. All of these only read.
 */
export const LUA_PAGES = `
local function gather(rows, room, seq)
  local text = seq >= 1 and redis.call('HGET', room .. ':r', whole(seq))
  if text then rows[#rows + 1] = text end
  return text and split(text, FIELD) or nil
end

-- Rows from one position on, until more than so many entries or messages, or more bytes than a page holds, are surely there.
local function walk(rows, room, from, to, step, most, what)
  local bytes, counted, more = 0, 0, ${ENTRIES_PER_MS + 1}
  for seq = from, to, step do
    local row = gather(rows, room, seq)
    if not row then return end
    bytes = bytes + ${ENTRY_BYTES} + #row[AUTHOR] + #row[ID] + #row[BODY] + #row[REACTIONS]
    if what == 'entries' or isMessage(row[KIND]) then counted = counted + 1 end
    if bytes > ${WIRE.pageBytes} or counted > most then
      more = more - 1
      if more == 0 then return end
    end
  end
end

local function begin(keys, args)
  local tail = tailOf(keys[1], args[1])
  return tail, { tailText(tail) }
end

-- args: start mark, positions …
local function rows(keys, args)
  local _, found = begin(keys, args)
  for at = 2, #args do gather(found, keys[1], tonumber(args[at])) end
  return found
end

-- args: start mark, dir, limit, 'cursor' or 'checkpoints', position and mark of each …
local function page(keys, args)
  local room = keys[1]
  local tail, found = begin(keys, args)
  local start = nil
  for at = 5, #args, 2 do
    local seq = tonumber(args[at])
    local row = gather(found, room, seq)
    local mark = row and row[MARK] or (seq == tail.first - 1 and tail.before)
    if args[4] == 'cursor' or mark == args[at + 1] then start = math.max(start or 0, seq) end
  end
  local limit = tonumber(args[3])
  if args[2] == 'forward' then
    start = start or tail.first - 1
    gather(found, room, start)
    walk(found, room, start + 1, tail.head, 1, limit, 'entries')
  else
    walk(found, room, start or tail.head, tail.first, -1, limit, 'messages')
  end
  return found
end

-- The first position that is not older; every row that a search in halves looks at is gathered.
local function search(found, room, tail, ts)
  local low, high = tail.first, tail.head + 1
  gather(found, room, tail.first)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local row = gather(found, room, middle)
    if (row and tonumber(row[TS]) or 0) < ts then low = middle + 1 else high = middle end
  end
  return low
end

-- args: start mark, ts, limit
local function since(keys, args)
  local tail, found = begin(keys, args)
  local first = search(found, keys[1], tail, tonumber(args[2]))
  gather(found, keys[1], first - 1)
  walk(found, keys[1], first, tail.head, 1, tonumber(args[3]), 'entries')
  return found
end

-- args: start mark, limit, 'seq', 'ts' or 'message', what is looked for, perhaps by its other name
local function around(keys, args)
  local room, limit = keys[1], tonumber(args[2])
  local tail, found = begin(keys, args)
  local at = nil
  if args[3] == 'seq' then at = math.max(tonumber(args[4]), tail.first - 1) end
  if args[3] == 'ts' then at = search(found, room, tail, tonumber(args[4])) end
  if args[3] == 'message' then
    for name = 4, 5 do
      local row = rowOf(room, args[name])
      at = at or row and tonumber(row[1])
    end
  end
  if not at then return found end
  at = math.min(at, tail.head)
  walk(found, room, at, tail.first, -1, limit, 'messages')
  walk(found, room, at + 1, tail.head, 1, limit, 'messages')
  return found
end

local function markOf(room, tail, user)
  local kept = redis.call('HGET', room .. ':k', user)
  return kept and math.min(tonumber(split(kept, FIELD)[1]), tail.head) or 0
end

-- args: start mark, reader or '', position of a cursor or ''; the reader's mark and what is unread come second
local function standing(keys, args)
  local room, reader = keys[1], args[2]
  local tail, found = begin(keys, args)
  local mark, unread = 0, 0
  if reader ~= '' then
    mark = markOf(room, tail, reader)
    local seq = math.max(mark, tail.head - ${UNREAD_POSITIONS}, tail.first - 1) + 1
    while seq <= tail.head and unread < ${UNREAD_MOST} do
      local row = rowAt(room, seq)
      if row and isMessage(row[KIND]) and row[AUTHOR] ~= reader and row[DELETED] ~= '1' then unread = unread + 1 end
      seq = seq + 1
    end
  end
  found[2] = whole(mark) .. FIELD .. whole(unread)
  if args[3] ~= '' then gather(found, room, tonumber(args[3])) end
  return found
end
`

/** Read marks: merged by the larger position, bounded by the head, told to the room. */
export const LUA_MARKS = `
-- args: start mark, node, then for each claim: user, position or '0', when, how many ids, the ids …
local function raise(keys, args)
  local room = keys[1]
  local tail = tailOf(room, args[1])
  local moved, places, at = {}, {}, 3
  while at <= #args do
    local user, upTo, readAt, ids = args[at], tonumber(args[at + 1]), args[at + 2], tonumber(args[at + 3])
    for id = at + 4, at + 3 + ids do
      local row = rowOf(room, args[id])
      upTo = math.max(upTo, row and tonumber(row[1]) or 0)
    end
    at = at + 4 + ids
    upTo = math.min(upTo, tail.head)
    if upTo > markOf(room, tail, user) then
      redis.call('HSET', room .. ':k', user, whole(upTo) .. FIELD .. readAt)
      places[user] = places[user] or #moved + 1
      moved[places[user]] = table.concat({ user, whole(upTo), readAt }, FIELD)
    end
  end
  local text = table.concat(moved, PART)
  if #moved > 0 then redis.call('SPUBLISH', room .. ':c', 'm' .. args[2] .. PART .. text) end
  return text
end

-- args: start mark
local function marks(keys, args)
  local tail = tailOf(keys[1], args[1])
  local kept, found = redis.call('HGETALL', keys[1] .. ':k'), {}
  for at = 1, #kept, 2 do
    local mark = split(kept[at + 1], FIELD)
    local upTo = math.min(tonumber(mark[1]), tail.head)
    if upTo > 0 then found[#found + 1] = table.concat({ kept[at], whole(upTo), mark[2] }, FIELD) end
  end
  return found
end
`
