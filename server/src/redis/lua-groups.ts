/**
 * How far groups of workers have been given a room, and who works on it. `<room>:g` is a hash with three fields for each group: `p` and its
 * name, the position; `d`, when somebody was last to be told that there is something behind it; `l`, who holds the room, and until when in Redis's time.
 */
export const LUA_GROUPS = `
local function cursorOf(tail)
  local digits = string.gsub(base36(tail.head, 11), '^0+', '')
  return (digits == '' and '0' or digits) .. '.' .. tail.mark
end

local function isBehind(room, tail, group)
  local position = redis.call('HGET', room .. ':g', 'p' .. group)
  if not position then return tail.head > 0 end
  return split(position, ' ')[1] ~= cursorOf(tail)
end

-- Whether the room's first entry was written before that.
local function isOlder(room, tail, made)
  local row = tail.head > 0 and rowAt(room, 1)
  return tail.head > 0 and (not row or tonumber(row[TS]) < made)
end

local function tell(room, group) redis.call('HSET', room .. ':g', 'd' .. group, whole(timeOf(''))) end

-- Who holds the room as long as nobody else takes it, and whether somebody may.
local function holder(room, group)
  local held = redis.call('HGET', room .. ':g', 'l' .. group)
  if not held then return nil, true end
  local fields = split(held, FIELD)
  return fields[1], tonumber(fields[2]) <= timeOf('')
end

local function grant(room, group, member, ms)
  redis.call('HSET', room .. ':g', 'l' .. group, member .. FIELD .. whole(timeOf('') + tonumber(ms)))
end

-- args: start mark, group, member, ms, and where positions were lost: when that was noticed, else ''. Answers 'held' and the position, if
-- there is one; '' when somebody else holds the room.
local function lease(keys, args)
  local room, group = keys[1], args[2]
  local _, isFree = holder(room, group)
  if not isFree then return { '' } end
  grant(room, group, args[3], args[4])
  local position = redis.call('HGET', room .. ':g', 'p' .. group)
  if not position and args[5] ~= '' and isOlder(room, tailOf(room, args[1]), tonumber(args[5])) then position = '' end
  return position and { 'held', position } or { 'held' }
end

-- args: start mark, group, member, ms, perhaps a position. Answers '1'; '' when somebody else holds the room.
local function keep(keys, args)
  local room, group = keys[1], args[2]
  if holder(room, group) ~= args[3] then return '' end
  grant(room, group, args[3], args[4])
  if args[5] then redis.call('HSET', room .. ':g', 'p' .. group, args[5]) end
  return '1'
end

-- args: start mark, group, member. Answers whether there is more behind the position; '' when somebody else holds the room.
local function release(keys, args)
  local room, group = keys[1], args[2]
  if holder(room, group) ~= args[3] then return '' end
  redis.call('HDEL', room .. ':g', 'l' .. group)
  if isBehind(room, tailOf(room, args[1]), group) then
    tell(room, group)
    return 'more'
  end
  redis.call('HDEL', room .. ':g', 'd' .. group)
  return 'done'
end

-- args: start mark, group, when it was made. It begins behind what a room has that is older than the group.
local function enter(keys, args)
  local room, tail = keys[1], tailOf(keys[1], args[1])
  if not isOlder(room, tail, tonumber(args[3])) then return '' end
  redis.call('HSETNX', room .. ':g', 'p' .. args[2], cursorOf(tail))
  return '1'
end

-- args: start mark, group, ms. Whether there is something behind the position that nobody works on, and of which nobody has said so long
-- that they would tell: they may have died, or the room has been waiting since then.
local function behind(keys, args)
  local room, group = keys[1], args[2]
  local _, isFree = holder(room, group)
  local told = tonumber(redis.call('HGET', room .. ':g', 'd' .. group) or '0')
  if not isFree or told + tonumber(args[3]) > timeOf('') then return '' end
  if not isBehind(room, tailOf(room, args[1]), group) then return '' end
  tell(room, group)
  return '1'
end

-- args: start mark, group
local function forget(keys, args)
  redis.call('HDEL', keys[1] .. ':g', 'p' .. args[2], 'd' .. args[2], 'l' .. args[2])
  return ''
end
`
