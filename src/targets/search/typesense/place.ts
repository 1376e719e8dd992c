import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { singleOut } from '../../../source/single-out.ts'
import { inParallel } from '../../documents/in-parallel.ts'
import type { DocumentWrite, PlaceAnswer, PlaceEntry } from '../../documents/place.ts'
import { documentOf, type PlainDocument } from '../document.ts'
import { onceUntilItFails } from '../once.ts'
import type { SearchPlace } from '../place.ts'
import type { SearchTarget } from '../target.ts'
import { withoutValues } from '../without-values.ts'
import { statusOf, type TypesenseCollection } from './client.ts'
import { failureOfStatus, typesenseFailure } from './failure.ts'
import { differingFields } from './settings.ts'

type TypesenseTarget = SearchTarget<'typesense'>

/** Documents in one request, at most. */
const BATCH = 1_000
/** Ids that a filter takes as they are, and how many characters of them one request may have: a URL is limited. */
const PLAIN_ID = /^[A-Za-z0-9_.-]+$/
const FILTER_LENGTH = 3_000
/** Requests at a time for ids that no filter takes. */
const AT_ONCE = 4

/** What the engine says about one line. */
interface Line {
  readonly success: boolean
  readonly error?: string
  readonly code?: number
}

/** A collection of Typesense. It has no versions: one worker at a time writes it. */
export function typesensePlace({
  client,
  index: name,
  settings,
}: TypesenseTarget): SearchPlace<TypesenseTarget> {
  const collection = client.collections(name)

  const actual = async () => {
    try {
      return (await collection.retrieve()).fields ?? []
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  const setUp = async () => {
    const fields = await actual()
    if (fields === undefined) {
      await client.collections().create({ ...settings, name } as never)
      return
    }
    const differing = differingFields(settings.fields, fields)
    if (differing.length === 0) return
    const changes = differing.flatMap(({ field, isThere }) =>
      isThere ? [{ name: field.name, drop: true }, field] : [field],
    )
    await collection.update({ fields: changes } as never)
  }
  const ready = onceUntilItFails(setUp)

  const remove = async (ids: readonly string[]) => {
    for (const some of byLength(ids.filter((id) => PLAIN_ID.test(id))))
      await collection.documents().delete({ filter_by: `id:[${some.join(',')}]` })
    const others = ids.filter((id) => !PLAIN_ID.test(id))
    await inParallel(others, AT_ONCE, async (id) => {
      await collection
        .documents(id)
        .delete()
        .catch((error) => {
          if (statusOf(error) !== 404) throw error
        })
    })
  }

  return {
    noun: 'collection',
    isExclusive: true,
    batchSize: BATCH,
    // The record's id takes the place of whatever the document has under that name.
    show: (one, record) => ({ document: withoutId(documentOf(one, record)) }),
    setUp,

    async differences() {
      const fields = await actual()
      if (fields === undefined) return [`collection ${name} does not exist`]
      return differingFields(settings.fields, fields).map(({ field, isThere }) =>
        isThere ? `field ${field.name} of ${name} has other options` : `${name} has no field ${field.name}`,
      )
    },

    async apply(_target, writes) {
      await ready.run()
      const answers = new Map<string, PlaceAnswer>()
      const shown = writes.filter((write) => write.shown !== undefined)
      try {
        if (shown.length > 0) {
          const { results, failed } = await singleOut(
            shown,
            (some) => send(collection, some),
            // Too large a request is halved, whatever else is wrong concerns all.
            (error) => statusOf(error) !== 413,
            async () => true,
          )
          for (const [write, line] of results.flat()) answers.set(write.id, answerTo(write, line))
          for (const [write] of failed) answers.set(write.id, dead(write, 'the document is too large'))
        }
        await remove(writes.filter((write) => write.shown === undefined).map(({ id }) => id))
      } catch (error) {
        if (typesenseFailure(error)?.code === 'PLACE_NOT_FOUND') ready.reset()
        throw error
      }
      return answers
    },

    async probe() {
      await client.health.retrieve()
    },

    async *list(_target, pageSize, signal) {
      await ready.run()
      const input = (await collection.documents().exportStream({})) as Readable
      let page: PlaceEntry[] = []
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        signal.throwIfAborted()
        if (line === '') continue
        const document = JSON.parse(line) as PlainDocument
        page.push({ id: String(document.id), document: withoutId(document) })
        if (page.length < pageSize) continue
        yield page
        page = []
      }
      if (page.length > 0) yield page
    },

    async read(id) {
      try {
        return withoutId((await collection.documents(id).retrieve()) as PlainDocument)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    },

    failureOf: typesenseFailure,
  }
}

async function send(
  collection: TypesenseCollection,
  writes: readonly DocumentWrite[],
): Promise<readonly (readonly [DocumentWrite, Line])[]> {
  const lines = writes.map(({ id, shown }) => JSON.stringify({ ...(shown?.document as PlainDocument), id }))
  const answer = await collection.documents().import(lines.join('\n'), { action: 'upsert' })
  const told = answer.split('\n').filter((line) => line !== '')
  return writes.map((write, at) => [write, JSON.parse(told[at] ?? '{"success":false}') as Line] as const)
}

function answerTo(
  write: DocumentWrite,
  { success, error = 'it did not answer for every document', code = 500 }: Line,
): PlaceAnswer {
  if (success) return { status: 'written' }
  if (code === 429 || code >= 500)
    throw failureOfStatus(code, withoutValues(error, [write.id, write.shown?.document]))
  return dead(write, `${code} ${error}`)
}

function dead({ id, shown }: DocumentWrite, words: string): PlaceAnswer {
  return { status: 'dead', reason: `Typesense says ${withoutValues(words, [id, shown?.document])}` }
}

/** Ids in parts that fit into a URL. */
function byLength(ids: readonly string[]): string[][] {
  const parts: string[][] = []
  let length = Number.POSITIVE_INFINITY
  for (const id of ids) {
    length += id.length + 1
    if (length > FILTER_LENGTH) {
      parts.push([])
      length = id.length
    }
    parts.at(-1)?.push(id)
  }
  return parts
}

function withoutId({ id: _id, ...document }: PlainDocument): PlainDocument {
  return document
}
