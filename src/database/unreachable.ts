import { isWritebackError, messageOf, WritebackError } from '../errors.ts'

/**
 * SQLSTATE classes 08, 28, 53, 57P and 3D000, network errors, and Prisma's P1xxx, P2024 (no connection in time) and P2037
 * (too many connections).
 */
const CODES =
  /^(08|28|53|57P|3D000$|ECONN|EPIPE|EHOST|ENETUN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|P1\d{3}$|P2024$|P2037$)/
const CERTIFICATE_CODES = /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL/
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|does not support SSL connections/
/** Kinds of a `DriverAdapterError` of Prisma that are passed on as they are, where a transaction begins or ends. */
const KINDS = /^(ConnectionClosed|DatabaseNotReachable|SocketTimeout|TlsConnectionError|TooManyConnections)$/

interface Thrown {
  readonly code?: unknown
  readonly name?: unknown
  readonly message?: unknown
  readonly severity?: unknown
}

/**
 * True when Postgres, or the way to it, is down, overloaded or shut, so that nothing is wrong with what was asked of it.
 */
export function isUnreachable(error: unknown): boolean {
  if (isWritebackError(error, 'DATABASE_UNAVAILABLE')) return true
  const { code, name, message, severity } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as Thrown
  return (
    CODES.test(String(code ?? '')) ||
    CERTIFICATE_CODES.test(String(code ?? '')) ||
    // Postgres ends the connection with it, or does not begin one.
    severity === 'FATAL' ||
    name === 'PrismaClientInitializationError' ||
    MESSAGES.test(String(message ?? '')) ||
    (name === 'DriverAdapterError' && KINDS.test(String(message ?? '')))
  )
}

/** What to tell people about an error that {@link isUnreachable} knows. */
export function unreachable(error: unknown): WritebackError {
  return new WritebackError('DATABASE_UNAVAILABLE', {
    problem: 'Postgres cannot be used',
    got: messageOf(error),
    remedy: remedyFor(error),
    cause: error,
  })
}

function remedyFor(error: unknown): string {
  const { code, message } = error as Thrown
  if (CERTIFICATE_CODES.test(String(code ?? '')) || /SSL|encryption/.test(String(message ?? ''))) {
    return 'Set PGSSLMODE, or sslmode in DATABASE_URL, to what the server wants'
  }
  if (/^(28|3D|42501$)/.test(String(code ?? '')))
    return 'Correct the user, password and database in DATABASE_URL'
  return 'See that Postgres runs, and that DATABASE_URL names its host and port'
}
