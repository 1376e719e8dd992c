import { LaneFailure } from '../../lane/failure.ts'
import type { Target } from '../../model/target.ts'
import type { DocumentPlace, WriteSignals } from './place.ts'

/** One small call that shows whether a place answers again. @returns the failure, if it does not */
export async function probePlace<T extends Target>(
  place: DocumentPlace<T>,
  target: T,
  signals: WriteSignals,
): Promise<LaneFailure | undefined> {
  try {
    await place.probe?.(target, signals)
    return undefined
  } catch (error) {
    const failure = error instanceof LaneFailure ? error : place.failureOf?.(error)
    if (failure) return failure
    throw error
  }
}
