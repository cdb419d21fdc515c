import { MAX_STAMP_COUNTER, WIRE } from 'tidings/protocol'
import { ENTRIES_PER_MS, SERVER_NODE } from '../log/commit.js'
import { REACTION_BYTES } from '../log/present.js'
import { LUA_KEEPING } from './lua-keeping.js'

/** Stamps and marks, by the same rules as in `log/commit.ts`. */
const STAMPS = `
local DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
local LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

local function base36(number, width)
  local text = ''
  for _ = 1, width do
    local digit = number % 36
    text = string.sub(DIGITS, digit + 1, digit + 1) .. text
    number = (number - digit) / 36
  end
  return text
end

local function stampMs(stamp) return tonumber(string.sub(stamp, 1, 9), 36) end

local function stampAfter(stamp, ts)
  if stamp == '' or ts > stampMs(stamp) then return base36(ts, 9) .. '0000${SERVER_NODE}' end
  local ms, counter = stampMs(stamp), tonumber(string.sub(stamp, 10, 13), 36)
  if counter < ${MAX_STAMP_COUNTER} then return base36(ms, 9) .. base36(counter + 1, 4) .. '${SERVER_NODE}' end
  return base36(ms + 1, 9) .. '0000${SERVER_NODE}'
end

local function stampFor(tail, ts, stamp, follows)
  local ahead = stampMs(stamp) - ts
  if ahead <= ${WIRE.stampAheadMs} and -ahead <= ${WIRE.stampBehindMs} and isAfter(stamp, follows) then return stamp end
  return stampAfter(isAfter(tail.stamp, follows) and tail.stamp or follows, ts)
end

local function timeFor(tail, now)
  if now > tail.ts then return now, 1 end
  if tail.same < ${ENTRIES_PER_MS} then return tail.ts, tail.same + 1 end
  return tail.ts + 1, 1
end

local function nextMark(mark, messageId, id, stamp)
  local hex = redis.sha1hex(table.concat({ mark, messageId, id, stamp }, FIELD))
  local text = ''
  for at = 1, 10, 3 do
    local twelve = tonumber(string.sub(hex, at, at + 2), 16)
    local high, low = math.floor(twelve / 64) + 1, twelve % 64 + 1
    text = text .. string.sub(LETTERS, high, high) .. string.sub(LETTERS, low, low)
  end
  return text
end
`

/** What becomes of a message by an operation on it, by the same rules as in `log/present.ts`. */
const PRESENT = `
local function react(row, op)
  local groups, found, bytes = {}, false, 1
  for _, text in ipairs(row[REACTIONS] == '' and {} or split(row[REACTIONS], LIST)) do
    local group = split(text, ITEM)
    if group[1] == op.body then
      found = true
      local users, isThere = { group[1] }, false
      for at = 2, #group do
        if group[at] == op.authorText then isThere = true else users[#users + 1] = group[at] end
      end
      if isThere == (op.kind == 'react') then return nil end
      if not isThere then users[#users + 1] = op.authorText end
      group = users
    end
    if #group > 1 then
      groups[#groups + 1] = table.concat(group, ITEM)
      -- As JSON: the colon, two brackets, and a comma behind it; an ITEM stands for each comma between users.
      bytes = bytes + #groups[#groups] + 3
    end
  end
  if not found then
    if op.kind == 'unreact' then return nil end
    groups[#groups + 1] = op.body .. ITEM .. op.authorText
    bytes = bytes + #groups[#groups] + 3
  end
  if op.kind == 'react' and bytes > ${REACTION_BYTES} then return 'too_large' end
  row[REACTIONS] = table.concat(groups, LIST)
  return 'changed'
end

-- Changes the row of the message and says so; nil when the operation loses or changes nothing.
local function change(room, row, op, seq, stamp)
  if row[DELETED] == '1' then return nil end
  if op.kind == 'edit' then
    local isLater = row[EDIT_STAMP] == '' or isAfter(stamp, row[EDIT_STAMP])
      or (stamp == row[EDIT_STAMP] and isAfter(op.messageId, row[EDIT_ID]))
    if op.baseVersion == '' and not isLater then return nil end
    row[BODY], row[EDITED], row[EDIT_STAMP], row[EDIT_ID] = op.body, '1', stamp, op.messageId
    row[EDITS] = row[EDITS] == '' and whole(seq) or row[EDITS] .. ',' .. whole(seq)
  elseif op.kind == 'delete' then
    for _, edit in ipairs(row[EDITS] == '' and {} or split(row[EDITS], ',')) do
      local old = rowAt(room, tonumber(edit))
      if old then
        old[BODY] = ''
        redis.call('HSET', room .. ':r', edit, table.concat(old, FIELD))
      end
    end
    row[BODY], row[DELETED], row[REACTIONS], row[EDITS] = '', '1', '', ''
  else
    local changed = react(row, op)
    if changed ~= 'changed' then return changed end
  end
  if op.kind == 'edit' or op.kind == 'delete' then row[VERSION] = whole(tonumber(row[VERSION]) + 1) end
  row[REV] = whole(seq)
  redis.call('HSET', room .. ':r', row[1], table.concat(row, FIELD))
  return 'changed'
end
`

