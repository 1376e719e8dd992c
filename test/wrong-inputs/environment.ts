import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { readEnvironment as readGeneral } from '../../src/config/environment.ts'
import { readSheetEnvironment } from '../../src/targets/sheet/config/environment.ts'
import { SECRET } from './secret.ts'
import type { WrongInput } from './wrong-input.ts'

const DATABASE_URL = `postgres://user:${SECRET}@localhost:5432/db`
const account = { type: 'service_account', client_email: 'robot@project.iam.gserviceaccount.com' }
const right = { DATABASE_URL, SHEETS_API_URL: 'http://127.0.0.1:4010/' }
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

const readEnvironment = (source: Record<string, string | undefined>) => ({
  ...readGeneral(source),
  ...readSheetEnvironment(source),
})

type Given = string | undefined

/** A variable that is wrong, beside others that are right. */
const variable = (name: string, what: string, given: Given, ...names: string[]): WrongInput => ({
  what: `environment: ${name} is ${what}`,
  run: () => readEnvironment({ ...right, [name]: given }),
  code: 'ENV_INVALID',
  names: [`environment variable ${name}: expected`, `Example: ${name}=`, ...names],
})

const url = (what: string, given: Given, ...names: string[]) =>
  variable('DATABASE_URL', what, given, 'a Postgres connection string', ...names)
const google = (what: string, given: Given, ...names: string[]) =>
  variable('GOOGLE_SERVICE_ACCOUNT_JSON', what, given, "a service account's key file", ...names)
const keyFile = (what: string, given: Given, ...names: string[]) =>
  variable(
    'GOOGLE_APPLICATION_CREDENTIALS',
    what,
    given,
    "the path of a service account's key file",
    ...names,
  )
const api = (what: string, given: Given, ...names: string[]) =>
  variable('SHEETS_API_URL', what, given, 'the root of another Sheets API', ...names)

const withKey = (private_key: unknown) => JSON.stringify({ ...account, private_key })

/** Wrong variables of the environment. */
export const ENVIRONMENT: readonly WrongInput[] = [
  url('missing', undefined, 'got nothing'),
  url('empty', '', 'got nothing'),
  url('in quotes', `"${DATABASE_URL}"`, 'quotes around it'),
  url('set twice', `DATABASE_URL=${DATABASE_URL}`, 'the name of the variable in it'),
  url('a placeholder', '<connection string>', 'a placeholder'),
  url('of MySQL', `mysql://root:${SECRET}@db/app`, 'begins with mysql:'),
  url('of a file', `file:./${SECRET}.db`, 'begins with file:'),
  url('of Accelerate', `prisma+postgres://host/?api_key=${SECRET}`, 'begins with prisma+postgres:'),
  url('without a scheme', `user:${SECRET}@localhost:5432/db`, 'something else'),
  url('with # in its password', `postgres://user:pa#${SECRET}@db/app`, 'has to be encoded'),

  {
    ...google(
      'missing, as all credentials are',
      undefined,
      'GOOGLE_APPLICATION_CREDENTIALS',
      'SHEETS_API_URL',
    ),
    run: () => readEnvironment({ DATABASE_URL }),
  },
  google('text', SECRET, 'text that is not JSON'),
  google('cut off', `{"private_key":"${SECRET}`, 'ends before its last brace'),
  google('a path', `/keys/${SECRET}.json`, 'what looks like a path'),
  google('an API key', `AIza${SECRET}${'x'.repeat(20)}`, 'an API key'),
  google(
    "a person's credentials",
    JSON.stringify({ type: 'authorized_user', refresh_token: SECRET }),
    'gcloud',
  ),
  google('an OAuth client', JSON.stringify({ web: { client_secret: SECRET } }), 'an OAuth client'),
  google('without a key', JSON.stringify({ ...account, private_key_id: SECRET }), 'JSON without private_key'),
  google('with a key that is none', withKey(SECRET), 'private_key', 'not PEM'),
  google(
    'with a key that is cut off',
    withKey(`-----BEGIN PRIVATE KEY-----\n${SECRET}`),
    'private_key',
    'cut off',
  ),
  google('with a key of another type', withKey(ec.export({ type: 'pkcs8', format: 'pem' })), 'of type ec'),
  google(
    'of a person',
    JSON.stringify({ client_email: `${SECRET}@gmail.com`, private_key: SECRET }),
    'client_email',
  ),

  keyFile('a path that is not there', `/keys/${SECRET}.json`, 'no file'),
  keyFile('a folder', tmpdir(), 'the path of a folder'),
  keyFile('a path of a shell', `~/${SECRET}.json`, 'with ~'),
  keyFile("the file's text", `{"private_key":"${SECRET}"}`, 'GOOGLE_SERVICE_ACCOUNT_JSON'),
  {
    ...keyFile('a file of something else', undefined, 'text that is not JSON'),
    run: (stage) =>
      readEnvironment({ ...right, GOOGLE_APPLICATION_CREDENTIALS: stage.file('key.json', SECRET) }),
  },

  api('without a scheme', 'localhost:4010', 'something else'),
  api('of FTP', `ftp://${SECRET}@host`, 'begins with ftp:'),
  variable('LOG_LEVEL', 'a level of another logger', 'verbose', 'trace, debug, info'),
  variable('LOG_LEVEL', 'a number', '30', 'trace, debug, info'),
  variable('WRITEBACK_CONCURRENCY', 'zero', '0', '1 to 32', 'a number outside of that'),
  variable('WRITEBACK_CONCURRENCY', 'a word', 'auto', '1 to 32'),
  variable('WRITEBACK_BATCH_SIZE', 'too large', '10001', '1 to 10000'),
  variable('WRITEBACK_BATCH_SIZE', 'written with a comma', '1,000', '1 to 10000'),
  variable('SHEETS_READS_PER_MINUTE', 'negative', '-1', 'requests per minute'),
  variable('SHEETS_WRITES_PER_MINUTE', 'a quotient', '60/min', 'requests per minute'),
  variable('PORT', 'out of range', '70000', 'a number outside of that'),
  variable('PORT', 'a pipe of Windows', '\\\\.\\pipe\\app', 'something else'),
  variable('WRITEBACK_SCRIPT_SECRET', 'too short', 'hunter2', '32 characters or more'),
  variable(
    'WRITEBACK_PORT',
    'what Kubernetes sets for a Service',
    'tcp://10.0.0.7:80',
    'Kubernetes',
    'enableServiceLinks',
  ),
]
