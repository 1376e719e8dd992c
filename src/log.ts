import { type DestinationStream, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

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
  if (process.stdout.isTTY) return pino(options, pretty({ sync: true, translateTime: 'HH:MM:ss.l' }))
  return pino(options)
}
