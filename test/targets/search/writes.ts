import type { DocumentWrite } from '../../../src/targets/documents/place.ts'
import type { SearchPlace } from '../../../src/targets/search/place.ts'
import type { SearchTarget } from '../../../src/targets/search/target.ts'

const abort = new AbortController().signal

/** A target, as far as a place needs one. */
export const targetOf = <Engine extends SearchTarget['engine']>(
  engine: Engine,
  client: unknown,
  index: string,
  settings: object,
) =>
  ({
    ...{ kind: 'search', name: index, model: 'Airport', lane: `search:${index}`, document: undefined },
    ...{ engine, client, index, settings },
  }) as unknown as SearchTarget<Engine>

/** Writes documents by id under a version; undefined removes one. */
export const write = (
  place: SearchPlace,
  documents: Readonly<Record<string, object | undefined>>,
  ticket: bigint,
) =>
  place.apply(
    {} as SearchTarget,
    Object.entries(documents).map(
      ([id, document]): DocumentWrite => ({
        ...{ id, ticket, record: document, before: undefined, keys: [], snapshot: { xmin: 0n, xmax: 0n } },
        shown: document && { document },
      }),
    ),
    { abort, leaving: abort },
  )
