import { type Answer, Faults, type Request, serve } from './http.ts'

type Document = Record<string, unknown>
type Field = { name: string; type: string; drop?: boolean }

/** A small model of what Typesense documents of import, export, schemas: enough for its official client to talk to. */
export class TypesenseModel extends Faults {
  readonly #collections = new Map<string, { fields: Field[]; documents: Map<string, Document> }>()
  /** Lines that are answered with 503 before writes are taken again. */
  lagging = 0

  start() {
    return serve(this, {}, (request) => this.#answer(request))
  }

  #answer({ method, path: [first, name, part, last], query, text }: Request): Answer {
    if (first === 'health') return { status: 200, body: { ok: true } }
    if (name === undefined) {
      const schema = JSON.parse(text) as { name: string; fields: Field[] }
      this.#collections.set(schema.name, { fields: schema.fields, documents: new Map() })
      return { status: 201, body: schema }
    }
    const collection = this.#collections.get(name)
    if (collection === undefined) return { status: 404, body: { message: 'Not Found' } }
    const { documents } = collection
    if (part === undefined) {
      if (method === 'PATCH') change(collection, (JSON.parse(text) as { fields: Field[] }).fields)
      // The engine adds options of its own.
      return {
        status: 200,
        body: { name, fields: collection.fields.map((field) => ({ index: true, ...field })) },
      }
    }
    if (last === 'import') return this.#import(collection, text)
    if (last === 'export')
      return { status: 200, body: [...documents.values()].map((one) => JSON.stringify(one)).join('\n') }
    if (last === undefined) {
      this.writes++
      const ids = /^id:\[(.*)\]$/.exec(query.get('filter_by') ?? '')?.[1]?.split(',') ?? []
      for (const id of ids) documents.delete(id)
      return { status: 200, body: { num_deleted: ids.length } }
    }
    if (method === 'DELETE') {
      this.writes++
      return documents.delete(last)
        ? { status: 200, body: {} }
        : { status: 404, body: { message: 'Not Found' } }
    }
    const found = documents.get(last)
    return found ? { status: 200, body: found } : { status: 404, body: { message: 'Not Found' } }
  }

  #import(
    { fields, documents }: { fields: Field[]; documents: Map<string, Document> },
    text: string,
  ): Answer {
    this.writes++
    const lines = text.split('\n').map((line) => {
      const document = JSON.parse(line) as Document
      if (this.lagging > 0) {
        this.lagging--
        return { success: false, code: 503, error: 'Not Ready or Lagging', document: line }
      }
      const wrong = fields.find(
        ({ name, type }) => /^(int|float)/.test(type) && typeof document[name] !== 'number',
      )
      if (wrong) {
        const kind = wrong.type.startsWith('int') ? 'an' : 'a'
        const error = `Field \`${wrong.name}\` must be ${kind} ${wrong.type}.`
        return { success: false, code: 400, error, document: line }
      }
      documents.set(String(document.id), document)
      return { success: true }
    })
    return { status: 200, body: lines.map((line) => JSON.stringify(line)).join('\n') }
  }
}

function change(collection: { fields: Field[] }, changes: readonly Field[]): void {
  for (const { drop, ...field } of changes) {
    collection.fields = collection.fields.filter(({ name }) => name !== field.name)
    if (!drop) collection.fields.push(field)
  }
}
