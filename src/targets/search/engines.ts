import type { SearchPlace } from './place.ts'
import { postgresPlace } from './postgres/place.ts'
import type { EngineName, SearchTarget } from './target.ts'

/** How the index of each engine is opened. */
const ENGINES: {
  readonly [Name in EngineName]: (target: SearchTarget<Name>) => SearchPlace<SearchTarget<Name>>
} = {
  postgres: postgresPlace,
}

/** Opens the index of a target. */
export function searchPlace<Name extends EngineName>(
  target: SearchTarget<Name>,
): SearchPlace<SearchTarget<Name>> {
  return ENGINES[target.engine as Name](target)
}
