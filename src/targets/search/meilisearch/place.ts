import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../errors.ts'
import { LaneFailure } from '../../../lane/failure.ts'
import { singleOut } from '../../../source/single-out.ts'
import type { DocumentWrite, PlaceAnswer, PlaceEntry } from '../../documents/place.ts'
import { documentOf, type PlainDocument } from '../document.ts'
import { onceUntilItFails } from '../once.ts'
import type { SearchPlace } from '../place.ts'
import type { SearchTarget } from '../target.ts'
import { withoutValues } from '../without-values.ts'
import { answerOf } from './client.ts'
import { failureOfTask, meilisearchFailure, TaskFailed } from './failure.ts'
import { differingSettings, KEY } from './settings.ts'

type MeilisearchTarget = SearchTarget<'meilisearch'>

/** Documents in one task, at most. */
const BATCH = 1_000
/** Ids that the engine takes; another one would make its whole task fail, minutes later perhaps. */
const DOCUMENT_ID = /^[A-Za-z0-9_-]{1,511}$/
/** How often a task is asked for, and how long it may take before the batch is tried again. In milliseconds. */
const FIRST_LOOK_MS = 10
const LAST_LOOK_MS = 500
const TASK_WITHIN_MS = 300_000

/**
 * An index of Meilisearch. It has no versions: one worker at a time writes it, and waits for each task, as the engine does
 * them in the order in which it took them.
 */
export function meilisearchPlace({
  client,
  index: name,
  settings,
}: MeilisearchTarget): SearchPlace<MeilisearchTarget> {
  const index = client.index(name)

  /** Waits for a task. @throws TaskFailed for one that failed for a document, LaneFailure for any other */
  const ended = async (task: PromiseLike<{ readonly taskUid: number }>, signal?: AbortSignal) => {
    const { taskUid } = await task
    const giveUpAt = performance.now() + TASK_WITHIN_MS
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LAST_LOOK_MS)) {
      const found = await client.tasks.getTask(taskUid)
      if (found.status === 'succeeded') return
      if (found.status === 'failed' && found.error) {
        const failed = new TaskFailed(found.error)
        throw failed.isOfDocument ? failed : failureOfTask(found)
      }
      if (found.status === 'canceled' || found.status === 'failed') throw failureOfTask(found)
      if (performance.now() > giveUpAt) {
        const message = `task ${taskUid} has not ended within ${TASK_WITHIN_MS / 1000} s`
        throw new LaneFailure('unclear', 'PLACE_OUTCOME_UNKNOWN', null, message)
      }
      await sleep(wait, undefined, { signal })
    }
  }

  const primaryKey = async () => {
    try {
      return (await client.getRawIndex(name)).primaryKey ?? KEY
    } catch (error) {
      if (answerOf(error).status === 404) return undefined
      throw error
    }
  }

  const setUp = async () => {
    const key = await primaryKey()
    if (key === undefined) await ended(client.createIndex(name, { primaryKey: KEY }))
    else if (key !== KEY) throw wrongKey(name, key)
    const differing = differingSettings(settings, await index.getSettings())
    if (differing.length > 0) await ended(index.updateSettings(settings))
  }
  const ready = onceUntilItFails(setUp)

  const add = async (writes: readonly DocumentWrite[], signal: AbortSignal) => {
    const documents = writes.map(({ id, shown }) => ({ ...(shown?.document as PlainDocument), [KEY]: id }))
    await ended(index.addDocuments(documents, { primaryKey: KEY }), signal)
    return writes
  }

  return {
    noun: 'index',
    isExclusive: true,
    batchSize: BATCH,
    // The record's id takes the place of whatever the document has under that name.
    show: (one, record) => ({ document: withoutKey(documentOf(one, record)) }),
    setUp,

    async differences() {
      const key = await primaryKey()
      if (key === undefined) return [`index ${name} does not exist`]
      if (key !== KEY) return [wrongKey(name, key).message]
      const differing = differingSettings(settings, await index.getSettings())
      return differing.map((setting) => `index ${name} has another ${setting}`)
    },

    async apply(_target, writes, { abort }) {
      await ready.run()
      const answers = new Map<string, PlaceAnswer>()
      const fit = writes.filter(({ id, shown }) => {
        if (DOCUMENT_ID.test(id)) return true
        // Nothing of that id was ever there.
        answers.set(id, shown ? BAD_ID : { status: 'written' })
        return false
      })
      const shown = fit.filter((write) => write.shown !== undefined)
      const removed = fit.filter((write) => write.shown === undefined).map(({ id }) => id)
      try {
        if (shown.length > 0) {
          const { failed } = await singleOut(
            shown,
            (some) => add(some, abort),
            (error) => !isOfSome(error),
            async () => true,
          )
          for (const [write, error] of failed) answers.set(write.id, dead(write, error))
        }
        if (removed.length > 0) await ended(index.deleteDocuments(removed), abort)
      } catch (error) {
        if (meilisearchFailure(error)?.code === 'PLACE_NOT_FOUND') ready.reset()
        throw error
      }
      return answers
    },

    async probe() {
      await client.health()
    },

    async *list(_target, pageSize, signal) {
      await ready.run()
      for (let offset = 0; ; offset += pageSize) {
        signal.throwIfAborted()
        const { results } = await index.getDocuments({ offset, limit: pageSize })
        if (results.length > 0) yield results.map(entryOf)
        if (results.length < pageSize) return
      }
    },

    async read(id) {
      try {
        return withoutKey((await index.getDocument(id)) as PlainDocument)
      } catch (error) {
        if (answerOf(error).status === 404) return undefined
        throw error
      }
    },

    failureOf: meilisearchFailure,
  }
}

const BAD_ID: PlaceAnswer = {
  status: 'dead',
  reason:
    'Meilisearch takes ids of letters, digits, dashes and underscores, at most 511 characters: give the model such a key, or leave the record out by filter',
}

/** Whether a task, or its request, failed for some of its documents. */
function isOfSome(error: unknown): boolean {
  return error instanceof TaskFailed || answerOf(error).status === 413
}

function dead({ id, shown }: DocumentWrite, error: unknown): PlaceAnswer {
  const words = answerOf(error).status === 413 ? 'the document is too large' : messageOf(error)
  return { status: 'dead', reason: `Meilisearch says ${withoutValues(words, [id, shown?.document])}` }
}

function wrongKey(name: string, key: string): LaneFailure {
  const message = `index ${name} has the primary key ${key}: expected ${KEY}. Name another index, or remove this one`
  return new LaneFailure('refused', 'PLACE_SETTINGS', null, message)
}

function entryOf(found: object): PlaceEntry {
  const document = found as PlainDocument
  return { id: String(document[KEY]), document: withoutKey(document) }
}

function withoutKey({ [KEY]: _id, ...document }: PlainDocument): PlainDocument {
  return document
}
