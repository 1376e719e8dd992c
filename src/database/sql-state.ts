/** What a driver's error, or Prisma's around one, may carry. */
interface DriverError {
  readonly code?: unknown
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } }
}

/**
 * The SQLSTATE of what Postgres refused: from an error of `pg`, or from the error that Prisma Client makes of
 * one for a raw statement (P2010).
 *
 * @returns five characters, or undefined when the error is none of Postgres's
 */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, meta } = (error ?? {}) as DriverError
  const original = meta?.driverAdapterError?.cause?.originalCode ?? code
  // Prisma's own codes (P2010) have the same length as a SQLSTATE, and no class of Postgres begins like them
  // but P0 (PL/pgSQL).
  return typeof original === 'string' && /^(?!P[12])[0-9A-Z]{5}$/.test(original) ? original : undefined
}
