import type { Model } from '../../model/data-model.ts'
import { type Columns, holds, intersects, only, united } from '../shown/columns.ts'
import { linkValueColumns } from '../shown/mirrored-query.ts'
import type { RelatedRows } from '../shown/plan.ts'
import type { ChangedRow } from './after.ts'
import type { Scope } from './before.ts'
import { type Computed, NOTHING_COMPUTED } from './computed-columns.ts'
import { idNamedIn } from './named.ts'
import type { WriteOperation } from './operations.ts'
import { NO_REACH, type Reach, reachOf, type Touch } from './reach.ts'
import { type Rekeyed, rekeyedBy } from './rekeyed.ts'
import type { HookCall } from './seam.ts'
import type { Search } from './search.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import { writtenColumns } from './written.ts'

/** What has to be done around a write so that all its changes are known. */
export interface CallPlan {
  readonly model: Model
  readonly table: TrackedTable
  /** Fields of the written records that have to be known. */
  readonly fields: readonly string[]
  /** Records of the model that are read before the write. */
  readonly scope: Scope
  readonly reach: Reach
  /** Where a new key of the record comes from that the answer does not tell, or null when there is none. */
  readonly rekeyed: Rekeyed | null
  /** The tables that are searched as a whole. */
  readonly searches: readonly Search[]
  /** Whether the records of the scope are deleted, with something that matters. */
  readonly deletes: boolean
  /** Whether a change of the model's own record can be seen through a relation. */
  readonly seenThrough: (change: ChangedRow, cause: RelatedRows) => boolean
}

type Args = Readonly<Record<string, unknown>>

/**
 * What a call needs, from its arguments alone; null for a write that no target can show. A write of a mirrored
 * record with nothing else in play needs nothing but the record's key.
 *
 * @param computed what the database changes with an update that does not name it
 */
export function planCall(
  tracked: Tracked,
  call: HookCall,
  model: Model,
  computed: Computed = NOTHING_COMPUTED,
): CallPlan | null {
  const args: Args = call.args ?? {}
  const table = tracked.table(model)
  const operation = call.operation as WriteOperation
  const one: Scope = { kind: 'one', where: args.where }
  const many: Scope = { kind: 'many', where: args.where, take: args.limit as number | undefined }
  const shape = { model, table, rekeyed: null, seenThrough: () => true }
  switch (operation) {
    case 'create':
      return settled(
        tracked,
        { ...shape, reach: reachOf(tracked, model, args.data, null), deletes: false },
        NONE,
      )
    case 'createMany':
    case 'createManyAndReturn':
      return settled(tracked, { ...shape, reach: NO_REACH, deletes: false }, NONE)
    case 'update':
    case 'upsert':
    case 'updateMany':
    case 'updateManyAndReturn': {
      const data = operation === 'upsert' ? args.update : args.data
      const reach = reachOf(tracked, model, operation === 'upsert' ? args.create : null, data)
      const named = only(writtenColumns(model, data))
      const rekeyed = rekeyedBy(tracked, model, data)
      const changesKeys = changesLinks(table, united(named, computed.written)) || rekeyed !== null
      const read = readsLinked(reach.touches) || changesKeys
      const scope = operation === 'update' || operation === 'upsert' ? one : many
      // An upsert may create, and then every column is written; a nested write has columns of its own.
      const alone = operation !== 'upsert' && reach.touches.length === 0
      const seenThrough = alone ? seesColumns(model, united(named, computed.columns)) : shape.seenThrough
      return settled(tracked, { ...shape, seenThrough, reach, rekeyed, deletes: false }, read ? scope : NONE)
    }
    case 'delete': {
      const deletes = tracked.takesAlong(model)
      return settled(tracked, { ...shape, reach: NO_REACH, deletes }, deletes ? one : NONE)
    }
    case 'deleteMany':
      return settled(tracked, { ...shape, reach: NO_REACH, deletes: tracked.takesAlong(model) }, many)
  }
}

/** Whether a write can be seen anywhere but in the rows of its own records. */
export function reachesFurther({ reach, deletes, table }: CallPlan): boolean {
  return reach.touches.length > 0 || reach.named.length > 0 || deletes || table.related.length > 0
}

const NONE: Scope = { kind: 'none' }

function settled(
  tracked: Tracked,
  plan: Omit<CallPlan, 'fields' | 'scope' | 'searches'>,
  scope: Scope,
): CallPlan | null {
  const { table, reach, rekeyed, deletes, model } = plan
  const reaches = reach.touches.length > 0 || reach.named.length > 0 || deletes
  if (!reaches && !tracked.matters(table)) return null
  const keyAlone = !reaches && table.related.length === 0
  const fields = keyAlone ? model.primaryKey : table.fields
  const searches = rekeyed?.unknown ? [{ table, models: [model.name] }, ...reach.searches] : reach.searches
  return { ...plan, scope, fields, searches }
}

function readsLinked(touches: readonly Touch[]): boolean {
  return touches.some((touch) => touch.before.length > 0 || readsLinked(touch.touches))
}

/** Whether the records get another id, or move to another record that shows them. */
function changesLinks(table: TrackedTable, written: Columns): boolean {
  const links = table.related.flatMap(linkValueColumns)
  const key = table.own.length > 0 ? table.key : []
  return [...key, ...links].some((column) => holds(written, column))
}

/**
 * Whether a target that reads some columns can see an update that writes some. Prisma writes `@updatedAt` by
 * itself, which the data model does not tell: any DateTime may be one.
 */
function seesColumns(model: Model, written: Columns): CallPlan['seenThrough'] {
  const dates = Object.values(model.fields).flatMap((field) =>
    field.kind === 'scalar' && field.type === 'DateTime' ? [field.column] : [],
  )
  const changed = united(written, only(dates))
  return (change, { columns }) => change.after === null || intersects(changed, columns)
}

/**
 * Whether columns that the database computes decide what a call publishes: those that are shown with other records, and the
 * record's id, unless the call names it and it is compared with the one that comes out.
 */
export function dependsOnComputed(tracked: Tracked, { operation, args }: HookCall, model: Model): boolean {
  if (!operation.startsWith('update') && operation !== 'upsert') return false
  const isNamed =
    !operation.startsWith('updateMany') && idNamedIn(model, args?.where as Args | undefined) !== null
  return tracked.table(model).related.length > 0 || (operation !== 'upsert' && !isNamed)
}
