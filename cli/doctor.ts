import { Command } from 'commander'
import { readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { isWritebackError, messageOf } from '../src/errors.ts'
import type { OperationsContext } from '../src/operations/context.ts'
import type { GoogleCheck } from '../src/operations/doctor/check-google.ts'
import { examine } from '../src/operations/doctor/doctor.ts'
import { error, type Finding } from '../src/operations/doctor/finding.ts'
import { type OpenClient, openClient } from '../src/source/open-client.ts'
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
    .description('check database, queues, capture, workers and Google, and say what to do; exits with 3 or 4')
    .option('--no-google', 'leave out what takes requests to Google')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 all is well, 3 there are warnings, 4 there are errors.')
    .action(async (options: { google: boolean; json?: true }, self: Command) => {
      const { google, trouble = [] } = options.google ? await openGoogle() : {}
      const findings = await withSession(self, ({ context }) => examineAsWorker(context, google)).catch(
        (thrown) => withoutSession(self, thrown, google),
      )
      findings.push(...trouble)
      if (options.json) printJson(findings)
      else for (const finding of findings) print(render(finding))
      const worst = (severity: Finding['severity']) =>
        findings.some((finding) => finding.severity === severity)
      process.exitCode = worst('error') ? EXIT.broken : worst('warning') ? EXIT.attention : EXIT.ok
    })
}

/** With the client that the worker reads records with: what it cannot see looks deleted to the worker. */
async function examineAsWorker(context: OperationsContext, google?: GoogleCheck): Promise<Finding[]> {
  if (context.config.client === undefined) return await examine(context, google)
  let client: OpenClient
  try {
    client = await openClient(context.config)
  } catch (thrown) {
    return [
      ...(await examine(context, google)),
      error('client', messageOf(thrown), 'No worker starts without it'),
    ]
  }
  try {
    return await examine(context, google, client)
  } finally {
    await client.$disconnect()
  }
}

/** A database that cannot be used is a finding, too, and no reason not to look at Google. */
async function withoutSession(command: Command, thrown: unknown, google?: GoogleCheck): Promise<Finding[]> {
  const told = explain(thrown)
  if (!isWritebackError(told, 'DATABASE_UNAVAILABLE', 'QUEUE_MISSING', 'QUEUE_VERSION', 'TABLES_MISSING'))
    throw thrown
  const { code, remedy = '' } = told
  const subject = { DATABASE_UNAVAILABLE: 'database', TABLES_MISSING: 'tables' }[code as string] ?? 'pg-boss'
  // The remedy stands below its finding, and need not stand in it.
  const findings = [error(subject, messageOf(told).replace(`. ${remedy}`, ''), remedy)]
  if (!google) return findings
  const { checkGoogle } = await import('../src/operations/doctor/check-google.ts')
  return [...findings, ...(await checkGoogle(await loadConfig(command.optsWithGlobals().config), google))]
}

async function openGoogle(): Promise<{ google?: GoogleCheck; trouble?: Finding[] }> {
  try {
    const environment = readEnvironment()
    const { createSheetsClient } = await import('../src/targets/sheet/google/client.ts')
    return { google: { sheets: createSheetsClient(environment), email: environment.google?.email ?? null } }
  } catch (thrown) {
    if (!isWritebackError(thrown, 'ENV_INVALID')) throw thrown
    return { trouble: [error('google', messageOf(thrown), 'Set the credentials of the service account')] }
  }
}

function render({ severity, subject, message, remedy }: Finding): string {
  const { sign, colour } = SIGNS[severity]
  // Wrapped as plain text: the sign is put before it afterwards.
  const text = `${colour(sign)} ${wrap(`...${subject}: ${message}`, 3).slice(3)}`
  return remedy === '' ? text : `${text}\n   ${paint.dim(wrap(remedy, 3))}`
}
