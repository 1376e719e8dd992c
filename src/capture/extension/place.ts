import type { Model, RelationField } from '../../model/data-model.ts'
import type { Branch, Grown } from './grown.ts'
import { asFilter, type Values, whereOf } from './written.ts'
import type { WrittenRecord } from './written-record.ts'

/** Where in the arguments a nested operation stands. */
export interface Place {
  readonly near: Model
  readonly field: RelationField
  readonly far: Model
  readonly grown: Grown
  readonly exists: boolean
  /** Whether something else in the same data writes the foreign key too, or ends the link. */
  readonly contested: boolean
  /** Whether the far record may be deleted again by the same write. */
  readonly isDeleted: boolean
  /** The near record, as the nested write that it is in names it; none at the root. */
  readonly record: WrittenRecord | undefined
  /** The relations that lead to the near record, and those that go on from it. */
  readonly path: readonly Grown[]
  readonly branch: Branch
}

/** What is known of a record from the nested write that it is in. */
export interface Under {
  /** Columns that the relation writes under which it is created. */
  readonly columns: readonly string[]
  /** Whether the record may be deleted again by the same write. */
  readonly isDeleted: boolean
  readonly record: WrittenRecord | undefined
  readonly path: readonly Grown[]
}

/** Of a record of the call's own nothing is. */
export const AT_ROOT: Under = { columns: [], isDeleted: false, record: undefined, path: [] }

/** Nested operations that delete. */
export const DELETING: ReadonlySet<string> = new Set(['delete', 'deleteMany'])

/** Nested operations that change or delete records which are linked. */
export const CHANGING: ReadonlySet<string> = new Set(['update', 'updateMany', 'upsert', ...DELETING])

/** Nested operations on a list that can take away what another one has linked. */
export const ENDING: ReadonlySet<string> = new Set(['set', 'disconnect'])

/** Whether one of the operations can take away what another one has linked. */
export function endsLinks(operations: readonly (readonly [operation: string, given: unknown])[]): boolean {
  return operations.some(([operation]) => ENDING.has(operation))
}

/** What names the record of an update. At a single relation it is the one that is linked, whatever else is asked of it. */
export function namedBy({ field, far }: Place, given: Values): Values {
  return field.isList ? asFilter(far, whereOf(given)) : {}
}
