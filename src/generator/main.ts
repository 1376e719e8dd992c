#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
// CommonJS whose names Node cannot see: only the default import works.
import generatorHelper from '@prisma/generator-helper'
import { WritebackError } from '../errors.ts'
import { dataModelFromDmmf } from './data-model-from-dmmf.ts'
import { DEFAULT_IMPORT, FILE_EXTENSIONS, renderDataModel } from './render.ts'

// A Prisma generator: the Prisma CLI starts this program at `prisma generate` and speaks JSON-RPC with it.
//
//   generator writeback {
//     provider   = "prisma-writeback"
//     output     = "../src/generated/writeback"
//     importPath = "prisma-writeback"            // optional: where the type DataModel comes from
//   }
generatorHelper.generatorHandler({
  onManifest: () => ({ prettyName: 'prisma-writeback data model', defaultOutput: './generated/writeback' }),

  async onGenerate({ generator, dmmf, datamodel, datasources }) {
    const provider = datasources[0]?.activeProvider
    if (provider !== 'postgresql') {
      throw new WritebackError('CONFIG_INVALID', {
        problem: 'prisma-writeback works with Postgres alone',
        expected: 'a datasource with provider = "postgresql"',
        got: provider ?? 'no datasource',
      })
    }
    const { importPath = DEFAULT_IMPORT } = generator.config
    if (typeof importPath !== 'string') {
      throw new WritebackError('CONFIG_INVALID', {
        problem: `importPath of generator ${generator.name} is not one module`,
        expected: `importPath = "${DEFAULT_IMPORT}"`,
        got: JSON.stringify(importPath),
      })
    }
    const extension = FILE_EXTENSIONS.find((one) => one === (generator.config.generatedFileExtension ?? 'ts'))
    if (extension === undefined) {
      throw new WritebackError('CONFIG_INVALID', {
        problem: `generatedFileExtension of generator ${generator.name} is wrong`,
        expected: `one of ${FILE_EXTENSIONS.join(', ')}`,
        got: JSON.stringify(generator.config.generatedFileExtension),
      })
    }
    // Prisma always sets the output: the schema's or the default of the manifest.
    const folder = generator.output?.value as string
    await mkdir(folder, { recursive: true })
    const files = renderDataModel(dataModelFromDmmf(dmmf.datamodel, datamodel), importPath, extension)
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  },
})
