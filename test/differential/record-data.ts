import type { Model, RelationField } from '../../src/model/data-model.ts'
import type { Data, OwnValues } from './own-values.ts'
import type { Known } from './records.ts'

/** The relation under which a nested write is, which Prisma writes by itself. */
export interface Under {
  /** The field that leads back; null where there is none. */
  readonly back: RelationField | null
  /** Its foreign keys, as far as the record that they refer to is known. */
  readonly values: Known
}

/** Data of a record, and what is known of the record that it makes. */
export interface Made {
  readonly data: Data
  readonly known: Known
}

/** Makes data of records, which nested writes are made of. */
export interface RecordData {
  readonly own: OwnValues
  /**
   * Data of a record to be made, with its foreign keys by value or its relations written or connected.
   * @param depth levels of writes that may be nested in it
   * @param byValue whether foreign keys are given by value; Prisma wants that of all records of a list, or of none
   * @returns null when it needs something that is not there
   */
  create(model: Model, depth: number, under?: Under, byValue?: boolean): Promise<Made | null>
  /**
   * Data of an update: a few values, and with some depth left, writes nested in it.
   * @param self the record, when it is known
   * @param byValue whether its foreign keys are given by value: with them, it cannot have relations that hold one
   */
  update(model: Model, depth: number, self?: Known, under?: Under, byValue?: boolean): Promise<Data>
  /** New foreign keys of a record, by value: of one relation and those that share columns with it. */
  foreignKeys(model: Model, self?: Known, under?: Under): Promise<Data>
  /** Records that are made or connected under a relation, by one or several operations. */
  additions(model: Model, field: RelationField, depth: number, near?: Known): Promise<Data | null>
  /** Whether to give foreign keys by value. */
  byValue(): boolean
  /** What Prisma writes by itself into a record under a relation. */
  under(model: Model, field: RelationField, near?: Known): Under
}