/** What becomes of one operation: repeats, rights over messages, number, stamp, present state, stream. */
const COMMIT = `
local function done(messageId, seq, stamp, ts, version, dup, applied)
  return table.concat({ 'done', messageId, seq, stamp, ts, version, dup and '1' or '', applied and '1' or '' }, FIELD)
end
local function refused(code, version, value)
  return table.concat({ code, version or '', value or '' }, FIELD)
end

-- What was answered to an operation before, if anything.
local function priorOf(room, messageId, buckets)
  local row = rowOf(room, messageId)
  if row then
    return { digest = row[DIGEST], author = row[AUTHOR], id = row[ID], seq = row[1], stamp = row[STAMP], ts = row[TS],
      version = isMessage(row[KIND]) and '1' or row[VERSION] }
  end
  local found = redis.call('HGET', room .. ':i', messageId)
  if found and string.sub(found, 1, 1) ~= 'u' then found = nil end
  for _, bucket in ipairs(found and {} or buckets) do
    found = found or redis.call('HGET', bucket, messageId)
  end
  if not found then return nil end
  local kept = split(string.sub(found, 2), FIELD)
  return { digest = kept[1], author = kept[2], id = kept[3], seq = kept[4], stamp = kept[5], ts = kept[6], version = kept[7] }
end
local function priorText(prior, sign)
  return sign .. table.concat({ prior.digest, prior.author, prior.id, prior.seq, prior.stamp, prior.ts, prior.version }, FIELD)
end

local function targetOf(room, op)
  for _, name in ipairs({ op.reference, op.derived }) do
    local row = name ~= '' and rowOf(room, name)
    if row and isMessage(row[KIND]) then return row end
  end
  return nil
end

local function mayNot(op, target)
  if isMessage(op.kind) or not target then return nil end
  local owned = op.kind == 'react' or op.kind == 'unreact' or target[AUTHOR] == op.author or op.moderates == '1'
  if not owned then return refused('forbidden') end
  if op.kind == 'edit' and target[DELETED] == '1' then return refused('deleted') end
  if op.baseVersion == '' or op.baseVersion == target[VERSION] then return nil end
  return refused('conflict', target[VERSION], target[BODY])
end

local function followed(op, target)
  if not target then return '' end
  local seen = op.baseVersion ~= '' and target[EDIT_STAMP] or ''
  return isAfter(seen, target[STAMP]) and seen or target[STAMP]
end

local function write(room, tail, op, target, digest, stamp, version)
  local seq = whole(tail.head + 1)
  tail.head, tail.mark = tail.head + 1, nextMark(tail.mark, op.messageId, op.id, stamp)
  local has = target or {}
  local row = table.concat({ seq, op.messageId, op.author, op.id, op.kind, stamp, whole(tail.ts), version,
    has[MESSAGE] or '', has[1] or '', has[STAMP] or '', '0', '0', '', isMessage(op.kind) and seq or '', '', '',
    digest, tail.mark, '', op.kind == 'delete' and '' or op.body }, FIELD)
  redis.call('HSET', room .. ':r', seq, row)
  redis.call('HSET', room .. ':i', op.messageId, seq)
  redis.call('XADD', room .. ':l', seq .. '-0', 'kind', op.kind, 'target', has[1] or '')
  if isAfter(stamp, tail.stamp) then tail.stamp = stamp end
  return row, seq
end

local function digestOf(op, reference)
  return string.sub(redis.sha1hex(table.concat({ op.kind, reference, op.body }, FIELD)), 1, 20)
end

local function commit(room, tail, op, now, buckets, forgetMs)
  local target = targetOf(room, op)
  local digest = digestOf(op, target and target[MESSAGE] or op.reference)
  local prior = priorOf(room, op.messageId, buckets)
  if prior then
    -- What it refers to may be gone meanwhile: then either of its names may have been meant.
    local isDigest = prior.digest == digest or (not target and prior.digest == digestOf(op, op.derived))
    local isSame = isDigest and prior.author == op.author and prior.id == op.id
    if not isSame then return refused('id_conflict') end
    return done(op.messageId, prior.seq, prior.stamp, prior.ts, prior.version, true, prior.seq ~= '')
  end
  if not target and (op.reference ~= '' or not isMessage(op.kind)) then return refused('not_found') end
  local refusal = mayNot(op, target)
  if refusal then return refusal end
  local ts, same = timeFor(tail, now)
  local stamp = stampFor(tail, ts, op.stamp, followed(op, target))
  local version = isMessage(op.kind) and '1' or ''
  if not isMessage(op.kind) then
    local changed = change(room, target, op, tail.head + 1, stamp)
    if changed == 'too_large' then return refused('too_large') end
    if not changed then
      local answer = { digest = digest, author = op.author, id = op.id, seq = '', stamp = stamp, ts = whole(ts), version = '' }
      -- It has no position with which it would go: like the ids of what is gone it is known for a while.
      redis.call('HSET', buckets[1], op.messageId, priorText(answer, 'u'))
      redis.call('PEXPIRE', buckets[1], 2 * forgetMs, 'NX')
      return done(op.messageId, '', stamp, whole(ts), '', false, false)
    end
    if op.kind == 'edit' or op.kind == 'delete' then version = target[VERSION] end
  end
  tail.ts, tail.same = ts, same
  local row, seq = write(room, tail, op, target, digest, stamp, version)
  return done(op.messageId, seq, stamp, whole(ts), version, false, true), row
end

`

