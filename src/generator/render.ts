import type { DataModel } from '../model/data-model.ts'

/** Package that users import the type from. */
export const DEFAULT_IMPORT = 'prisma-writeback'

/** How the module is written: TypeScript, or JavaScript with its types in a file beside it. */
export const FILE_EXTENSIONS = ['ts', 'mjs', 'cjs'] as const
export type FileExtension = (typeof FILE_EXTENSIONS)[number]

const HEAD = `// Written by prisma-writeback when \`prisma generate\` runs. Changes made here are lost.
/* eslint-disable */
`
const WHAT =
  '/** What prisma-writeback knows of the Prisma schema: models, tables, columns, keys and relations. */'

/**
 * The files the generator writes, text by name: a module with the constant `dataModel`. It needs nothing at run time.
 * @param dataModel what to write
 * @param importPath module that exports the type `DataModel`
 */
export function renderDataModel(
  dataModel: DataModel,
  importPath: string = DEFAULT_IMPORT,
  extension: FileExtension = 'ts',
): Record<string, string> {
  const type = `import type { DataModel } from ${JSON.stringify(importPath)}`
  const json = JSON.stringify(dataModel, null, 2)
  if (extension === 'ts') {
    return {
      'data-model.ts': `${HEAD}\n${type}\n\n${WHAT}\nexport const dataModel: DataModel = ${json}\n`,
    }
  }
  const assigned = extension === 'cjs' ? 'exports.dataModel =' : 'export const dataModel ='
  return {
    [`data-model.${extension}`]: `${HEAD}\n${WHAT}\n${assigned} ${json}\n`,
    [`data-model.d.${extension.replace('j', 't')}`]: `${HEAD}\n${type}\n\n${WHAT}\nexport declare const dataModel: DataModel\n`,
  }
}
