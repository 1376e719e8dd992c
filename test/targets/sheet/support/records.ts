import { WritebackError } from '../../../../src/errors.ts'
import type {
  DataModel,
  EnumField,
  RelationField,
  ScalarField,
  ScalarType,
} from '../../../../src/model/data-model.ts'
import { assertIdentifiable, whereIds } from '../../../../src/model/record-id.ts'
import type { RecordReader } from '../../../../src/source/record-reader.ts'
import type { RecordsRead } from '../../../../src/source/records-read.ts'
import type { SheetTarget } from '../../../../src/targets/sheet/config/target.ts'

function scalar(
  name: string,
  type: ScalarType,
  nativeType: string | null = null,
  isList = false,
): ScalarField {
  return { kind: 'scalar', name, type, column: name, nativeType, isList, isRequired: false }
}

const status: EnumField = {
  kind: 'enum',
  name: 'status',
  type: 'Status',
  column: 'status',
  isList: false,
  isRequired: true,
}

const bus: RelationField = {
  ...{ kind: 'relation', name: 'bus', type: 'Seat', relation: 'bus', isList: false, isRequired: false },
  ...{ from: ['busId'], to: ['id'], onDelete: null, onUpdate: null },
}

/** A model with a field of every kind, and one with a number for an id. */
export const dataModel: DataModel = {
  models: {
    Trip: {
      name: 'Trip',
      table: 'trips',
      schema: null,
      primaryKey: ['id'],
      uniques: [],
      fields: Object.fromEntries(
        [
          { ...scalar('id', 'String'), made: { by: 'cuid', args: [] } },
          scalar('name', 'String'),
          scalar('code', 'String'),
          status,
          scalar('seats', 'Int'),
          scalar('price', 'Decimal'),
          scalar('ledger', 'BigInt'),
          scalar('rating', 'Float'),
          scalar('open', 'Boolean'),
          scalar('leavesOn', 'DateTime', 'Date'),
          scalar('bookedAt', 'DateTime', 'Timestamptz'),
          scalar('opensAt', 'DateTime', 'Time'),
          scalar('tags', 'String', null, true),
          scalar('extras', 'Json'),
          scalar('updatedAt', 'DateTime', 'Timestamptz'),
          { ...scalar('insured', 'Boolean'), isRequired: true },
          scalar('busId', 'Int'),
          bus,
        ].map((field) => [field.name, field]),
      ),
    },
    Seat: {
      name: 'Seat',
      table: 'seats',
      schema: null,
      primaryKey: ['id'],
      uniques: [],
      fields: { id: scalar('id', 'Int'), name: scalar('name', 'String') },
    },
  },
  enums: { Status: { name: 'Status', type: 'status', schema: null, values: { NEW: 'new', DONE: 'done' } } },
  joinTables: [],
}

/** A target of the model `Trip`; every option can be another. */
export function tripTarget(spreadsheetId: string, options: Partial<SheetTarget> = {}): SheetTarget {
  return {
    kind: 'sheet',
    name: 'trips',
    spreadsheetId,
    lane: options.spreadsheetId ?? spreadsheetId,
    tab: 'Trips',
    model: 'Trip',
    key: 'ID',
    columns: [
      { header: 'Name', field: 'name' },
      { header: 'Seats', field: 'seats' },
    ],
    onDelete: 'remove',
    conflict: 'database-wins',
    onRowDeleted: 'restore',
    ...options,
  }
}

/** A target of the model `Seat`, whose ids are numbers, in a tab of its own. */
export function seatTarget(spreadsheetId: string): SheetTarget {
  const columns = [{ header: 'Name', field: 'name' }]
  return tripTarget(spreadsheetId, { name: 'seats', tab: 'Seats', model: 'Seat', columns })
}

/** Records that a test holds in its hands instead of a table, by target. */
export class Records implements RecordReader {
  readonly #records = new Map<string, Map<string, object>>()
  readonly #spoiled = new Set<string>()
  /** Reads so far. */
  reads = 0
  /** Ids of the model that a trip's `busId` refers to. */
  buses: readonly unknown[] = []

  async values(_model: string, _field: string, most: number): Promise<readonly unknown[]> {
    return this.buses.slice(0, most)
  }

  put(target: SheetTarget, id: string, record: object): void {
    const records = this.#records.get(target.name) ?? new Map<string, object>()
    this.#records.set(target.name, records.set(id, { id, ...record }))
  }

  remove(target: SheetTarget, id: string): void {
    this.#records.get(target.name)?.delete(id)
  }

  get(target: SheetTarget, id: string): object | undefined {
    return this.#records.get(target.name)?.get(id)
  }

  ids(target: SheetTarget): string[] {
    return [...(this.#records.get(target.name)?.keys() ?? [])]
  }

  /** Says that a record cannot be read, whatever is asked with it. */
  spoil(target: SheetTarget, id: string): void {
    this.#spoiled.add(`${target.name} ${id}`)
  }

  async read(target: SheetTarget, ids: readonly string[]): Promise<RecordsRead> {
    this.reads++
    // As the reader of an application's records does: an id that is none of the model's fails the whole read.
    whereIds(assertIdentifiable(dataModel, target.model), ids)
    const records = this.#records.get(target.name)
    const isSpoiled = (id: string) => this.#spoiled.has(`${target.name} ${id}`)
    return {
      records: new Map(
        ids.flatMap((id) => {
          const record = records?.get(id)
          return record && !isSpoiled(id) ? [[id, record] as const] : []
        }),
      ),
      failed: new Map(
        ids
          .filter(isSpoiled)
          .map((id) => [
            id,
            new WritebackError('RECORD_UNREADABLE', { problem: 'the record cannot be read' }),
          ]),
      ),
    }
  }
}
