import { Command } from 'commander'
import { readEnvironment } from '../config/environment.ts'
import { isWritebackError, messageOf } from '../errors.ts'
import { examine } from '../operations/doctor/doctor.ts'
import { error, type Finding } from '../operations/doctor/finding.ts'
import { EXIT } from './exit.ts'
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
      const findings = await withSession(self, async ({ context }) => {
        const { google, trouble } = options.google ? await openGoogle() : {}
        return [...(await examine(context, google)), ...(trouble ?? [])]
      })
      if (options.json) printJson(findings)
      else for (const finding of findings) print(render(finding))
      const worst = (severity: Finding['severity']) =>
        findings.some((finding) => finding.severity === severity)
      process.exitCode = worst('error') ? EXIT.broken : worst('warning') ? EXIT.attention : EXIT.ok
    })
}

async function openGoogle() {
  try {
    const environment = readEnvironment()
    const { createSheetsClient } = await import('../sheet/client.ts')
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
