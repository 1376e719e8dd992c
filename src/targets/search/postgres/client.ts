/** What is used of a pool of pg: queries with `$1` parameters, each on any connection. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export function isPostgresClient(given: unknown): given is PostgresClient {
  return typeof given === 'object' && given !== null && 'query' in given && typeof given.query === 'function'
}

/** Runs a statement. @returns its rows */
export async function rowsOf<Row>(
  client: PostgresClient,
  text: string,
  values?: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows } = await client.query(text, values && [...values])
  return rows as readonly Row[]
}
