import type { Change } from '../store.js';

/**
 * What happens inside Redis: one script for each method, which nothing else comes in between.
 *
 * Two hashes hold the journal, with the ids as fields: the leases, `<fence> <renewed at> <lease ends at> <owner>`, without
 * an owner once released, and the texts. So every key is named to the command, as clusters demand, and a renewal
 * neither writes nor replicates the text. All times are the server's: the clocks of the machines may differ.
 */
const COMMON = `
local leases, texts, id = KEYS[1], KEYS[2], ARGV[1]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read()
  return string.match(redis.call('HGET', leases, id) or '', '^(%d+) (%d+) (%d+) (.*)$')
end

local function put(fence, owner, leaseMs)
  local renewedAt = now()
  redis.call('HSET', leases, id, string.format('%.0f %.0f %.0f ', fence, renewedAt, renewedAt + leaseMs) .. owner)
  return fence
end
`;

const OURS = `
local fence, _, _, owner = read()
if fence ~= ARGV[2] or owner == '' then return 0 end
`;

/** The changes. Each returns 0 if it has changed nothing. */
export const SCRIPTS: Readonly<Record<Change, string>> = {
  /** id, text, owner, leaseMs */
  add: `${COMMON}
if redis.call('HEXISTS', leases, id) == 1 then return 0 end
redis.call('HSET', texts, id, ARGV[2])
return put(1, ARGV[3], ARGV[4])
`,
  /** id, fence, leaseMs, text */
  write: `${COMMON}${OURS}
redis.call('HSET', texts, id, ARGV[4])
put(fence, owner, ARGV[3])
return 1
`,
  /** id, fence, leaseMs */
  renew: `${COMMON}${OURS}
put(fence, owner, ARGV[3])
return 1
`,
  /** id, fence */
  release: `${COMMON}${OURS}
put(fence, '', 0)
return 1
`,
  /** id, fence */
  remove: `${COMMON}${OURS}
redis.call('HDEL', texts, id)
redis.call('HDEL', leases, id)
return 1
`,
  /** id, fence, owner, leaseMs: the new fence */
  claim: `${COMMON}
local fence, _, leaseEndsAt, owner = read()
if fence ~= ARGV[2] then return 0 end
if owner ~= '' and tonumber(leaseEndsAt) > now() then return 0 end
return put(fence + 1, ARGV[3], ARGV[4])
`,
};

/** cursor, count: the next cursor, the time, and of each entry its id, lease and text. */
export const LIST = `${COMMON}
local page = redis.call('HSCAN', leases, ARGV[1], 'COUNT', ARGV[2])
local answer = { page[1], string.format('%.0f', now()) }
for index = 1, #page[2], 2 do
  local field = page[2][index]
  answer[#answer + 1] = field
  answer[#answer + 1] = page[2][index + 1]
  answer[#answer + 1] = redis.call('HGET', texts, field)
end
return answer
`;
