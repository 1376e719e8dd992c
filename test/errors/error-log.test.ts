import { expect, it } from 'vitest'
import { createErrorLog } from '../../src/error-log.ts'
import { messageOf } from '../../src/errors.ts'

it('logs an error that goes on once a minute, with how often it came', () => {
  const lines: unknown[] = []
  let now = 0
  const complain = createErrorLog({ error: (line: unknown) => lines.push(line) } as never, 'no', () => now)
  for (; now < 125_000; now += 1_000) complain(new Error('refused'))
  complain(new Error('something else'))
  expect(lines).toEqual([
    { error: 'refused' },
    { error: 'refused', times: 60 },
    { error: 'refused', times: 60 },
    { error: 'something else' },
  ])
})

it('reads the message of whatever was thrown', () => {
  expect(messageOf(new Error('a\n  b'))).toBe('a b')
  expect(messageOf(new RangeError())).toBe('RangeError')
  // As pg-boss emits them.
  expect(messageOf({ ...new Error('lost'), message: 'a copy', queue: 'q' })).toBe('a copy')
  expect(messageOf('text')).toBe('text')
  expect(messageOf(undefined)).toBe('undefined')
})
