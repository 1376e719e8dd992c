import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, pino } from 'pino'
import type pretty from 'pino-pretty'
import { applicationLogLevel } from './config/environment.ts'

/** Paths that never reach a log line, whoever passes them. */
const REDACTED = [
  'databaseUrl',
  '*.databaseUrl',
  'privateKey',
  '*.privateKey',
  'private_key',
  '*.private_key',
  'connectionString',
  '*.connectionString',
  'authorization',
  '*.authorization',
  'headers.authorization',
  '*.headers.authorization',
]

/** The logger of code that runs in a process of the application, unless that gives another. */
export function createApplicationLogger(): Logger {
  return pino({ name: 'prisma-writeback', level: applicationLogLevel(process.env.LOG_LEVEL) })
}

/**
 * The logger of a process: JSON lines, or readable ones on a terminal. Credentials are redacted; cell values are
 * never passed to it at info or above.
 *
 * @param level the least level that is written
 * @param destination where lines go; standard output by default
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, redact: { paths: REDACTED, censor: '[redacted]' } }
  if (destination) return pino(options, destination)
  if (!process.stdout.isTTY) return pino(options)
  // Only a person at a terminal needs it: a worker on a server is spared loading it.
  const readable: typeof pretty = createRequire(import.meta.url)('pino-pretty')
  return pino(options, readable({ sync: true, translateTime: 'HH:MM:ss.l' }))
}
