import { type Shown, shownBy } from '../capture/shown/shown.ts'
import { quoteTable } from '../database/quote.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import type { Target } from '../model/target.ts'

/** The tables that a target's records are read from, those of its included relations as well: quoted names. */
export function tablesRead(dataModel: DataModel, target: Target): string[] {
  const tables = new Set<string>()
  const model = dataModel.models[target.model]
  if (model) collect(dataModel, model, shownBy(dataModel, model, { include: target.include }), tables)
  return [...tables]
}

function collect(dataModel: DataModel, model: Model, shown: Shown, tables: Set<string>): void {
  tables.add(quoteTable(model.schema, model.table))
  for (const [name, inner] of shown.relations) {
    const field = model.fields[name]
    const related = field?.kind === 'relation' ? dataModel.models[field.type] : undefined
    if (field?.kind !== 'relation' || related === undefined) continue
    for (const { relation, schema, table } of dataModel.joinTables) {
      if (relation === field.relation) tables.add(quoteTable(schema, table))
    }
    collect(dataModel, related, inner, tables)
  }
}
