import type { DataModel } from '../model/data-model.ts'

/** Package that users import the type from. */
export const DEFAULT_IMPORT = 'prisma-writeback'

/**
 * The TypeScript module the generator writes: `export const dataModel`. It needs nothing at run time.
 * @param dataModel what to write
 * @param importPath module that exports the type `DataModel`
 */
export function renderDataModel(dataModel: DataModel, importPath: string = DEFAULT_IMPORT): string {
  return `// Written by prisma-writeback when \`prisma generate\` runs. Changes made here are lost.
/* eslint-disable */

import type { DataModel } from ${JSON.stringify(importPath)}

/** What prisma-writeback knows of the Prisma schema: models, tables, columns, keys and relations. */
export const dataModel: DataModel = ${JSON.stringify(dataModel, null, 2)}
`
}
