/**
 * The one thing the library needs of a Postgres connection or pool: run a statement with `$1` parameters.
 * pg-boss's own pool, a `pg` client and a Prisma transaction all fit behind it.
 */
export interface Sql {
  /**
   * @param text one SQL statement with `$1`-style parameters
   * @param values the parameters, in order
   * @returns the rows of the statement, `[]` when it returns none
   */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
}
