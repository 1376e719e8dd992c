import { Script } from './script.ts'

/*
 * Lua counts in doubles: exact up to 2^53, which is a million transactions a second for 285 years. Numbers are compared
 * as numbers, and stored as the text that came.
 *
 *   value  {"x":"<xmin>",...}, see envelope.ts; or anything that somebody else has put there
 *   fence  "<xmax> <ticket>": no value of an older snapshot may be stored
 *   lease  a token of who loads the value now, or "refused": nobody can store one at the moment
 */

// UNLINK first: Redis that is out of memory lets a script go on that has written already, so that invalidations work then.
const RAISE_FENCE = `
redis.call('UNLINK', KEYS[1], KEYS[3])
local fence, ticket = ARGV[1], ARGV[2]
local before = redis.call('GET', KEYS[2])
local fenceBefore, ticketBefore
if before then fenceBefore, ticketBefore = string.match(before, '^(%d+) (%d+)$') end
if fenceBefore and tonumber(fenceBefore) > tonumber(fence) then fence = fenceBefore end
local isLast = not ticketBefore or tonumber(ticketBefore) <= tonumber(ticket)
if not isLast then ticket = ticketBefore end
redis.call('SET', KEYS[2], fence .. ' ' .. ticket, 'PX', ARGV[3])
`

/** Keys: value, fence, lease. Arguments: xmax, ticket, ms that the fence is kept. */
export const INVALIDATE = new Script(`${RAISE_FENCE}
return 1
`)

/**
 * The same, and a new value in place of the old one, unless a later ticket has been there, or a reader has stored a value
 * whose snapshot may be later. Further arguments: the value's xmin, the value, ms that it is kept.
 */
export const REPLACE = new Script(`
local value = redis.pcall('GET', KEYS[1])
local xmin = type(value) == 'string' and string.match(value, '^{"x":"(%d+)","f":"[^"]*","[tv]"')
${RAISE_FENCE}
if not isLast or (xmin and tonumber(xmin) >= tonumber(ARGV[4])) then return 0 end
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
return 1
`)

/**
 * Who loads? Keys: value, lease. Arguments: token, ms that the lease is kept, the value that was seen and does not count.
 * Answers with a value that has come meanwhile, or 'mine', 'busy', 'refused'.
 */
export const LEASE = new Script(`
local value = redis.call('GET', KEYS[1])
if value and value ~= ARGV[3] then return {'value', value} end
if redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2], 'NX') then return {'mine'} end
if redis.call('GET', KEYS[2]) == 'refused' then return {'refused'} end
return {'busy'}
`)

/**
 * Stores what was loaded. Keys: value, fence, lease. Arguments: token, xmin, the value, ms that it is kept, ms in which
 * nobody tries again after a refusal.
 */
export const FILL = new Script(`
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 'lease' end
local before = redis.call('GET', KEYS[2])
local fence = before and string.match(before, '^(%d+) ')
if fence and tonumber(ARGV[2]) < tonumber(fence) then
  redis.call('SET', KEYS[3], 'refused', 'PX', ARGV[5])
  return 'fence'
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
redis.call('DEL', KEYS[3])
return 'stored'
`)

/** Gives a lease back. Keys: lease. Arguments: token. */
export const RELEASE = new Script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`)

/** Raises a tag. Keys: tag. Arguments: xmax, ms that it is kept. */
export const RAISE_TAG = new Script(`
local before = redis.call('GET', KEYS[1])
redis.call('UNLINK', KEYS[1])
local fence = ARGV[1]
if before and tonumber(before) and tonumber(before) > tonumber(fence) then fence = before end
redis.call('SET', KEYS[1], fence, 'PX', ARGV[2])
return 0
`)

/** Replaces a text if it is still what was seen. Keys: text. Arguments: seen ('' for none), new, ms it is kept or '0'. */
export const SWAP = new Script(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('UNLINK', KEYS[1])
if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
`)
