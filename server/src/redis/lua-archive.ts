import { ENTRIES_PER_MS } from '../log/commit.js'

/** What moves a room into an archive. */
export const LUA_ARCHIVE = `
-- args: start mark, rows and bytes at most. Answers how far the archive has the room, with the mark there, and the rows that follow, as
-- many as said; then messages from before them that they change, as they are now.
local function copy(keys, args)
  local room = keys[1]
  local tail, found = begin(keys, args)
  local archived = tail.archived or tail.first - 1
  local last = rowAt(room, archived)
  local mark = archived == tail.first - 1 and tail.before or last and last[MARK] or ''
  local bytes, count, targets = 0, 0, {}
  found[2] = ''
  for seq = archived + 1, math.min(tail.head, archived + tonumber(args[2])) do
    local row = bytes < tonumber(args[3]) and gather(found, room, seq)
    if not row then break end
    bytes, count = bytes + #found[#found], count + 1
    local target = tonumber(row[TARGET_SEQ])
    if not isMessage(row[KIND]) and target and target <= archived then targets[target] = true end
  end
  -- Not before: whoever cannot store what was copied is not asked anew with each entry that comes meanwhile.
  if count == 0 then redis.call('HDEL', room .. ':m', 'due') end
  for target in pairs(targets) do gather(found, room, target) end
  found[2] = table.concat({ whole(archived), mark, whole(count) }, FIELD)
  return found
end

-- args: start mark, position, its mark, entries kept, memory of ids, now or ''. Says that the archive has the room up to there; '' when that
-- is not what stands there now.
local function confirm(keys, args)
  local room, seq, forgetMs = keys[1], tonumber(args[2]), tonumber(args[5])
  local tail, row = tailOf(room, args[1]), rowAt(room, seq)
  if seq < tail.first or not row or row[MARK] ~= args[3] then return '' end
  tail.archived = math.max(tail.archived or 0, seq)
  settle(room, tail, tonumber(args[4]), bucketsOf(room, timeOf(args[6]), forgetMs)[1], forgetMs)
  return whole(tail.archived)
end

-- args: start mark, then of the archive's part: its first position, the mark before, its last, that one's mark and time, the largest stamp.
-- A room of which Redis knows nothing goes on behind its archive.
local function seed(keys, args)
  local tail = tailOf(keys[1], args[1])
  if tail.head > 0 then return '' end
  saveTail(keys[1], { head = tonumber(args[4]), mark = args[5], ts = tonumber(args[6]), same = ${ENTRIES_PER_MS}, stamp = args[7],
    first = tonumber(args[4]) + 1, before = args[5], archived = tonumber(args[4]), origin = tonumber(args[2]), start = args[3] })
  return args[4]
end
`
