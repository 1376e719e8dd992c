import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { explain, requireUrl, runCommand } from './commands.mjs'
import { MigrationAdapterFactory, parseUrl, runStatement } from './database.mjs'
import { createEngine, panicMessage } from './engine.mjs'
import { createMigration, evaluateDataLoss, migrationError } from './methods.mjs'

/** JSON-RPC error code that the native engine answers with; the details are in `data`. */
const ERROR_CODE = 4466

/**
 * Answers requests from stdin on stdout, in their order, until stdin ends.
 *
 * @param {{ datasource: { url?: string, shadowDatabaseUrl?: string }, schemaFiles: readonly string[] }} options
 */
export async function serve({ datasource, schemaFiles }) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const { id, method, params } = JSON.parse(line)
    // The CLI's answers to `print` come the same way.
    if (method === undefined) continue
    const answer = await respond(() => call(method, params, datasource, schemaFiles))
    // What a diff has to show goes to the terminal through the CLI.
    if (method === 'diff' && answer.result?.stdout)
      send({ id: `print-${id}`, method: 'print', params: { content: answer.result.stdout.trimEnd() } })
    send({ id, ...answer })
  }
  // The CLI ends stdin when it needs no more, and waits for this process. Timers of closed pools would keep it.
  process.exit(0)
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

async function call(method, params, datasource, schemaFiles) {
  // The class cannot create a database, because it is connected to one.
  if (method === 'createDatabase') return createDatabase(params?.datasource?.url ?? datasource.url)

  const url = requireUrl(datasource.url)
  // The engine's own connection errors have no code: connect first, and explain what fails.
  await runStatement(parseUrl(url).config, 'select 1').catch((error) => {
    const { code, message } = explain(error, url)
    throw Object.assign(new Error(message), { code })
  })
  const datamodels = await Promise.all(schemaFiles.map(async (file) => [file, await readFile(file, 'utf8')]))
  const readOnly = method === 'evaluateDataLoss'
  const factory = new MigrationAdapterFactory(url, { shadowUrl: datasource.shadowDatabaseUrl, readOnly })
  try {
    // An engine of its own for each request, whose connections end with it and take locks and settings along.
    const engine = await createEngine(factory, datamodels, (text) => process.stderr.write(text))
    return (await thrownAside(dispatch(engine, method, params))) ?? {}
  } catch (error) {
    throw migrationError(error, factory.failedScript, params) ?? error
  } finally {
    await factory.close()
  }
}

async function dispatch(engine, method, params) {
  if (method === 'createMigration') return createMigration(engine, params)
  if (method === 'evaluateDataLoss') return evaluateDataLoss(engine, params)
  if (method === 'getDatabaseVersion') return engine.version()
  if (typeof engine[method] !== 'function') throw new Error(`The schema engine has no method ${method}.`)
  return engine[method](params)
}

/** Parameters that the engine cannot read make it throw outside of its promise, which then never settles. */
async function thrownAside(promise) {
  let reject
  const aside = new Promise((_, no) => {
    reject = no
  })
  process.once('uncaughtException', reject)
  try {
    return await Promise.race([promise, aside])
  } finally {
    process.off('uncaughtException', reject)
  }
}

async function createDatabase(url) {
  const { config } = parseUrl(requireUrl(url))
  if ((await runCommand('create-database', url)) !== 0)
    throw new Error(`Could not create database ${config.database}.`)
  return { databaseName: config.database }
}

async function respond(action) {
  try {
    return { result: await action() }
  } catch (error) {
    const panic = error instanceof WebAssembly.RuntimeError
    const data = {
      is_panic: panic,
      message: panic ? panicMessage() : error.message,
      error_code: error.code ?? null,
      meta: error.meta ?? null,
    }
    return {
      error: { code: ERROR_CODE, message: 'An error happened. Check the data field for details.', data },
    }
  }
}
