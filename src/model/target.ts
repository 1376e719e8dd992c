/**
 * A place that follows the records of a model, as everything sees it that need not know what kind of place it is.
 */
export interface Target {
  /** What sort of place it is, for example `sheet`. */
  readonly kind: string
  /** Stable name; part of every job's singleton key. */
  readonly name: string
  /** Prisma name of the model. */
  readonly model: string
  /** What one worker at a time writes; targets of one lane share calls, failures and waiting. For a sheet the spreadsheet's id. */
  readonly lane: string
  /** Fields of the model that are read beside its id; undefined for all, as functions of the record may need any. */
  readonly fields?: readonly string[] | undefined
  /** Relations to read with the record, as Prisma's `include`. */
  readonly include?: Readonly<Record<string, unknown>> | undefined
  /** Records for which this is false do not show in the place. */
  readonly filter?: ((record: never) => boolean) | undefined
  /** How many entries may go at once without anybody being asked; undefined for the default, false for any number. */
  readonly removalLimit?: { readonly rows: number; readonly share: number } | false | undefined
}
