import { type Answer, Faults, type Request, serve } from './http.ts'

type Document = Record<string, unknown>

interface Task {
  readonly uid: number
  readonly work: () => void
  status: 'enqueued' | 'succeeded' | 'failed'
  error: { code: string; message: string; type: string; link: string } | null
}

class TaskError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * A small model of what Meilisearch documents of tasks, ids and settings: enough for its official client to talk to. A task
 * is done when somebody has asked for it a few times, in the order in which tasks were taken, and fails as a whole.
 */
export class MeilisearchModel extends Faults {
  readonly #indexes = new Map<
    string,
    { primaryKey: string; documents: Map<string, Document>; settings: Document }
  >()
  readonly #tasks: Task[] = []
  /** How often a task is asked for before it is done. */
  looks = 2
  #asked = 0

  start() {
    return serve(this, {}, (request) => this.#answer(request))
  }

  #answer({ method, path, query, text }: Request): Answer {
    const [first, name = '', part, last] = path
    const body = () => JSON.parse(text || 'null')
    if (first === 'health') return { status: 200, body: { status: 'available' } }
    if (first === 'tasks') return this.#task(Number(name))
    if (name === '') {
      const { uid, primaryKey } = body() as { uid: string; primaryKey: string }
      return this.#take(() => this.#make(uid, primaryKey))
    }
    if (part === 'documents' && method === 'POST' && last === undefined) {
      this.writes++
      return this.#take(() => this.#add(name, query.get('primaryKey') ?? 'id', body() as Document[]))
    }
    const index = this.#indexes.get(name)
    if (index === undefined) return refused(404, 'index_not_found', `Index \`${name}\` not found.`)
    if (part === undefined) return { status: 200, body: { uid: name, primaryKey: index.primaryKey } }
    if (part === 'settings') {
      if (method === 'GET') return { status: 200, body: index.settings }
      const settings = body() as Document
      return this.#take(() => Object.assign(index.settings, settings))
    }
    if (last === 'delete-batch') {
      this.writes++
      const ids = body() as string[]
      return this.#take(() => {
        for (const id of ids) index.documents.delete(id)
      })
    }
    if (last === 'fetch' || last === undefined) {
      const { offset = 0, limit = 20 } = (last === 'fetch' ? body() : Object.fromEntries(query)) as Record<
        string,
        number
      >
      const results = [...index.documents.values()].slice(Number(offset), Number(offset) + Number(limit))
      return { status: 200, body: { results, offset, limit, total: index.documents.size } }
    }
    const found = index.documents.get(last)
    return found
      ? { status: 200, body: found }
      : refused(404, 'document_not_found', `Document \`${last}\` not found.`)
  }

  #take(work: () => void): Answer {
    const task: Task = { uid: this.#tasks.length, work, status: 'enqueued', error: null }
    this.#tasks.push(task)
    const { uid: taskUid, status } = task
    return {
      status: 202,
      body: { taskUid, indexUid: null, status, type: 'any', enqueuedAt: new Date().toISOString() },
    }
  }

  #task(uid: number): Answer {
    if (++this.#asked % this.looks === 0) for (const task of this.#tasks.slice(0, uid + 1)) this.#run(task)
    const { status, error } = this.#tasks[uid] as Task
    return { status: 200, body: { uid, status, error, indexUid: null, type: 'any' } }
  }

  #run(task: Task): void {
    if (task.status !== 'enqueued') return
    try {
      task.work()
      task.status = 'succeeded'
    } catch (error) {
      const { code, message } = error as TaskError
      Object.assign(task, { status: 'failed', error: { code, message, type: 'invalid_request', link: '' } })
    }
  }

  #make(name: string, primaryKey: string) {
    const index = this.#indexes.get(name) ?? {
      primaryKey,
      documents: new Map<string, Document>(),
      settings: {},
    }
    this.#indexes.set(name, index)
    return index
  }

  #add(name: string, primaryKey: string, documents: Document[]): void {
    const index = this.#make(name, primaryKey)
    for (const document of documents) {
      const id = document[primaryKey]
      if (!/^[A-Za-z0-9_-]{1,511}$/.test(String(id)))
        throw new TaskError(
          'invalid_document_id',
          `Document identifier \`${JSON.stringify(id)}\` is invalid.`,
        )
      const { _geo: geo } = document
      if (geo !== undefined && typeof (geo as { lat?: unknown } | null)?.lat !== 'number')
        throw new TaskError(
          'invalid_document_geo_field',
          `The \`_geo\` field in the document with the id: \`"${id}"\` is not an object. Was expecting an object with \`lat\` and \`lng\` but instead got \`${JSON.stringify(geo)}\`.`,
        )
    }
    for (const document of documents) index.documents.set(String(document[primaryKey]), document)
  }
}

const refused = (status: number, code: string, message: string): Answer => ({
  status,
  body: { message, code, type: 'invalid_request', link: '' },
})
