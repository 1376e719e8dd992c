import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { WritebackError } from '../errors.ts'
import { describeWrongText } from './describe.ts'
import { type GoogleCredentials, readServiceAccount } from './service-account.ts'

export type { GoogleCredentials }

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * The level of our logger in a process that is not ours: `LOG_LEVEL` may be meant for another logger there, with levels
 * of its own, and does not stop an application.
 */
export function applicationLogLevel(given: string | undefined): string {
  const level = given?.trim().toLowerCase()
  return LOG_LEVELS.find((known) => known === level) ?? 'info'
}

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** Every variable the library reads, with what is right and an example for the error. */
export const VARIABLES = {
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    expected: 'a Postgres connection string',
    example: 'postgres://user:password@host:5432/database',
  },
  GOOGLE_SERVICE_ACCOUNT_JSON: {
    schema: z.string().optional(),
    expected: "the text of a service account's key file",
    example: '{"type":"service_account","client_email":"...","private_key":"..."}',
  },
  GOOGLE_APPLICATION_CREDENTIALS: {
    schema: z.string().optional(),
    expected: "the path of a service account's key file",
    example: '/app/service-account.json',
  },
  SHEETS_API_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    expected: 'the root of another Sheets API',
    example: 'http://127.0.0.1:4010/',
  },
  LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS).default('info'),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    example: 'info',
  },
  WRITEBACK_CONCURRENCY: {
    schema: wholeNumber(1, 32).default(4),
    expected: 'how many batches a worker handles at a time, 1 to 32',
    example: '4',
  },
  WRITEBACK_BATCH_SIZE: {
    schema: wholeNumber(1, 10_000).default(1000),
    expected: 'how many jobs a batch may hold, 1 to 10000',
    example: '1000',
  },
  SHEETS_READS_PER_MINUTE: {
    schema: wholeNumber(1, 100_000).default(60),
    expected: 'the read quota of the Google user, requests per minute',
    example: '60',
  },
  SHEETS_WRITES_PER_MINUTE: {
    schema: wholeNumber(1, 100_000).default(60),
    expected: 'the write quota of the Google user, requests per minute',
    example: '60',
  },
  WRITEBACK_PORT: {
    schema: wholeNumber(0, 65_535).optional(),
    expected: "the port of the worker's metrics and health, 0 for any free one",
    example: '9464',
  },
  PORT: {
    schema: wholeNumber(0, 65_535).optional(),
    expected: "the port of the worker's metrics and health, where WRITEBACK_PORT says no other",
    example: '9464',
  },
} as const

type Parsed = { [Name in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[Name]['schema']> }

/** The environment of a process of this library. */
export interface Environment {
  /** Postgres connection string. A secret. */
  readonly databaseUrl: string
  /** The service account, or null where no credentials are set (only with another API root). */
  readonly google: GoogleCredentials | null
  /** Another root of the Sheets API, or null for Google's. */
  readonly sheetsApiUrl: string | null
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Batches that a worker handles at a time. */
  readonly concurrency: number
  /** Jobs in a batch, at most. */
  readonly batchSize: number
  /** Port of the worker's metrics and health; null for none. */
  readonly port: number | null
  /** Requests per minute that Google allows this service account. */
  readonly quota: { readonly readsPerMinute: number; readonly writesPerMinute: number }
}

/**
 * Reads the environment.
 * @param source the variables, `process.env` by default
 * @throws WritebackError `ENV_INVALID`: one line that names the first variable that is wrong or missing, what was
 * expected and an example; never the value
 */
export function readEnvironment(source: Record<string, string | undefined> = process.env): Environment {
  const variables = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, { schema, expected, example }]) => {
      // An empty variable is how many platforms spell an unset one.
      const given = source[name]?.trim() || undefined
      const parsed = schema.safeParse(given)
      if (!parsed.success) throw wrong(name, expected, describeWrongText(given), example)
      return [name, parsed.data]
    }),
  ) as Parsed
  const google = readCredentials(variables)
  if (google === null && variables.SHEETS_API_URL === undefined) {
    throw wrong(
      'GOOGLE_SERVICE_ACCOUNT_JSON',
      `${VARIABLES.GOOGLE_SERVICE_ACCOUNT_JSON.expected} (or GOOGLE_APPLICATION_CREDENTIALS, or SHEETS_API_URL for an emulator)`,
      'nothing',
      VARIABLES.GOOGLE_SERVICE_ACCOUNT_JSON.example,
    )
  }
  return {
    databaseUrl: variables.DATABASE_URL,
    google,
    sheetsApiUrl: variables.SHEETS_API_URL ?? null,
    logLevel: variables.LOG_LEVEL,
    concurrency: variables.WRITEBACK_CONCURRENCY,
    batchSize: variables.WRITEBACK_BATCH_SIZE,
    port: variables.WRITEBACK_PORT ?? variables.PORT ?? null,
    quota: {
      readsPerMinute: variables.SHEETS_READS_PER_MINUTE,
      writesPerMinute: variables.SHEETS_WRITES_PER_MINUTE,
    },
  }
}

function readCredentials(variables: Parsed): GoogleCredentials | null {
  const inline = variables.GOOGLE_SERVICE_ACCOUNT_JSON
  const path = variables.GOOGLE_APPLICATION_CREDENTIALS
  if (inline !== undefined) return credentialsIn('GOOGLE_SERVICE_ACCOUNT_JSON', inline)
  return path === undefined ? null : credentialsIn('GOOGLE_APPLICATION_CREDENTIALS', readKeyFile(path))
}

function credentialsIn(name: keyof typeof VARIABLES, text: string): GoogleCredentials {
  const { expected, example } = VARIABLES[name]
  const account = readServiceAccount(text)
  if ('got' in account) throw wrong(name, expected, account.got, example)
  return account
}

/** Why a file cannot be read, by the code of the error. The path is not shown: the key itself may have been put there. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'a path where there is no file',
  EISDIR: 'the path of a folder',
  EACCES: 'the path of a file that this user may not read',
  EPERM: 'the path of a file that this user may not read',
  ENAMETOOLONG: 'a text that is no path',
}

function readKeyFile(path: string): string {
  const { expected, example } = VARIABLES.GOOGLE_APPLICATION_CREDENTIALS
  const given = path.trim()
  const refuse = (got: string) => wrong('GOOGLE_APPLICATION_CREDENTIALS', expected, got, example)
  if (/^["'\\]*\{|-----BEGIN/.test(given)) {
    throw refuse("the key file's text, which belongs into GOOGLE_SERVICE_ACCOUNT_JSON")
  }
  if (given.startsWith('~')) throw refuse('a path with ~, which only a shell understands')
  try {
    return readFileSync(given, 'utf8')
  } catch (error) {
    const got = UNREADABLE[(error as NodeJS.ErrnoException).code ?? ''] ?? 'a path that cannot be read'
    throw refuse(isAbsolute(given) ? got : `${got}, seen from ${process.cwd()}`)
  }
}

function wrong(name: string, expected: string, got: string, example: string): WritebackError {
  return new WritebackError('ENV_INVALID', {
    problem: `environment variable ${name}`,
    expected,
    got,
    remedy: `Example: ${name}='${example}'`,
  })
}
