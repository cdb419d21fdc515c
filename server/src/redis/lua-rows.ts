/**
 * The part of the Redis library that everything else rests on: how rows are kept. A room is a few keys with one hash tag:
 *
 *   <room>:m  hash    the end of the log, and where what is kept begins; with an archive also how far that has it, where its
 *                     own part begins, and whether somebody was told that there is something to move
 *   <room>:i  hash    messageId to position; older servers: to `u` and what was answered for operations without one
 *   <room>:r  hash    position to row: one text, its fields parted by 0x1F in the order of FIELDS. With an archive also messages
 *                     from before what is kept, for as long as an operation on them is kept: the archive's may be older
 *   <room>:l  stream  `<position>-0` for each row that is kept: what happened, for consumer groups. Bodies stand in rows
 *                     alone, so that a delete leaves none behind
 *   <room>:d:<n> hash messageId to what was answered for positions that are gone and operations without one; ends by itself
 *   <room>:k  hash    user to read mark
 *   <room>:g  hash    where groups of workers stand, see lua-groups.ts
 *
 * <room>:c is the channel on which the room's nodes hear of it.
 */
export const LUA_ROWS = `
local FIELD, LIST, ITEM, PART = '\\31', '\\30', '\\29', '\\28'
local MESSAGE, AUTHOR, ID, KIND, STAMP, TS, VERSION = 2, 3, 4, 5, 6, 7, 8
local TARGET, TARGET_SEQ, TARGET_STAMP, EDITED, DELETED = 9, 10, 11, 12, 13
local REACTIONS, REV, EDIT_STAMP, EDIT_ID, DIGEST, MARK, EDITS, BODY = 14, 15, 16, 17, 18, 19, 20, 21

local function split(text, separator)
  local parts, from = {}, 1
  while true do
    local at = string.find(text, separator, from, true)
    if not at then
      parts[#parts + 1] = string.sub(text, from)
      return parts
    end
    parts[#parts + 1] = string.sub(text, from, at - 1)
    from = at + 1
  end
end

local function whole(number) return string.format('%.0f', number) end

local function isMessage(kind) return kind == 'create' or kind == 'system' end

-- Order of bytes: Lua's own depends on the language of the machine.
local function isAfter(a, b)
  for at = 1, math.min(#a, #b) do
    local x, y = string.byte(a, at), string.byte(b, at)
    if x ~= y then return x > y end
  end
  return #a > #b
end

local function tailOf(room, startMark)
  local kept = redis.call('HMGET', room .. ':m', 'head', 'mark', 'ts', 'same', 'stamp', 'first', 'before',
    'archived', 'origin', 'start')
  local first, before = tonumber(kept[6] or '1'), kept[7] or startMark
  return {
    head = tonumber(kept[1] or '0'), mark = kept[2] or startMark,
    ts = tonumber(kept[3] or '0'), same = tonumber(kept[4] or '0'), stamp = kept[5] or '', first = first, before = before,
    archived = tonumber(kept[8] or ''), origin = tonumber(kept[9] or '') or first, start = kept[10] or before,
  }
end

local function saveTail(room, tail)
  redis.call('HSET', room .. ':m', 'head', whole(tail.head), 'mark', tail.mark, 'ts', whole(tail.ts),
    'same', whole(tail.same), 'stamp', tail.stamp, 'first', whole(tail.first), 'before', tail.before)
  if tail.archived then
    redis.call('HSET', room .. ':m', 'archived', whole(tail.archived), 'origin', whole(tail.origin), 'start', tail.start)
  end
end

local function tailText(tail)
  return table.concat({ whole(tail.head), tail.mark, whole(tail.ts), whole(tail.same), tail.stamp,
    whole(tail.first), tail.before, whole(tail.origin), tail.start }, FIELD)
end

local function rowAt(room, seq)
  local text = redis.call('HGET', room .. ':r', whole(seq))
  return text and split(text, FIELD) or nil
end

-- The row of a message. What the index says is looked at twice: a Redis whose file was cut off in the middle of a call keeps
-- the first half of it, and runs it with the next call when it reads the file again.
local function rowOf(room, messageId)
  local seq = redis.call('HGET', room .. ':i', messageId)
  local row = seq and string.sub(seq, 1, 1) ~= 'u' and rowAt(room, tonumber(seq)) or nil
  return row and row[MESSAGE] == messageId and row or nil
end
`

/** Fields of a row in the order in which they are kept; what is absent is the empty text. */
export const FIELDS = 21
