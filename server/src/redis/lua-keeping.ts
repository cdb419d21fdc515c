/**
 * What Redis keeps, and what it lets go of: the newest entries of a room, with an archive nothing that it has not got; the answers of what
 * is gone, for a while; and messages that operations brought back from the archive, for as long as those are kept.
 */
export const LUA_KEEPING = `
local function timeOf(now)
  if now ~= '' then return tonumber(now) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function bucketsOf(room, now, forgetMs)
  local window = math.floor(now / forgetMs)
  return { room .. ':d:' .. whole(window), room .. ':d:' .. whole(window - 1) }
end

-- Without a bucket nothing is remembered of it.
local function letGo(room, row, bucket)
  local prior = priorOf(room, row[MESSAGE], {})
  if prior and bucket then redis.call('HSET', bucket, row[MESSAGE], priorText(prior, 'd')) end
  if prior then redis.call('HDEL', room .. ':i', row[MESSAGE]) end
  redis.call('HDEL', room .. ':r', row[1])
end

-- Lets go of a message from before what is kept, once no operation on it is kept.
local function part(room, tail, seq, bucket)
  local row = rowAt(room, tonumber(seq))
  if row and tonumber(row[1]) < tail.first and tonumber(row[REV]) < tail.first then letGo(room, row, bucket) end
end

-- Positions that a call lets go of at most: Redis does nothing else meanwhile.
local TRIM_MOST = 1000

-- Moves the beginning of what is kept, and gives the rows that are to be let go of for it.
local function shorten(room, tail, keep)
  local rows, last = {}, tail.first + TRIM_MOST
  while keep > 0 and tail.head - tail.first + 1 > keep and tail.first < last do
    if tail.archived and tail.first > tail.archived then break end
    local row = rowAt(room, tail.first)
    rows[#rows + 1] = row
    tail.first, tail.before = tail.first + 1, row and row[MARK] or tail.before
  end
  return rows
end

-- Writes down where the room ends and begins, and then lets go: should Redis come back with the first half of this, nothing is missing.
local function settle(room, tail, keep, bucket, forgetMs)
  local rows = shorten(room, tail, keep)
  saveTail(room, tail)
  if #rows == 0 then return end
  for _, row in ipairs(rows) do
    if tail.archived and isMessage(row[KIND]) then part(room, tail, row[1], bucket) else letGo(room, row, bucket) end
    if tail.archived and not isMessage(row[KIND]) then part(room, tail, row[TARGET_SEQ], bucket) end
  end
  redis.call('PEXPIRE', bucket, 2 * forgetMs, 'NX')
  redis.call('XTRIM', room .. ':l', 'MINID', '=', whole(tail.first) .. '-0')
end

-- Puts messages that the archive has where operations find them. seen: the head when the archive was asked; if what came since has gone
-- already, the archive may have changed after that as well, and has to be asked again. known: names that need not be asked for.
local function welcome(room, tail, seen, texts, known)
  local guests = {}
  if not seen or seen < tail.first - 1 then return guests end
  for _, text in ipairs(texts) do
    local row = split(text, FIELD)
    known[row[MESSAGE] or text] = true
    if #row > 1 and tonumber(row[1]) < tail.first and not rowOf(room, row[MESSAGE]) then
      redis.call('HSET', room .. ':r', row[1], text)
      redis.call('HSET', room .. ':i', row[MESSAGE], row[1])
      guests[#guests + 1] = row[1]
    end
  end
  return guests
end

-- Names that only the archive may know: messages that operations refer to, and operations as old as what Redis forgets. Nil when there
-- is nothing to ask.
local function wantedOf(room, tail, seen, ops, known, forgotten, buckets)
  if tail.head == 0 and not seen then return {} end
  if tail.origin == tail.first then return nil end
  local wanted, made = {}, {}
  local function want(name)
    if name ~= '' and not known[name] then
      known[name] = true
      wanted[#wanted + 1] = name
    end
  end
  for _, op in ipairs(ops) do
    local prior = priorOf(room, op.messageId, buckets)
    if not prior and stampMs(op.stamp) < forgotten then want(op.messageId) end
    if not prior and op.reference ~= '' and not made[op.reference] and not made[op.derived] and not targetOf(room, op) then
      want(op.reference)
      want(op.derived)
    end
    made[op.messageId] = true
  end
  return #wanted > 0 and wanted or nil
end
`
