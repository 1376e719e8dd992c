/** A task that the engine has taken. */
interface Enqueued {
  readonly taskUid: number
}

/** What became of a task. */
export interface MeilisearchTask {
  readonly status: string
  readonly error: { readonly message: string; readonly code: string; readonly type: string } | null
}

/** What is used of an index of the client. */
interface MeilisearchIndex {
  addDocuments(documents: Record<string, unknown>[], options: { primaryKey: string }): PromiseLike<Enqueued>
  deleteDocuments(ids: string[]): PromiseLike<Enqueued>
  getDocuments(query: { offset: number; limit: number }): Promise<{ readonly results: object[] }>
  getDocument(id: string): Promise<object>
  getSettings(): Promise<object>
  updateSettings(settings: object): PromiseLike<Enqueued>
}

/** What is used of a client of Meilisearch. */
export interface MeilisearchClient {
  index(name: string): MeilisearchIndex
  createIndex(name: string, options: { primaryKey: string }): PromiseLike<Enqueued>
  getRawIndex(name: string): Promise<{ readonly primaryKey?: string | null | undefined }>
  health(): Promise<unknown>
  readonly tasks: { getTask(uid: number): Promise<MeilisearchTask> }
}

export function isMeilisearchClient(given: unknown): given is MeilisearchClient {
  return typeof given === 'object' && given !== null && 'createIndex' in given && 'tasks' in given
}

/** Status and error of what a client has thrown; status 0 where there was no answer. */
export function answerOf(error: unknown): { readonly status: number; readonly code: string } {
  const { response, cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    response?: { status?: unknown }
    cause?: { code?: unknown }
  }
  return { status: Number(response?.status ?? 0), code: String(cause?.code ?? '') }
}