/** One publish: all operations, what is let go of for them, and the channel; all or nothing. */
const APPEND = `
local NAMES = { 'messageId', 'author', 'id', 'kind', 'stamp', 'body', 'reference', 'derived', 'baseVersion', 'moderates', 'authorText' }

local function operationsIn(args, from)
  local ops = {}
  for at = from, #args, #NAMES do
    local op = {}
    for n, name in ipairs(NAMES) do op[name] = args[at + n - 1] end
    ops[#ops + 1] = op
  end
  return ops
end

-- Says that there is something to move into the archive, once until somebody begins with it.
local function due(room) return redis.call('HSETNX', room .. ':m', 'due', '1') == 1 and '1' or '' end

-- Those of the groups to which nobody has said yet that there is something for them.
local function dueFor(room, groups)
  local due = {}
  for _, group in ipairs(groups == '' and {} or split(groups, FIELD)) do
    if redis.call('HSETNX', room .. ':g', 'd' .. group, whole(timeOf(''))) == 1 then due[#due + 1] = group end
  end
  return table.concat(due, FIELD)
end

-- args: start mark, now or '', entries kept, memory of ids, node, groups of workers, what is known of the archive ('-' without one), how
-- many texts were recalled from it, those, then the operations. Answers each, then tells what was committed, whether it is due for the
-- archive, and for which groups; or names what has to be recalled before anything can be committed.
local function append(keys, args)
  local room, keep, forgetMs = keys[1], tonumber(args[3]), tonumber(args[4])
  local tail, now = tailOf(room, args[1]), timeOf(args[2])
  local buckets = bucketsOf(room, now, forgetMs)
  local recalled = tonumber(args[8])
  local ops = operationsIn(args, 9 + recalled)
  local guests = {}
  if args[7] ~= '-' then
    local seen, known = tonumber(args[7]), {}
    guests = welcome(room, tail, seen, { unpack(args, 9, 8 + recalled) }, known)
    local wanted = wantedOf(room, tail, seen, ops, known, now - forgetMs, buckets)
    if wanted then
      for _, guest in ipairs(guests) do part(room, tail, guest) end
      return { 'recall', whole(tail.head), unpack(wanted) }
    end
    tail.archived = tail.archived or tail.first - 1
  end
  local answers, told = {}, { tail.mark }
  for _, op in ipairs(ops) do
    local answer, row = commit(room, tail, op, now, buckets, forgetMs)
    answers[#answers + 1] = answer
    if row then told[#told + 1] = row end
  end
  answers[#answers + 1] = #told > 1 and table.concat(told, PART) or ''
  answers[#answers + 1] = ''
  if #told > 1 then
    settle(room, tail, keep, buckets[1], forgetMs)
    redis.call('SPUBLISH', room .. ':c', 'e' .. args[5] .. PART .. answers[#answers - 1])
    if tail.archived then answers[#answers] = due(room) end
    answers[#answers + 1] = dueFor(room, args[6])
  end
  for _, guest in ipairs(guests) do part(room, tail, guest) end
  return answers
end
`

export const LUA_COMMIT = STAMPS + PRESENT + COMMIT + LUA_KEEPING + APPEND
