// The two methods that `prisma migrate dev` needs and the WebAssembly class does not do once there are migrations: it
// gives them no shadow database ("must be provided through an external factory"). Both are put together here from
// methods of the same engine that work.

/**
 * The next migration: the difference between what the migrations make and the schema.
 *
 * @param {import('@prisma/schema-engine-wasm').SchemaEngine} engine
 * @param {import('@prisma/schema-engine-wasm').CreateMigrationInput} input
 * @returns {Promise<import('@prisma/schema-engine-wasm').CreateMigrationOutput>}
 */
export async function createMigration(engine, { migrationsList, schema, filters, migrationName, draft }) {
  const from =
    migrationsList.migrationDirectories.length > 0
      ? { tag: 'migrations', ...migrationsList }
      : { tag: 'empty' }
  const to = { tag: 'schemaDatamodel', ...schema }
  const { stdout, exitCode } = await engine.diff({ from, to, filters, script: true, exitCode: true })
  const changed = exitCode === 2
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  return {
    connectorType: 'postgresql',
    generatedMigrationName: migrationName ? `${timestamp}_${migrationName}` : timestamp,
    migrationScript: changed || draft ? stdout : null,
    extension: 'sql',
  }
}

/**
 * What the next migration would cost the data that is there. `migrate dev` asks when the database is as the migrations
 * make it, so a push of the schema has the same effect and gives the same warnings. The engine gets a factory whose
 * connections write nothing.
 *
 * @param {import('@prisma/schema-engine-wasm').SchemaEngine} dryEngine
 * @param {import('@prisma/schema-engine-wasm').EvaluateDataLossInput} input
 * @returns {Promise<import('@prisma/schema-engine-wasm').EvaluateDataLossOutput>}
 */
export async function evaluateDataLoss(dryEngine, { schema, filters }) {
  const { executedSteps, warnings, unexecutable } = await dryEngine.schemaPush({
    force: false,
    schema,
    filters,
  })
  const feedback = (messages) => messages.map((message, stepIndex) => ({ message, stepIndex }))
  return {
    migrationSteps: Math.max(executedSteps, warnings.length, unexecutable.length),
    warnings: feedback(warnings),
    unexecutableSteps: feedback(unexecutable),
  }
}
