import { describe, expect, test } from 'vitest'
import { messageOf, WritebackError } from '../../src/errors.ts'
import { redact } from '../../src/redact.ts'

describe('secrets in what others have written', () => {
  test.each<[what: string, text: string, left: string]>([
    ['the password of a URL', 'no postgres://ada:pa55@db:5432/app', 'no postgres://***@db:5432/app'],
    ['one with an @ in it', "('postgresql://ada:p@55@db/app')", "('postgresql://***@db/app')"],
    ['one with a slash and a colon', 'postgres://ada:p/5:5@db/app there', 'postgres://***@db/app there'],
    ['one without a user', 'redis://:pa55@cache', 'redis://***@cache'],
    ['a key in a query', 'prisma://host/?api_key=pa55&x=1', 'prisma://host/?api_key=***&x=1'],
    ['a setting', 'host=db password=pa55 user=ada', 'host=db password=*** user=ada'],
    ['a setting in an object', "{ password: 'pa55 word', user: 'ada' }", "{ password: ***, user: 'ada' }"],
    ['a variable', 'PGPASSWORD=pa55', 'PGPASSWORD=***'],
    ['a key', 'got -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nthere', 'got ***\nthere'],
    ['half a key', '-----BEGIN RSA PRIVATE KEY-----\\nMIIE', '***'],
    ['a key of an API', `key AIza${'Sy'.repeat(18)} expired`, 'key *** expired'],
    ['a token', 'Bearer ya29.a0AfH6-_x', 'Bearer ***'],
  ])('%s', (_what, text, left) => {
    expect(redact(text)).toBe(left)
  })

  test.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'password authentication failed for user "ada"',
    'https://docs.google.com/spreadsheets/d/1Bxi/edit#gid=0',
    'see https://user.example/@scope/package: it is there',
    'file:///app/node_modules/.pnpm/@prisma+client@7.10.0/index.js:12:5',
    'postgres://db:5432/app',
  ])('%s stays', (text) => {
    expect(redact(text)).toBe(text)
  })
})

test('messages of others are redacted, those of the library are not: their examples are to be read', () => {
  const text = 'Example: postgres://user:password@host/db'
  expect(messageOf(new Error(text))).toBe('Example: postgres://***@host/db')
  expect(messageOf(new WritebackError('ENV_INVALID', { problem: text }))).toBe(text)
})
