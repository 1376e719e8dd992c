import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { applicationLogLevel, readEnvironment as readGeneral } from '../../src/config/environment.ts'
import { readSheetEnvironment } from '../../src/targets/sheet/config/environment.ts'

const SECRET = 'hunter2-do-not-show'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const account = {
  client_email: 'a@b.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
}
const right = {
  DATABASE_URL: `postgres://user:${SECRET}@localhost:5432/db`,
  GOOGLE_SERVICE_ACCOUNT_JSON: JSON.stringify(account),
}

const folder = mkdtempSync(join(tmpdir(), 'environment-'))
const readEnvironment = (source: Record<string, string | undefined>) => ({
  ...readGeneral(source),
  ...readSheetEnvironment(source),
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(text: string): string {
  const path = join(folder, `${Math.random()}.json`)
  writeFileSync(path, text)
  return path
}

describe('what is right', () => {
  test('defaults', () => {
    expect(readEnvironment(right)).toMatchObject({
      databaseUrl: right.DATABASE_URL,
      google: { email: account.client_email, privateKey: account.private_key },
      sheetsApiUrl: null,
      logLevel: 'info',
      quota: { readsPerMinute: 60, writesPerMinute: 60 },
    })
  })

  test('numbers are read from text, and an empty variable counts as unset', () => {
    const read = readEnvironment({ ...right, WRITEBACK_CONCURRENCY: '7', LOG_LEVEL: '', SHEETS_API_URL: '' })
    expect(read).toMatchObject({ concurrency: 7, logLevel: 'info', sheetsApiUrl: null })
  })

  test('credentials from a file', () => {
    const path = file(JSON.stringify(account))
    expect(
      readEnvironment({ DATABASE_URL: right.DATABASE_URL, GOOGLE_APPLICATION_CREDENTIALS: path }).google,
    ).toEqual({ email: account.client_email, privateKey: account.private_key })
  })

  test('no credentials are needed with another root of the API', () => {
    expect(
      readEnvironment({ DATABASE_URL: right.DATABASE_URL, SHEETS_API_URL: 'http://127.0.0.1:4010/' }).google,
    ).toBeNull()
  })
})

describe('what is wrong: one line that names the variable, what was expected and an example', () => {
  test.each<[variable: string, value: string | undefined]>([
    ['DATABASE_URL', undefined],
    ['DATABASE_URL', ''],
    ['DATABASE_URL', SECRET],
    ['DATABASE_URL', `"${right.DATABASE_URL}"`],
    ['DATABASE_URL', `DATABASE_URL=${right.DATABASE_URL}`],
    ['DATABASE_URL', `prisma+postgres://accelerate.prisma-data.net/?api_key=${SECRET}`],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', JSON.stringify({ ...account, private_key: SECRET })],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', JSON.stringify({ ...account, client_email: `${SECRET}@gmail.com` })],
    ['DATABASE_URL', `mysql://user:${SECRET}@host/db`],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', undefined],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', `{"private_key":"${SECRET}"`],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', `"${SECRET}"`],
    ['GOOGLE_SERVICE_ACCOUNT_JSON', `{"private_key":"${SECRET}"}`],
    ['SHEETS_API_URL', `ftp://${SECRET}`],
    ['SHEETS_API_URL', SECRET],
    ['LOG_LEVEL', SECRET],
    ['WRITEBACK_CONCURRENCY', '0'],
    ['WRITEBACK_CONCURRENCY', SECRET],
    ['WRITEBACK_CONCURRENCY', '1.5'],
    ['WRITEBACK_BATCH_SIZE', '10001'],
    ['SHEETS_READS_PER_MINUTE', '-1'],
    ['SHEETS_WRITES_PER_MINUTE', 'sixty'],
  ])('%s=%s', (variable, value) => {
    expectRefusal({ ...right, [variable]: value }, variable)
  })

  test.each([
    ['a path that is not there', () => join(folder, 'missing.json')],
    ['a file that is no JSON', () => file(SECRET)],
    ['JSON without the key', () => file(`{"client_email":"${SECRET}"}`)],
    ['a folder', () => folder],
    ['an empty file', () => file('')],
    ["the file's text", () => `{"client_email":"${SECRET}"}`],
    ['an API key', () => `AIza${SECRET}`],
    ['a path of a shell', () => `~/${SECRET}.json`],
    ['a text that is no path', () => SECRET.repeat(300)],
  ])('GOOGLE_APPLICATION_CREDENTIALS: %s', (_case, path) => {
    expectRefusal(
      { DATABASE_URL: right.DATABASE_URL, GOOGLE_APPLICATION_CREDENTIALS: path() },
      'GOOGLE_APPLICATION_CREDENTIALS',
    )
  })
})

function expectRefusal(source: Record<string, string | undefined>, variable: string): void {
  let thrown: Error | undefined
  try {
    readEnvironment(source)
  } catch (error) {
    thrown = error as Error
  }
  expect(thrown).toMatchObject({ name: 'WritebackError', code: 'ENV_INVALID' })
  const message = thrown?.message ?? ''
  expect(message).not.toContain('\n')
  expect(message).not.toContain(SECRET)
  expect(message).toMatch(new RegExp(`^environment variable ${variable}: expected .+, got .+\\. Example: .+`))
}

test.each([
  ['debug', 'debug'],
  ['WARN', 'warn'],
  [' error ', 'error'],
  ['verbose', 'info'],
  ['http', 'info'],
  ['warning', 'info'],
  ['30', 'info'],
  ['', 'info'],
  [undefined, 'info'],
])('in the application, LOG_LEVEL=%s is %s', (given, level) => {
  expect(applicationLogLevel(given)).toBe(level)
})
