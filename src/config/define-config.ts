import { z } from 'zod'
import { WritebackError } from '../errors.ts'
import type { DataModel } from '../model/data-model.ts'
import { assertIdentifiable } from '../model/record-id.ts'
import type { Target } from '../model/target.ts'
import { kindOf } from './describe.ts'
import { isCron, isTimeZone } from './schedule.ts'
import { DEFAULT_SCHEMAS, type Schemas } from './schemas.ts'
import type { ModelName } from './typed.ts'
import { inOption, wrongOption } from './wrong-option.ts'
import { checked } from './zod-error.ts'

/** Days that settled jobs stay for people to look at, unless the config says otherwise. */
const DEFAULT_RETENTION_DAYS = 7
const DAYS = 'expected a whole number of days, 1 to 365'

const identifier = z
  .string()
  .regex(
    /^(?!pg_|information_schema$)[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    'expected a plain Postgres identifier that Postgres does not keep for itself',
  )
const cron = z.string().refine(isCron, 'expected a cron expression of five fields, such as "17 3 * * *"')

/** Shape check of the options. What needs the data model is checked in `sheetTarget`. */
export const optionsSchema = z.strictObject({
  targets: z
    .array(
      z.custom<Target>(
        isTarget,
        'expected what sheetTarget({...}), or another function of forClient, returned',
      ),
    )
    .min(1, 'expected one target or more'),
  client: z
    .custom<() => unknown>(
      (given) => typeof given === 'function',
      'expected a function that makes a Prisma client: () => new PrismaClient(...)',
    )
    .optional(),
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
    .strictObject({
      days: z.number(DAYS).int(DAYS).min(1, DAYS).max(365, DAYS).default(DEFAULT_RETENTION_DAYS),
    })
    .prefault({}),
  schedules: z
    .strictObject({
      cleanup: cron.default('17 3 * * *'),
      recover: cron.default('*/5 * * * *'),
      reconcile: cron.default('43 2 * * *'),
      timeZone: z.string().refine(isTimeZone, 'expected a time zone such as Europe/Berlin').default('UTC'),
    })
    .prefault({}),
})

/** Options of `defineConfig`, as written in a config file. */
export interface ConfigOptions<Client> {
  /** What is mirrored, and where. */
  readonly targets: readonly Target[]
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
  readonly targets: readonly Target[]
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

/**
 * Sees that what was given is what the generator wrote.
 * @throws WritebackError `CONFIG_INVALID` for anything else
 */
export function assertDataModel(given: unknown): void {
  const model = given as Partial<DataModel> | null | undefined
  if (typeof model?.models === 'object' && typeof model.enums === 'object' && model.joinTables) return
  const isModule = typeof model === 'object' && model !== null && 'dataModel' in model
  throw new WritebackError('CONFIG_INVALID', {
    problem: 'forClient: dataModel',
    expected: 'what generator writeback wrote: import { dataModel } from ".../data-model"',
    got: isModule ? 'the module, of which it is a part' : kindOf(given),
    remedy: 'Run "npx prisma generate" after "npx writeback init"',
  })
}

/**
 * Checks what was given to `defineConfig`.
 * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
 */
export function resolveConfig(dataModel: DataModel, options: unknown): WritebackConfig {
  const { client, ...parsed } = checked(optionsSchema, options, 'defineConfig')
  assertNamed(parsed.targets)
  for (const name of Object.keys(parsed.capture.models)) {
    inOption('defineConfig', `capture.models.${name}`, () => assertIdentifiable(dataModel, name))
  }
  return { ...parsed, client, dataModel }
}

/** Jobs and states are kept by the targets' names. */
function assertNamed(targets: readonly Target[]): void {
  const names = new Set<string>()
  for (const { name } of targets) {
    if (names.has(name)) {
      throw wrongOption(`target "${name}"`, 'name', 'a name of its own for every target', 'it twice')
    }
    names.add(name)
  }
}

function isTarget(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && 'definition' in value
}
