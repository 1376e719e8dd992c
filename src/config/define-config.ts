import { z } from 'zod'
import { WritebackError } from '../errors.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import { assertIdentifiable } from '../model/record-id.ts'
import { type ConflictStrategy, timesOf } from './conflict.ts'
import { unknownInInclude } from './include.ts'
import { DEFAULT_SCHEMAS, type Schemas } from './schemas.ts'
import { MARK_HEADER, type SheetTarget, sheetTargetSchema } from './target.ts'
import type { AnyClient, IncludeOf, ModelName, SheetTargetInput } from './typed.ts'
import { checked } from './zod-error.ts'

/** Days that settled jobs stay for people to look at, unless the config says otherwise. */
const DEFAULT_RETENTION_DAYS = 7

const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'expected a plain Postgres identifier')
const cron = z.string().min(9, 'expected a cron expression with five fields')

/** Shape check of the options. What needs the data model is checked in `sheetTarget`. */
export const optionsSchema = z.strictObject({
  targets: z.array(z.custom<SheetTarget>(isTarget, 'expected what sheetTarget({...}) returned')).min(1),
  client: z.custom<() => unknown>((given) => typeof given === 'function', 'expected a function').optional(),
  capture: z
    .strictObject({
      mode: z.enum(['auto', 'extension', 'trigger']).default('auto'),
      models: z.record(z.string(), z.enum(['auto', 'extension', 'trigger'])).default({}),
      unfollowed: z.enum(['warn', 'throw']).default('warn'),
    })
    .prefault({}),
  schemas: z
    .strictObject({
      library: identifier.default(DEFAULT_SCHEMAS.library),
      queue: identifier.default(DEFAULT_SCHEMAS.queue),
    })
    .prefault({}),
  retention: z
    .strictObject({ days: z.number().int().min(1).max(365).default(DEFAULT_RETENTION_DAYS) })
    .prefault({}),
  schedules: z
    .strictObject({
      cleanup: cron.default('17 3 * * *'),
      recover: cron.default('*/5 * * * *'),
      reconcile: cron.default('43 2 * * *'),
      timeZone: z.string().default('UTC'),
    })
    .prefault({}),
})

/** Options of `defineConfig`, as written in a config file. */
export interface ConfigOptions<Client> {
  /** What is mirrored, and where. */
  readonly targets: readonly SheetTarget[]
  /**
   * Makes the Prisma client with which the worker reads records. The worker disconnects it when it ends.
   * Give its pool a small maximum: the worker reads one batch at a time.
   */
  readonly client?: () => Client | Promise<Client>
  /** How changes are seen. */
  readonly capture?: {
    /**
     * `auto`: triggers where they are installed, else the extension. `extension` and `trigger` insist.
     * @defaultValue 'auto'
     */
    readonly mode?: CaptureMode
    /** The mode of single models, by name, where it differs. */
    readonly models?: { readonly [Name in ModelName<Client>]?: CaptureMode }
    /**
     * What the extension does with a write whose effect on mirrored records it cannot know: warn once per
     * call site, or refuse the write.
     * @defaultValue 'warn'
     */
    readonly unfollowed?: 'warn' | 'throw'
  }
  /**
   * Postgres schemas of the library's tables and of pg-boss.
   * @defaultValue `{ library: 'public', queue: 'pgboss' }`
   */
  readonly schemas?: { readonly library?: string; readonly queue?: string }
  /**
   * Days that settled jobs, resolved conflicts and records of removed targets are kept.
   * @defaultValue `{ days: 7 }`
   */
  readonly retention?: { readonly days?: number }
  /** Cron expressions of the scheduled jobs. */
  readonly schedules?: {
    /** @defaultValue '17 3 * * *' */
    readonly cleanup?: string
    /** @defaultValue '*\/5 * * * *' */
    readonly recover?: string
    /** @defaultValue '43 2 * * *' */
    readonly reconcile?: string
    /** @defaultValue 'UTC' */
    readonly timeZone?: string
  }
}

/** How the changes of a model are seen. */
export type CaptureMode = 'auto' | 'extension' | 'trigger'

/** A checked configuration: what the extension, the worker and the command line work with. */
export interface WritebackConfig {
  readonly dataModel: DataModel
  readonly targets: readonly SheetTarget[]
  readonly client: (() => unknown) | undefined
  readonly capture: {
    readonly mode: CaptureMode
    readonly models: Readonly<Record<string, CaptureMode>>
    readonly unfollowed: 'warn' | 'throw'
  }
  readonly schemas: Schemas
  readonly retention: { readonly days: number }
  readonly schedules: {
    readonly cleanup: string
    readonly recover: string
    readonly reconcile: string
    readonly timeZone: string
  }
}

