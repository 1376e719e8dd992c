import { z } from 'zod'
import type { DataModel, Model } from '../model/data-model.ts'
import { assertIdentifiable } from '../model/record-id.ts'
import { isAsync } from './describe.ts'
import { unknownInInclude, unusableInInclude } from './include.ts'
import { DEFAULT_REMOVAL_LIMIT, removalLimitSchema } from './removal-limit.ts'
import { inOption, wrongOption } from './wrong-option.ts'

/** Shape check of a target's name. */
const targetName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')

/** A function of the record. Nobody would wait for an async one: its promise would be the answer. */
export const functionOfRecord = <Result>() =>
  z.custom<(record: never) => Result>(
    (given) => typeof given === 'function' && !isAsync(given),
    'expected a function of the record that is not async',
  )

/** Options that every kind of target has. */
export const commonOptions = {
  name: targetName,
  model: z.string().min(1),
  include: z.record(z.string(), z.unknown()).optional(),
  filter: functionOfRecord<boolean>().optional(),
  removalLimit: removalLimitSchema.default(DEFAULT_REMOVAL_LIMIT),
}

/**
 * How a target is called in messages before all of it is known to be right.
 * @param made the function that makes it, for example `sheetTarget`
 */
export function whereOf(made: string, dataModel: DataModel, input: unknown): string {
  const { name, model } = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >
  if (targetName.safeParse(name).success) return `target "${name}"`
  return Object.hasOwn(dataModel.models, String(model)) ? `${made} of model ${model}` : made
}

/**
 * Checks model and include of a target against the data model.
 * @param where how the target is called in messages
 * @throws WritebackError `CONFIG_INVALID`
 */
export function checkCommon(
  dataModel: DataModel,
  where: string,
  {
    model: name,
    include,
  }: { readonly model: string; readonly include?: Readonly<Record<string, unknown>> | undefined },
): Model {
  const model = inOption(where, 'model', () => assertIdentifiable(dataModel, name))
  const unknown = unknownInInclude(dataModel, model, include)
  if (unknown !== null) throw wrongOption(where, 'include', `a relation of ${model.name}`, unknown)
  const unusable = unusableInInclude(include)
  if (unusable !== null) {
    throw wrongOption(where, 'include', 'true, { include } or { select } for every relation', unusable)
  }
  return model
}
