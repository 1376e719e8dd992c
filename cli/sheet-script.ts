import { Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig } from '../src/config/load-config.ts'
import { WritebackError } from '../src/errors.ts'
import { appsScript } from '../src/inbound/apps-script.ts'
import { editableTargets } from '../src/targets/editable.ts'
import { spreadsheetIdIn } from '../src/targets/sheet/config/spreadsheet-id.ts'

/** Shortest secret. */
const SECRET_LENGTH = 32

interface Options {
  readonly target?: string
  readonly spreadsheet?: string
  readonly url: string
  readonly secretEnv: string
}

/** `writeback sheet-script`: the script in a spreadsheet that tells of edits at once. */
export function sheetScriptCommand(): Command {
  return new Command('sheet-script')
    .description('print the Apps Script with which a spreadsheet tells of edits at once')
    .addOption(new Option('--target <name>', 'for the spreadsheet of this target').conflicts('spreadsheet'))
    .addOption(
      new Option('--spreadsheet <id>', 'for this spreadsheet: its id or its address').argParser(spreadsheet),
    )
    .requiredOption(
      '--url <url>',
      'where it posts to: the route with scriptHandler, or /sheet-edits of a worker',
      url,
    )
    .option(
      '--secret-env <name>',
      'variable, and script property, that holds the secret',
      'WRITEBACK_SCRIPT_SECRET',
    )
    .action(async (options: Options, command: Command) => {
      const spreadsheetId = options.spreadsheet ?? (await laneOf(options.target, command))
      process.stdout.write(appsScript({ spreadsheetId, url: options.url, property: options.secretEnv }))
      const advice = adviceOn(options.secretEnv)
      if (advice !== undefined) process.stderr.write(`${advice}\n`)
    })
}

async function laneOf(name: string | undefined, command: Command): Promise<string> {
  const config = await loadConfig(command.optsWithGlobals().config)
  const targets = [...editableTargets(config).values()].flat()
  const found = targets.filter((target) => name === undefined || target.name === name)
  const lanes = new Set(found.map(({ lane }) => lane))
  const [lane] = lanes
  if (lane !== undefined && lanes.size === 1) return lane
  throw new WritebackError(name === undefined ? 'OPERATION_INVALID' : 'TARGET_UNKNOWN', {
    problem: name === undefined ? 'it is not clear which spreadsheet is meant' : `target "${name}"`,
    expected: `--target with one that has writable columns: ${targets.map((target) => target.name).join(', ') || 'there is none'}`,
  })
}

function adviceOn(variable: string): string | undefined {
  const length = process.env[variable]?.trim().length ?? 0
  if (length >= SECRET_LENGTH) return undefined
  return `${variable} is ${length === 0 ? 'not set' : `shorter than ${SECRET_LENGTH} characters`} here. Make a secret with "openssl rand -hex 32"; a worker reads it from WRITEBACK_SCRIPT_SECRET, a handler from there or from its options, the script from its property ${variable}.`
}

function spreadsheet(text: string): string {
  const id = spreadsheetIdIn(text)
  if (id === undefined) throw new InvalidArgumentError("Expected a spreadsheet's id or address.")
  return id
}

function url(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  // It is Google who posts: from there nothing but a public address can be reached, and the editor's address goes along.
  if (parsed?.protocol === 'https:') return parsed.href
  throw new InvalidArgumentError('Expected a URL that begins with https:.')
}
