import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

let lastPanic = 'The schema engine panicked.'

// The engine reports a panic here before it traps.
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    lastPanic = message
  },
}

/** What the engine said when it trapped. */
export function panicMessage() {
  return lastPanic
}

/**
 * The bindings with the module behind them. The package's own entry imports the .wasm file as a module, which Node
 * does not do without a flag, so it is instantiated by hand.
 */
let instance
function instantiate() {
  instance ??= load()
  return instance
}

async function load() {
  const require = createRequire(import.meta.url)
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm')
  const { instance: module } = await WebAssembly.instantiate(await readFile(file), {
    './schema_engine_bg.js': bindings,
  })
  bindings.__wbg_set_wasm(module.exports)
  module.exports.__wbindgen_start()
  return bindings
}

/**
 * The engine's version.
 *
 * @returns {Promise<string>}
 */
export async function version() {
  return (await instantiate()).version()
}

/**
 * Makes an engine and connects it.
 *
 * @param {import('@prisma/driver-adapter-utils').SqlMigrationAwareDriverAdapterFactory} factory
 * @param {ReadonlyArray<readonly [path: string, content: string]>} datamodels the schema's files
 * @param {(line: string) => void} onLog gets each log line with its line end
 * @returns {Promise<import('@prisma/schema-engine-wasm').SchemaEngine>}
 */
export async function createEngine(factory, datamodels, onLog) {
  const { SchemaEngine } = await instantiate()
  const options = { datamodels: datamodels.length > 0 ? datamodels : undefined }
  return SchemaEngine.new(options, onLog, bindMigrationAwareSqlAdapterFactory(factory))
}
