import { messageOf } from '../../errors.ts'
import { type Finding, ok, warning } from '../finding.ts'
import { searchPlace } from './engines.ts'
import type { SearchPlace } from './place.ts'
import type { SearchTarget } from './target.ts'

/**
 * Makes the indexes, or brings them up to their settings. An engine that is away stops no release: the worker does the
 * same before it writes for the first time.
 */
export async function setUpIndexes(targets: readonly SearchTarget[]): Promise<Finding[]> {
  return await Promise.all(
    targets.map(async (target) => {
      try {
        await searchPlace(target).setUp()
        return ok(target.name, `${target.engine} index ${target.index} is there, with its settings`)
      } catch (error) {
        return inTrouble(searchPlace(target), target, error)
      }
    }),
  )
}

/** Looks at the indexes, and compares their settings with those of the targets. */
export async function checkIndexes(targets: readonly SearchTarget[]): Promise<Finding[]> {
  return await Promise.all(
    targets.map(async (target) => {
      const place = searchPlace(target)
      try {
        const differences = await place.differences()
        if (differences.length === 0)
          return ok(target.name, `${target.engine} index ${target.index} is there, with its settings`)
        return warning(
          target.name,
          differences.join('; '),
          'Run writeback migrate: it makes the index, or changes its settings',
        )
      } catch (error) {
        return inTrouble(place, target, error)
      }
    }),
  )
}

function inTrouble(place: SearchPlace, { name, engine, index }: SearchTarget, error: unknown): Finding {
  const failure = place.failureOf?.(error)
  return warning(
    name,
    `${engine} index ${index} cannot be used: ${failure ? `${failure.code} ` : ''}${messageOf(failure ?? error)}`,
    'Correct what the message names; the worker tries again by itself',
  )
}
