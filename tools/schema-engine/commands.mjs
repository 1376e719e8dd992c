import { parseUrl, runStatement } from './database.mjs'
import { log } from './log.mjs'

/** Socket and TLS errors that mean that no server answered. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'ENOENT',
])

/**
 * Runs one of the engine's one-shot commands.
 *
 * @param {string} name `can-connect-to-database`, `create-database` or `drop-database`
 * @param {string | undefined} url the database
 * @returns {Promise<0 | 1>} the exit status; the reason of a failure is logged as the CLI expects it
 */
export async function runCommand(name, url) {
  try {
    const { config } = parseUrl(requireUrl(url))
    const maintenance = { ...config, database: config.database === 'postgres' ? 'template1' : 'postgres' }
    switch (name) {
      case 'can-connect-to-database':
        await runStatement(config, 'select 1')
        return 0
      case 'create-database':
        await runStatement(maintenance, `create database ${quote(config.database)}`)
        return 0
      case 'drop-database':
        await runStatement(maintenance, `drop database if exists ${quote(config.database)}`)
        return 0
      default:
        throw new Error(`Unknown command: ${name}`)
    }
  } catch (error) {
    const { code, message } = explain(error, url)
    log('ERROR', message, { is_panic: false, error_code: code ?? '' })
    return 1
  }
}

/**
 * @param {string | undefined} url
 * @returns {string}
 * @throws {Error} when there is none
 */
export function requireUrl(url) {
  if (url) return url
  throw new Error(
    'Expected the url of a database, got none. Set DATABASE_URL: where the native schema engine is not installed, every command of the engine needs a database to connect to.',
  )
}

/**
 * A connection error in Prisma's words, with its code (https://www.prisma.io/docs/orm/reference/error-reference).
 *
 * @param {Error & { code?: string }} error what node-postgres threw
 * @param {string | undefined} url
 * @returns {{ code: string | undefined, message: string }}
 */
export function explain(error, url) {
  const { host, port, user, database } = url ? parseUrl(url).config : {}
  const cause = error instanceof AggregateError ? error.errors[0] : error
  const message = cause.message
  if (UNREACHABLE.has(cause.code ?? ''))
    return {
      code: 'P1001',
      message: `Can't reach database server at \`${host}:${port}\`\n\nPlease make sure your database server is running at \`${host}:${port}\`.`,
    }
  if (cause.code === 'ETIMEDOUT' || message === 'timeout expired' || message.includes('timeout exceeded'))
    return { code: 'P1002', message: `The database server at \`${host}:${port}\` was reached but timed out.` }
  switch (cause.code) {
    case '28P01':
      return {
        code: 'P1000',
        message: `Authentication failed against database server, the provided database credentials for \`${user}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at the configured address.`,
      }
    case '28000':
    case '42501':
      return { code: 'P1010', message: `User was denied access on the database \`${database}\`` }
    case '3D000':
      return { code: 'P1003', message: `Database \`${database}\` does not exist` }
    case '42P04':
      return { code: 'P1009', message: `Database \`${database}\` already exists` }
    default:
      return { code: undefined, message }
  }
}

function quote(identifier) {
  return `"${identifier.replaceAll('"', '""')}"`
}
