import { Command } from 'commander'
import { loadConfig } from '../src/config/load-config.ts'
import type { Sql } from '../src/database/sql.ts'
import { isWritebackError, messageOf } from '../src/errors.ts'
import type { OperationsContext } from '../src/operations/context.ts'
import { checkPlaces, examine } from '../src/operations/doctor/doctor.ts'
import { type OpenClient, openClient } from '../src/source/open-client.ts'
import { error, type Finding } from '../src/targets/finding.ts'
import { EXIT } from './exit.ts'
import { explain } from './explain.ts'
import { paint, print, printJson, wrap } from './output.ts'
import { withSession } from './session.ts'

const SIGNS = {
  ok: { sign: 'ok', colour: paint.green },
  warning: { sign: '! ', colour: paint.yellow },
  error: { sign: 'x ', colour: paint.red },
}

/** `writeback doctor`: looks at everything that has to be right; each finding comes with its remedy. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check database, queues, capture, workers and the places, and say what to do; exits with 3 or 4',
    )
    .option('--no-places', 'leave out what takes requests to the places, such as Google')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 all is well, 3 there are warnings, 4 there are errors.')
    .action(async ({ places, json }: { places: boolean; json?: true }, self: Command) => {
      const findings = await withSession(self, ({ context }) => examineAsWorker(context, places)).catch(
        (thrown) => withoutSession(self, thrown, places),
      )
      if (json) printJson(findings)
      else for (const finding of findings) print(render(finding))
      const worst = (severity: Finding['severity']) =>
        findings.some((finding) => finding.severity === severity)
      process.exitCode = worst('error') ? EXIT.broken : worst('warning') ? EXIT.attention : EXIT.ok
    })
}

/** With the client that the worker reads records with: what it cannot see looks deleted to the worker. */
async function examineAsWorker(context: OperationsContext, places: boolean): Promise<Finding[]> {
  if (context.config.client === undefined) return await examine(context, { places })
  let client: OpenClient
  try {
    client = await openClient(context.config)
  } catch (thrown) {
    return [
      ...(await examine(context, { places })),
      error('client', messageOf(thrown), 'No worker starts without it'),
    ]
  }
  try {
    return await examine(context, { places, client })
  } finally {
    await client.$disconnect()
  }
}

/** What looks at places asks the database for what it can do without. */
const NO_DATABASE: Sql = { query: async () => [] }

/** A database that cannot be used is a finding, too, and no reason not to look at the places. */
async function withoutSession(command: Command, thrown: unknown, places: boolean): Promise<Finding[]> {
  const told = explain(thrown)
  if (!isWritebackError(told, 'DATABASE_UNAVAILABLE', 'QUEUE_MISSING', 'QUEUE_VERSION', 'TABLES_MISSING'))
    throw thrown
  const { code, remedy = '' } = told
  const subject = { DATABASE_UNAVAILABLE: 'database', TABLES_MISSING: 'tables' }[code as string] ?? 'pg-boss'
  // The remedy stands below its finding, and need not stand in it.
  const findings = [error(subject, messageOf(told).replace(`. ${remedy}`, ''), remedy)]
  if (!places) return findings
  const config = await loadConfig(command.optsWithGlobals().config)
  return [...findings, ...(await checkPlaces({ config, sql: NO_DATABASE, variables: process.env }))]
}

function render({ severity, subject, message, remedy }: Finding): string {
  const { sign, colour } = SIGNS[severity]
  // Wrapped as plain text: the sign is put before it afterwards.
  const text = `${colour(sign)} ${wrap(`...${subject}: ${message}`, 3).slice(3)}`
  return remedy === '' ? text : `${text}\n   ${paint.dim(wrap(remedy, 3))}`
}
