import type { DataModel, Model } from '../../model/data-model.ts'
import { isObject, objects, operationsIn, type Values } from './written.ts'

/**
 * Whether a connectOrCreate, by a foreign key of the record's own, may leave another value in it than the key of the
 * record that it finds or creates. Prisma 7.10 may write the key of a record that is nested deeper in its `create`:
 *
 *     post.create({ data: {
 *       author: { connectOrCreate: { where: { id: 1 }, create: { id: 1, notes: { create: { id: 7, tag: { connect: { id: 3 } } } } } } },
 *       topic: { connectOrCreate: ... },
 *     } })                                              // authorId is 7
 *
 * It takes two levels of nested writes in the `create`; which of such calls come out wrong, the arguments do not tell.
 */
export function mayMisplaceKey(dataModel: DataModel, far: Model, connectOrCreate: Values): boolean {
  return writesNested(dataModel, far, connectOrCreate.create).some(({ model, data }) =>
    objects(data).some((one) => writesNested(dataModel, model, one).length > 0),
  )
}

/** The nested operations in a record's data, with the data that they may give to records. */
function writesNested(
  { models }: DataModel,
  model: Model,
  data: unknown,
): { readonly model: Model; readonly data: unknown }[] {
  return objects(data).flatMap((one) =>
    Object.entries(one).flatMap(([name, value]) => {
      const field = model.fields[name]
      const far = field?.kind === 'relation' ? models[field.type] : undefined
      if (far === undefined || !isObject(value)) return []
      return operationsIn(value).map(([operation, given]) => {
        const creates = operation === 'connectOrCreate' ? objects(given).map(({ create }) => create) : given
        return { model: far, data: creates }
      })
    }),
  )
}
