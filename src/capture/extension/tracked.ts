import type { Schemas } from '../../config/schemas.ts'
import type { DataModel, JoinTable, Model, RelationField } from '../../model/data-model.ts'
import type { Target } from '../../model/target.ts'
import { columnOf, identifyingColumns, type Link, linkOf } from '../shown/links.ts'
import { tableSql } from '../shown/names.ts'
import { type OwnRows, planTriggers, type RelatedRows } from '../shown/plan.ts'
import { recordIdSql } from '../shown/record-id-sql.ts'

/** A table as following a write needs it: how its rows are told apart, linked and published. */
export interface TrackedTable {
  /** Schema and name, quoted. */
  readonly sql: string
  /** The model, or null for the join table of an implicit many-to-many relation. */
  readonly model: Model | null
  /** Columns that tell rows apart. */
  readonly key: readonly string[]
  /** The key's columns and every column that a relation goes through, at either end. */
  readonly columns: readonly string[]
  /** The fields of `columns`, none for a join table. */
  readonly fields: readonly string[]
  /** The targets that a change of its rows can be seen in; empty for most tables. */
  readonly own: readonly OwnRows[]
  readonly related: readonly RelatedRows[]
  /** The record's id from a row called `t`, or null where no target mirrors the model. */
  readonly idSql: string | null
}

/** A foreign key, from the table that is referred to: what the database does to the rows that refer. */
export interface Reference {
  readonly field: RelationField
  /** The table that holds the key. */
  readonly table: TrackedTable
  /** Columns that are equal, by pairs: `near` is referred to, `far` refers. */
  readonly pairs: readonly { readonly near: string; readonly far: string }[]
  readonly onDelete: string
}

/** What the configuration makes of the data model: which tables matter, and how they hang together. */
export class Tracked {
  readonly dataModel: DataModel
  readonly schemas: Schemas
  readonly #models = new Map<string, TrackedTable>()
  readonly #joins = new Map<JoinTable, TrackedTable>()
  readonly #references = new Map<string, readonly Reference[]>()
  #takesAlong: ReadonlySet<string> | undefined

  /** @param targets those whose changes the extension publishes */
  constructor(dataModel: DataModel, schemas: Schemas, targets: readonly Target[]) {
    this.dataModel = dataModel
    this.schemas = schemas
    const plans = new Map(planTriggers(dataModel, targets).map((plan) => [nameOf(plan), plan.causes]))
    const causesOf = (table: { schema: string | null; table: string }) => {
      const causes = plans.get(nameOf(table)) ?? []
      return {
        own: causes.filter((cause): cause is OwnRows => cause.kind === 'own'),
        related: causes.filter((cause): cause is RelatedRows => cause.kind === 'related'),
      }
    }
    for (const model of Object.values(dataModel.models)) {
      const causes = causesOf(model)
      const key = identifyingColumns(model)
      const columns = [...new Set([...key, ...linkColumns(dataModel, model)])]
      this.#models.set(model.name, {
        sql: tableSql(model, schemas),
        model,
        key,
        columns,
        fields: columns.map((column) => fieldOf(model, column)),
        ...causes,
        idSql: causes.own.length > 0 ? recordIdSql(dataModel, model, 't') : null,
      })
    }
    for (const join of dataModel.joinTables) {
      const shape = { model: null, key: ['A', 'B'], columns: ['A', 'B'], fields: [], idSql: null }
      this.#joins.set(join, { sql: tableSql(join, schemas), ...shape, ...causesOf(join) })
    }
  }

  /** The table of a model of the data model. */
  table(model: Model): TrackedTable {
    return this.#models.get(model.name) as TrackedTable
  }

  /** The join table of an implicit many-to-many relation. */
  joinTable(join: JoinTable): TrackedTable {
    return this.#joins.get(join) as TrackedTable
  }

  /** Whether a change of the table's rows can be seen in a target. */
  matters(table: TrackedTable): boolean {
    return table.own.length > 0 || table.related.length > 0
  }

  /** The link behind a relation field. */
  link(model: Model, field: RelationField): Link {
    return linkOf(this.dataModel, model, field)
  }

  /** The foreign keys that lead to a model, with something that happens to their rows when a record goes. */
  references(model: Model): readonly Reference[] {
    const known = this.#references.get(model.name)
    if (known) return known
    const references: Reference[] = []
    for (const other of Object.values(this.dataModel.models)) {
      for (const field of Object.values(other.fields)) {
        if (field.kind !== 'relation' || field.type !== model.name || field.from.length === 0) continue
        const link = this.link(other, field)
        if (link.kind !== 'holds' || !ACTS.has(field.onDelete ?? '')) continue
        const pairs = link.pairs.map((pair) => ({ near: pair.far, far: pair.near }))
        references.push({ field, table: this.table(other), pairs, onDelete: field.onDelete ?? '' })
      }
    }
    for (const join of this.dataModel.joinTables) {
      for (const [name, fieldName, column] of [
        [join.a, join.aField, 'A'],
        [join.b, join.bField, 'B'],
      ] as const) {
        const field = name === model.name ? model.fields[fieldName] : undefined
        if (field?.kind !== 'relation') continue
        const pairs = [{ near: columnOf(model, model.primaryKey[0] ?? ''), far: column }]
        references.push({ field, table: this.joinTable(join), pairs, onDelete: 'Cascade' })
      }
    }
    this.#references.set(model.name, references)
    return references
  }

  /** Whether a deleted record of the model can take along, or change, rows that matter: at any depth. */
  takesAlong(model: Model): boolean {
    this.#takesAlong ??= this.#modelsThatTakeAlong()
    return this.#takesAlong.has(model.name)
  }

  /** The models whose records may go when a record of the model is deleted: its own, and at any depth what refers to it. */
  deletedWith(model: Model): ReadonlySet<string> {
    const found = new Map([[model.name, model]])
    // Those that are found meanwhile come too.
    for (const one of found.values()) {
      for (const { table, onDelete } of this.references(one)) {
        if (onDelete === 'Cascade' && table.model) found.set(table.model.name, table.model)
      }
    }
    return new Set(found.keys())
  }

  #modelsThatTakeAlong(): ReadonlySet<string> {
    const found = new Set<string>()
    const models = Object.values(this.dataModel.models)
    for (let before = -1; before < found.size; ) {
      before = found.size
      for (const model of models) {
        const takes = this.references(model).some(
          ({ table, onDelete }) =>
            this.matters(table) || (onDelete === 'Cascade' && table.model && found.has(table.model.name)),
        )
        if (takes) found.add(model.name)
      }
    }
    return found
  }
}

/** Referential actions that change or delete the rows that refer. */
const ACTS: ReadonlySet<string> = new Set(['Cascade', 'SetNull', 'SetDefault'])

function nameOf({ schema, table }: { readonly schema: string | null; readonly table: string }): string {
  return JSON.stringify([schema, table])
}

/** Columns of a model's own table that its relations go through. */
function* linkColumns(dataModel: DataModel, model: Model): Generator<string> {
  for (const field of Object.values(model.fields)) {
    if (field.kind !== 'relation') continue
    const link = linkOf(dataModel, model, field)
    if (link.kind === 'join') yield link.nearKey
    else for (const pair of link.pairs) yield pair.near
  }
}

function fieldOf(model: Model, column: string): string {
  const field = Object.values(model.fields).find((one) => one.kind !== 'relation' && one.column === column)
  return field?.name ?? column
}
