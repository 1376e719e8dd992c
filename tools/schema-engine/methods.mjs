// What the WebAssembly class does not do as the native engine does. `prisma migrate dev` needs createMigration and
// evaluateDataLoss, which have no shadow database there once there are migrations ("must be provided through an
// external factory"); they are put together from methods of the same engine that work.

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

/**
 * The error of a migration whose script failed, as the native engine words it: here it comes without code and name.
 *
 * @param {Error & { code?: string }} error the engine's
 * @param {{ script: string, cause: import('pg').DatabaseError, shadow: boolean } | undefined} failed the script that failed last
 * @param {{ migrationsList?: import('@prisma/schema-engine-wasm').MigrationList }} [params] the request's
 * @returns {Error & { code: string } | undefined} undefined when it is not that error
 */
export function migrationError(error, failed, params) {
  if (error.code || !failed) return undefined
  const migration = params?.migrationsList?.migrationDirectories.find(
    ({ migrationFile }) => migrationFile.content.value === failed.script,
  )
  if (!migration) return undefined
  const { code, message, detail, hint, position } = failed.cause
  const place = position ? `Position: ${position}` : undefined
  const text = [message, detail && `DETAIL: ${detail}`, hint && `HINT: ${hint}`, place]
    .filter(Boolean)
    .join('\n')
  if (failed.shadow)
    return Object.assign(
      new Error(
        `Migration \`${migration.path}\` failed to apply cleanly to the shadow database. \nError code: ${code}\nError:\n${text}`,
      ),
      { code: 'P3006' },
    )
  return Object.assign(
    new Error(
      'A migration failed to apply. New migrations cannot be applied before the error is recovered from. ' +
        'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n' +
        `Migration name: ${migration.path}\n\nDatabase error code: ${code}\n\nDatabase error:\n${text}`,
    ),
    { code: 'P3018' },
  )
}