/** What {@link forClient} returns: the two functions of a config file, typed for one Prisma client. */
export interface ConfigBuilder<Client> {
  /**
   * Checks the whole configuration.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  defineConfig(options: ConfigOptions<Client>): WritebackConfig
  /**
   * Checks one target.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  sheetTarget<Model extends ModelName<Client>, const Include extends IncludeOf<Client, Model>>(
    input: SheetTargetInput<Client, Model, Include>,
  ): SheetTarget
}

/**
 * Types the config file for a generated Prisma client: a wrong model or field does not compile.
 *
 * @param dataModel what `generator writeback` wrote beside the client
 * @example
 * const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
 * export default defineConfig({ targets: [sheetTarget({ ... })] })
 */
export function forClient<Client extends AnyClient>(dataModel: DataModel): ConfigBuilder<Client> {
  return {
    defineConfig: (options) => resolveConfig(dataModel, options),
    sheetTarget: (input) => resolveTarget(dataModel, input),
  }
}

function resolveConfig(dataModel: DataModel, options: unknown): WritebackConfig {
  const { client, ...parsed } = checked(optionsSchema, options, 'defineConfig')
  const seen = new Set<string>()
  for (const target of parsed.targets) {
    if (seen.has(target.name)) throw wrong(`targets`, 'a name of its own for every target', target.name)
    seen.add(target.name)
  }
  for (const name of Object.keys(parsed.capture.models)) assertIdentifiable(dataModel, name)
  return { ...parsed, client, dataModel }
}

function resolveTarget(dataModel: DataModel, input: unknown): SheetTarget {
  const spelledOut = withColumnsSpelledOut(input)
  const parsed = checked(sheetTargetSchema, spelledOut, 'sheetTarget')
  const where = `target ${parsed.name}`
  const model = assertIdentifiable(dataModel, parsed.model)
  const headers = new Set([parsed.key])
  for (const column of parsed.columns) {
    if (headers.has(column.header)) throw wrong(where, 'every header once', `header "${column.header}" again`)
    headers.add(column.header)
    if ((column.field === undefined) === (column.value === undefined)) {
      throw wrong(where, 'either a field or a value function', `both or neither in column "${column.header}"`)
    }
    if (column.field !== undefined) assertMirrorable(model, column.field, where)
    assertTimes(model, column.conflict, where)
  }
  assertTimes(model, parsed.conflict, where)
  if (parsed.onDelete === 'mark' && headers.has(MARK_HEADER)) {
    throw wrong(where, `no column named "${MARK_HEADER}" with onDelete: 'mark'`, 'one of that name')
  }
  const unknown = unknownInInclude(dataModel, model, parsed.include)
  if (unknown !== null) throw wrong(where, `a relation of ${model.name} in include`, unknown)
  return { kind: 'sheet', ...parsed }
}

/** A column may be written as the name of its field, which is then its header too. */
function withColumnsSpelledOut(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('columns' in input) || !Array.isArray(input.columns)) {
    return input
  }
  const columns = input.columns.map((column: unknown) =>
    typeof column === 'string' ? { header: column, field: column } : column,
  )
  return { ...input, columns }
}

function assertMirrorable(model: Model, name: string, where: string): void {
  const field = model.fields[name]
  const usable = field?.kind === 'enum' || (field?.kind === 'scalar' && field.type !== 'Bytes')
  if (usable) return
  const fields = Object.values(model.fields).filter((one) => one.kind === 'scalar' || one.kind === 'enum')
  throw wrong(
    where,
    `a field of ${model.name} that a cell can show (${fields.map((one) => one.name).join(', ')}; no Bytes)`,
    name,
  )
}

/** A strategy that compares times needs a field that is one. */
function assertTimes(model: Model, strategy: ConflictStrategy | undefined, where: string): void {
  const times = timesOf(strategy)
  if (times === undefined) return
  const field = model.fields[times.field]
  if (field?.kind === 'scalar' && field.type === 'DateTime' && !field.isList) return
  throw wrong(where, `a DateTime field of ${model.name} in the conflict strategy`, times.field)
}

function wrong(where: string, expected: string, got: string): WritebackError {
  return new WritebackError('CONFIG_INVALID', {
    problem: `the configuration is wrong in ${where}`,
    expected,
    got,
  })
}

function isTarget(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'sheet'
}
