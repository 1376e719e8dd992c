import type { DataModel, Model } from '../../model/data-model.ts'
import { assertIdentifiable } from '../../model/record-id.ts'
import type { Target } from '../../model/target.ts'
import { ALL, type Columns, isNone, only, united } from './columns.ts'
import { identifyingColumns, type JoinLink, type Link, linkOf } from './links.ts'
import { type Shown, shownBy } from './shown.ts'

/** Statements that change rows one by one; TRUNCATE is apart. */
export const ROW_OPERATIONS = ['INSERT', 'UPDATE', 'DELETE'] as const
export type RowOperation = (typeof ROW_OPERATIONS)[number]

/** The rows of a table are records that a target mirrors. */
export interface OwnRows {
  readonly kind: 'own'
  readonly target: Target
  readonly model: Model
}

/** The rows of a table are shown with records that a target mirrors. */
export interface RelatedRows {
  readonly kind: 'related'
  readonly target: Target
  /** The mirrored model. */
  readonly root: Model
  /** Relation fields from the mirrored model to this table, for people to read: `items.departure`. */
  readonly path: string
  /**
   * From the mirrored model outwards. For a model's table the last link leads to it; for a join table the
   * last link is the relation it belongs to.
   */
  readonly links: readonly Link[]
  /** Whether the table is the last link's join table, and not the table of its far model. */
  readonly isJoinTable: boolean
  /** Columns whose change can be seen in a target. */
  readonly columns: Columns
  /** Statements that can change what a target shows. */
  readonly operations: readonly RowOperation[]
}

/** A table that gets triggers, and why. */
export interface TablePlan {
  /** Postgres schema, or null for the default one. */
  readonly schema: string | null
  readonly table: string
  /** Columns that tell its rows apart. */
  readonly key: readonly string[]
  /** Sorted by target name; of one target the related ones first. */
  readonly causes: readonly (OwnRows | RelatedRows)[]
}

/**
 * The tables whose changes can be seen in a target, and how to get from a changed row to the mirrored
 * records: the tables of the mirrored models themselves, and the tables on the paths of their `include`.
 *
 * A deleted or unlinked row in the middle of a path needs no special care: whatever statement cuts a path is
 * itself a change of a row nearer to the mirrored record, and that change is captured at its own table.
 *
 * @throws WritebackError `CONFIG_INVALID` for a target whose model is unknown or has no usable id
 */
export function planTriggers(dataModel: DataModel, targets: readonly Target[]): TablePlan[] {
  const plans = new Map<string, { plan: TablePlan; causes: (OwnRows | RelatedRows)[] }>()
  const add = (
    { schema, table }: { readonly schema: string | null; readonly table: string },
    key: readonly string[],
    cause: OwnRows | RelatedRows,
  ) => {
    const id = JSON.stringify([schema, table])
    const present = plans.get(id)
    if (present) {
      present.causes.push(cause)
      return
    }
    const causes = [cause]
    plans.set(id, { plan: { schema, table, key, causes }, causes })
  }
  for (const target of [...targets].sort((a, b) => compare(a.name, b.name))) {
    const root = assertIdentifiable(dataModel, target.model)
    const shown = shownBy(dataModel, root, { include: target.include })
    for (const cause of relatedRows(dataModel, target, root, shown)) {
      const link = cause.links.at(-1) as Link
      if (cause.isJoinTable) add((link as JoinLink).table, ['A', 'B'], cause)
      else add(link.far, identifyingColumns(link.far), cause)
    }
    add(root, identifyingColumns(root), { kind: 'own', target, model: root })
  }
  return [...plans.values()]
    .map(({ plan }) => plan)
    .sort((a, b) => compare(a.schema ?? '', b.schema ?? '') || compare(a.table, b.table))
}

/** Walks the relations a target reads, level by level. */
function* relatedRows(
  dataModel: DataModel,
  target: Target,
  root: Model,
  rootShown: Shown,
): Generator<RelatedRows> {
  // With foreign keys that the database enforces, a row that is referred to is neither new nor gone.
  const enforced = dataModel.foreignKeys !== false
  function* walk(
    model: Model,
    shown: Shown,
    links: readonly Link[],
    path: readonly string[],
  ): Generator<RelatedRows> {
    for (const [name, inner] of shown.relations) {
      const field = model.fields[name]
      if (field?.kind !== 'relation') continue
      const link = linkOf(dataModel, model, field)
      const here = {
        kind: 'related' as const,
        target,
        root,
        path: [...path, name].join('.'),
        links: [...links, link],
      }
      if (link.kind === 'join') {
        yield { ...here, isJoinTable: true, columns: ALL, operations: ROW_OPERATIONS }
      }
      const columns = seenColumns(dataModel, link, inner)
      const operations: readonly RowOperation[] =
        link.kind === 'held' || !enforced ? ROW_OPERATIONS : ['UPDATE']
      // An update that nothing shows needs no trigger: a count over a join table, for example.
      if (operations.length > 1 || !isNone(columns)) {
        yield { ...here, isJoinTable: false, columns, operations }
      }
      yield* walk(link.far, inner, here.links, [...path, name])
    }
  }
  yield* walk(root, rootShown, [], [])
}

/** Columns of a related table that a target depends on: what is read, and what links it to its neighbours. */
function seenColumns(dataModel: DataModel, link: Link, shown: Shown): Columns {
  const links: string[] = []
  if (link.kind === 'held') links.push(...link.pairs.map((pair) => pair.far))
  for (const name of shown.relations.keys()) {
    const field = link.far.fields[name]
    if (field?.kind !== 'relation') continue
    const next = linkOf(dataModel, link.far, field)
    if (next.kind === 'holds') links.push(...next.pairs.map((pair) => pair.near))
  }
  return united(shown.columns, only(links))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
