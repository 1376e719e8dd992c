import { elasticPlace } from './elastic/place.ts'
import { meilisearchPlace } from './meilisearch/place.ts'
import type { SearchPlace } from './place.ts'
import { postgresPlace } from './postgres/place.ts'
import type { SearchTarget } from './target.ts'
import { typesensePlace } from './typesense/place.ts'

/** Opens the index of a target. */
export function searchPlace(target: SearchTarget): SearchPlace {
  switch (target.engine) {
    case 'postgres':
      return postgresPlace(target)
    case 'elasticsearch':
    case 'opensearch':
      return elasticPlace(target)
    case 'meilisearch':
      return meilisearchPlace(target)
    case 'typesense':
      return typesensePlace(target)
  }
}
