/** What is used of the documents of a collection. */
interface TypesenseDocuments {
  import(lines: string, options: { action: 'upsert' }): Promise<string>
  delete(query: { filter_by: string }): Promise<unknown>
  exportStream(options: object): Promise<unknown>
}

/** What is used of a collection. */
export interface TypesenseCollection {
  retrieve(): Promise<{ readonly fields?: readonly object[] | undefined }>
  update(schema: never): Promise<unknown>
  documents(): TypesenseDocuments
  documents(id: string): { retrieve(): Promise<unknown>; delete(): Promise<unknown> }
}

/** What is used of a client of Typesense. */
export interface TypesenseClient {
  collections(): { create(schema: never): Promise<unknown> }
  collections(name: string): TypesenseCollection
  readonly health: { retrieve(): Promise<unknown> }
}

export function isTypesenseClient(given: unknown): given is TypesenseClient {
  return (
    typeof given === 'object' &&
    given !== null &&
    'collections' in given &&
    typeof given.collections === 'function'
  )
}

/** The status of what a client has thrown; 0 where there was no answer. */
export function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'httpStatus' in error ? error.httpStatus : 0
  return Number(status ?? 0)
}
