/**
 * What the library knows of the host application's Prisma schema. It is written by the generator
 * (`src/generator`) at `prisma generate`, because Prisma 7 has no full data model at run time.
 */
export interface DataModel {
  /** Models by their Prisma name. */
  readonly models: Readonly<Record<string, Model>>
  /** Enums by their Prisma name. */
  readonly enums: Readonly<Record<string, EnumModel>>
  /** Implicit many-to-many join tables: they are no models, but writes to them change what a row shows. */
  readonly joinTables: readonly JoinTable[]
  /** False where Prisma keeps references whole and the database does not (`relationMode = "prisma"`). */
  readonly foreignKeys?: boolean
}

/** One model and the table behind it. */
export interface Model {
  readonly name: string
  /** Name of the table (`@@map` or the model's name). */
  readonly table: string
  /** Postgres schema of the table (`@@schema`), or null for the connection's default. */
  readonly schema: string | null
  /**
   * Names of the fields that identify a record, in order: one for `@id`, several for `@@id`. Of a model that has neither,
   * the fields of its first `@unique` or `@@unique` over required fields.
   */
  readonly primaryKey: readonly string[]
  /** Name of the compound key in a `where`, when `name: ...` gives it one of its own. */
  readonly primaryKeyName?: string
  /** Other sets of fields that are unique, by which `where` may name a record. */
  readonly uniques: readonly (readonly string[])[]
  /** Fields by their Prisma name, relations included. */
  readonly fields: Readonly<Record<string, Field>>
}

/** Prisma's scalar types. */
export type ScalarType =
  | 'String'
  | 'Boolean'
  | 'Int'
  | 'BigInt'
  | 'Float'
  | 'Decimal'
  | 'DateTime'
  | 'Json'
  | 'Bytes'

/** A field of a model. */
export type Field = ScalarField | EnumField | RelationField | UnsupportedField

interface FieldBase {
  readonly name: string
  readonly isList: boolean
  readonly isRequired: boolean
  /** True where a record gets a value when none is given; undefined from an older generator. */
  readonly hasDefault?: true
}

/** A field with a value of its own. */
export interface ScalarField extends FieldBase {
  readonly kind: 'scalar'
  readonly type: ScalarType
  /** Name of the column (`@map` or the field's name). */
  readonly column: string
  /** Native type without arguments (`Uuid`, `Timestamptz`, `Date`), or null where Prisma's default is used. */
  readonly nativeType: string | null
  /** Digits of a second that a native type of times keeps; undefined for others, and from an older generator. */
  readonly precision?: number
  /** True for a text that is empty where none is given: an empty cell is its value. */
  readonly isEmptyByDefault?: true
  /** What makes a value of an `@id` field where none is given: `cuid`, `uuid`, `autoincrement`, `dbgenerated`, ... */
  readonly made?: { readonly by: string; readonly args: readonly (string | number)[] }
}

/** A field with a value of an enum. */
export interface EnumField extends FieldBase {
  readonly kind: 'enum'
  /** Prisma name of the enum. */
  readonly type: string
  readonly column: string
}

/** A field that leads to other records. */
export interface RelationField extends FieldBase {
  readonly kind: 'relation'
  /** The model at the other end. */
  readonly type: string
  /** Name of the relation; both ends carry it. */
  readonly relation: string
  /** Fields of this model that hold the foreign key; empty where the other end holds it. */
  readonly from: readonly string[]
  /** Fields of the other model that the foreign key refers to; empty where the other end holds it. */
  readonly to: readonly string[]
  /** What the database does to this record when the other is deleted; null where the other end holds the key. */
  readonly onDelete: string | null
  /** What the database does to this record when the other's key changes; null where the other end holds the key. */
  readonly onUpdate: string | null
}

/** A column whose type Prisma Client cannot read (`Unsupported(...)`). */
export interface UnsupportedField extends FieldBase {
  readonly kind: 'unsupported'
  readonly type: string
  readonly column: string
}

/** An enum and its values as Prisma names them and as the database stores them. */
export interface EnumModel {
  readonly name: string
  /** Postgres type name (`@@map` or the enum's name). */
  readonly type: string
  readonly schema: string | null
  /** Prisma value name to stored value (`@map` or the same). */
  readonly values: Readonly<Record<string, string>>
}

/** The table of an implicit many-to-many relation: columns `A` and `B` refer to the two models' ids. */
export interface JoinTable {
  readonly relation: string
  readonly table: string
  readonly schema: string | null
  /** Model that column `A` refers to: the first of the two in alphabetical order (Prisma's convention). */
  readonly a: string
  /** Field of `a` that lists the records of `b`. */
  readonly aField: string
  /** Model that column `B` refers to. */
  readonly b: string
  /** Field of `b` that lists the records of `a`. */
  readonly bField: string
}
