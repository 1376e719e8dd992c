import type { EditableField, EditRules } from '../../../inbound/edit-rules.ts'
import type { DataModel, Field } from '../../../model/data-model.ts'
import { type BaseCell, sameBase } from '../cells/base.ts'
import { type SheetCell, sameCell } from '../cells/cell.ts'
import { fitting } from '../cells/codec.ts'
import { fieldCodec } from '../cells/column-codec.ts'
import { zoneOf } from '../cells/zone.ts'
import type { Column, SheetTarget } from '../config/target.ts'
import { WORDS } from '../decide/decide-cell.ts'
import { encodeRow, type Mapping, mapTarget } from '../tab/mapping.ts'
import { readCell } from './read-cell.ts'
import { datedIn, zoneIn } from './reading.ts'
import { dateRefusal } from './typed-dates.ts'

/** What people may change in a tab; undefined for a tab without writable columns. */
export function sheetEditRules(target: SheetTarget, dataModel: DataModel): EditRules | undefined {
  const { models, enums } = dataModel
  const { edits, columns, include, conflict } = target
  if (edits === undefined) return undefined
  const fields = models[target.model]?.fields ?? {}
  let mapping: Mapping | undefined
  return {
    fields: columns.flatMap((column) => {
      const field = column.writable === true ? fields[column.field ?? ''] : undefined
      return field === undefined ? [] : editable(column, field, column.conflict ?? conflict, enums)
    }),
    validate: edits.validate,
    check: edits.check,
    newRows: edits.newRows,
    defaults: edits.defaults,
    include,
    words: WORDS,
    isShown(record, base, zone) {
      mapping ??= mapTarget(target, dataModel)
      const wanted = encodeRow(mapping, record, zoneOf(zoneIn(zone)))
      return mapping.columns.every(({ header }, at) =>
        // A column that no batch has seen is not in it. An undefined base agrees with nothing.
        sameBase(base[header] as BaseCell | undefined, wanted[at]),
      )
    },
  }
}

function editable(
  { header }: Column,
  field: Field,
  strategy: EditableField['strategy'],
  enums: DataModel['enums'],
): EditableField[] {
  if (field.kind !== 'scalar' && field.kind !== 'enum') return []
  const codec = fieldCodec(field)
  return [
    {
      ...{ header, field: field.name, strategy },
      read: (shown, zone) => {
        const cell = (shown ?? null) as SheetCell
        const dated = datedIn(zone)[header]
        return typeof cell === 'number' && dated !== undefined && sameCell(cell, dated)
          ? { refused: dateRefusal(field, cell) }
          : readCell(field, cell, zoneOf(zoneIn(zone)), enums)
      },
      show: (value, zone) => fitting(codec.encode(value, zoneOf(zoneIn(zone)))),
      same: (a, b) => sameCell((a ?? null) as SheetCell, (b ?? null) as SheetCell),
    },
  ]
}
