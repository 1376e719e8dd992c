import { z } from 'zod'
import { readVariables, wholeNumber } from './variables.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * The level of our logger in a process that is not ours: `LOG_LEVEL` may be meant for another logger there, with levels
 * of its own, and does not stop an application.
 */
export function applicationLogLevel(given: string | undefined): string {
  const level = given?.trim().toLowerCase()
  return LOG_LEVELS.find((known) => known === level) ?? 'info'
}

/** Every variable that counts whatever the targets are; a kind of target may read more. */
export const VARIABLES = {
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    expected: 'a Postgres connection string',
    example: 'postgres://user:password@host:5432/database',
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
  WRITEBACK_PORT: {
    schema: wholeNumber(0, 65_535).optional(),
    expected: "the port of the worker's metrics and health, 0 for any free one",
    example: '9464',
  },
  WRITEBACK_SCRIPT_SECRET: {
    schema: z.string().min(32).max(1_000).optional(),
    expected: 'the secret that it shares with the script in the spreadsheet, 32 characters or more',
    example: '<what "openssl rand -hex 32" prints>',
  },
  PORT: {
    schema: wholeNumber(0, 65_535).optional(),
    expected: "the port of the worker's metrics and health, where WRITEBACK_PORT says no other",
    example: '9464',
  },
} as const

/** The environment of a process of this library. */
export interface Environment {
  /** Postgres connection string. A secret. */
  readonly databaseUrl: string
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Batches that a worker handles at a time; more, up to two for each lane, while all of them are held up. */
  readonly concurrency: number
  /** Jobs in a batch, at most. */
  readonly batchSize: number
  /** Port of the worker's metrics and health; null for none. */
  readonly port: number | null
  /** What the script in a spreadsheet signs with; null where no signals are accepted. A secret. */
  readonly scriptSecret: string | null
  /** All variables, for what single kinds of targets read. Holds secrets. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/**
 * Reads the environment.
 * @param source the variables, `process.env` by default
 * @throws WritebackError `ENV_INVALID`: one line that names the first variable that is wrong or missing, what was
 * expected and an example; never the value
 */
export function readEnvironment(source: Record<string, string | undefined> = process.env): Environment {
  const variables = readVariables(VARIABLES, source)
  return {
    databaseUrl: variables.DATABASE_URL,
    logLevel: variables.LOG_LEVEL,
    concurrency: variables.WRITEBACK_CONCURRENCY,
    batchSize: variables.WRITEBACK_BATCH_SIZE,
    port: variables.WRITEBACK_PORT ?? variables.PORT ?? null,
    scriptSecret: variables.WRITEBACK_SCRIPT_SECRET ?? null,
    variables: source,
  }
}
