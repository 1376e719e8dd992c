#!/usr/bin/env node
// Stands in for Prisma's native schema engine where that cannot be downloaded: the same engine, as WebAssembly, from
// npm (@prisma/schema-engine-wasm), behind the command line that the Prisma CLI expects of the native one:
//
//   engine --datasource '{"url":"..."}'                              JSON-RPC 2.0, one object a line on stdin and stdout
//   engine --datasource '{"url":"..."}' cli can-connect-to-database  and create-database, drop-database
//
// Logs are JSON lines on stderr; of a command's, the CLI skips the first. Runs on Node 20 and later.

import { parseArgs } from 'node:util'
import { runCommand } from './commands.mjs'
import { log } from './log.mjs'

const { values, positionals } = parseArgs({
  options: {
    datasource: { type: 'string', default: '{}' },
    datamodels: { type: 'string', multiple: true, default: [] },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
    version: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const datasource = JSON.parse(values.datasource)

if (values.version) {
  const { version } = await import('./engine.mjs')
  console.log(`schema-engine-wasm ${await version()}`)
} else if (positionals[0] === 'cli') {
  log('INFO', 'Starting schema engine CLI')
  process.exitCode = await runCommand(positionals[1] ?? '', datasource.url)
} else {
  const { serve } = await import('./rpc.mjs')
  log('INFO', 'Starting schema engine RPC server')
  await serve({ datasource, schemaFiles: values.datamodels })
}
