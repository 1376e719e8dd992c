import { z } from 'zod'
import { DEFAULT_CONFLICT, NUMBER_RULES, SIMPLE_STRATEGIES } from '../../config/conflict.ts'
import { isAsync } from '../../config/describe.ts'
import { checkCommon, commonOptions, functionOfRecord, whereOf } from '../../config/target-options.ts'
import { wrongOption } from '../../config/wrong-option.ts'
import { checked } from '../../config/zod-error.ts'
import type { DataModel, Model } from '../../model/data-model.ts'
import type { ApiStrategy, ApiTarget, FieldStrategy } from './target.ts'

const without = <Name extends string, Gone extends string>(all: readonly Name[], gone: Gone) =>
  all.filter((one): one is Exclude<Name, Gone> => (one as string) !== gone)
const SIMPLE = without(SIMPLE_STRATEGIES, 'sheet-wins')
const RULES = without(NUMBER_RULES, 'sheet')

const timesSchema = z.strictObject({ field: z.string().min(1), placeField: z.string().min(1) })
const strategies = [
  z.strictObject({ merge: z.strictObject({ numbers: z.enum(RULES) }) }),
  z.strictObject({ lastWriter: timesSchema }),
  z.strictObject({ firstWriter: timesSchema }),
  z.custom<(base: unknown, database: unknown, place: unknown) => unknown>(
    (given) => typeof given === 'function' && !isAsync(given),
  ),
] as const
const FORMS = `{ merge: { numbers: ${RULES.map((rule) => `'${rule}'`).join(' | ')} } }, { lastWriter: { field, placeField } }, { firstWriter: { field, placeField } } or a function that is not async`

const conflictSchema: z.ZodType<ApiStrategy> = z.union(
  [z.enum(SIMPLE), ...strategies],
  `expected ${SIMPLE.join(', ')}, ${FORMS}`,
)
const fieldSchema: z.ZodType<FieldStrategy> = z.union(
  [z.enum([...SIMPLE, 'delta']), ...strategies],
  `expected ${SIMPLE.join(', ')}, delta, ${FORMS}`,
)

const aFunction = <Type>(expected: string) =>
  z.custom<Type>((given) => typeof given === 'function', `expected a function: ${expected}`)

/** Shape check of the options. */
export const apiTargetSchema = z.strictObject({
  ...commonOptions,
  document: functionOfRecord<unknown>(),
  get: aFunction<ApiTarget['get']>('(id, { signal }) => { fields, etag } or null'),
  put: aFunction<ApiTarget['put']>('(fields, { id, idempotencyKey, ifMatch, signal }) => ...'),
  remove: aFunction<NonNullable<ApiTarget['remove']>>('({ id, idempotencyKey, signal }) => ...').optional(),
  tombstone: z
    .custom<NonNullable<ApiTarget['tombstone']>>(
      (given) => typeof given === 'function' && !isAsync(given),
      'expected a function of the fields that is not async',
    )
    .optional(),
  list: aFunction<NonNullable<ApiTarget['list']>>(
    '({ pageSize, signal }) => an async iterable of pages of { id, fields }',
  ).optional(),
  probe: aFunction<NonNullable<ApiTarget['probe']>>('({ signal }) => ...').optional(),
  conflict: conflictSchema.default(DEFAULT_CONFLICT),
  fields: z.record(z.string().min(1), fieldSchema).default({}),
  keysKeptHours: z.number().min(0).max(8760).default(0),
  concurrency: z.number().int().min(1).max(100).default(4),
  timeoutMs: z.number().int().min(10).max(300_000).default(20_000),
})

/**
 * Checks what was given to `apiTarget`.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function resolveApiTarget(dataModel: DataModel, input: unknown): ApiTarget {
  const where = whereOf('apiTarget', dataModel, input)
  const { remove, tombstone, list, probe, fields, ...parsed } = checked(apiTargetSchema, input, where)
  const model = checkCommon(dataModel, where, parsed)
  if (remove && tombstone) {
    const expected = 'one of remove (the record goes) and tombstone (it stays, with values that say so)'
    throw wrongOption(where, 'tombstone', expected, 'both')
  }
  assertTimes(where, model, 'conflict', parsed.conflict)
  for (const [name, strategy] of Object.entries(fields)) assertTimes(where, model, `fields.${name}`, strategy)
  return {
    ...{ kind: 'api', lane: `api:${parsed.name}`, remove, tombstone, list, probe },
    ...parsed,
    // What a worker reads: all fields, as functions of the record may need any.
    fields: undefined,
    strategies: fields,
  }
}

/** The field with the time of the change has to be one that holds times. */
function assertTimes(where: string, model: Model, option: string, strategy: FieldStrategy): void {
  if (typeof strategy !== 'object' || 'merge' in strategy) return
  const { field } = 'lastWriter' in strategy ? strategy.lastWriter : strategy.firstWriter
  const found = Object.hasOwn(model.fields, field) ? model.fields[field] : undefined
  if (found?.kind !== 'scalar' || found.type !== 'DateTime' || found.isList)
    throw wrongOption(where, option, `a DateTime field of ${model.name}`, field)
}
