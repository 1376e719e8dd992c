import { once } from 'node:events'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Emulator } from '../packages/sheets-emulator/index.ts'
import { messageOf, WritebackError } from '../src/errors.ts'

/** The id of the spreadsheet that is there from the beginning. */
const SPREADSHEET = 'local'

/** `writeback sheet`: a local Google Sheet, to try the library without an account. */
export function sheetCommand(): Command {
  return new Command('sheet')
    .description('serve a local Google Sheet until Ctrl+C: no account, any spreadsheet id')
    .addOption(
      new Option('--port <port>', 'port of 127.0.0.1, 0 for any free one').default(4010).argParser(port),
    )
    .option('--data <file>', 'keep the spreadsheets in this file (default: they end with the command)')
    .action(async (options: { port: number; data?: string }) => {
      const emulator = await start(options)
      const kept =
        options.data === undefined
          ? 'Nothing is kept: with Ctrl+C all spreadsheets are gone. "--data sheet.json" keeps them in a file.\n'
          : `They are kept in ${options.data}.\n`
      const address = `${emulator.url}spreadsheets/${SPREADSHEET}`
      process.stdout.write(`A local Google Sheet is at ${address}; all of them are listed at ${emulator.url}

Set this for the worker, in .env for example; no credentials of Google are needed then:

SHEETS_API_URL=${emulator.url}
SPREADSHEET_ID=${SPREADSHEET}

${kept}
Where writeback.config.ts names an id instead of SPREADSHEET_ID, it may stay: a spreadsheet comes to be as it is asked for.
`)
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
      await emulator.close()
    })
}

async function start({ port, data }: { readonly port: number; readonly data?: string }): Promise<Emulator> {
  const { startEmulator } = await import('../packages/sheets-emulator/index.ts')
  let emulator: Emulator
  try {
    emulator = await startEmulator({ port, dataFile: data })
  } catch (error) {
    throw new WritebackError('OPERATION_INVALID', {
      problem: 'the local sheet cannot be served',
      got: messageOf(error),
      remedy:
        'Another port is named with --port, 0 for any free one; --data wants a file that this command has made',
      cause: error,
    })
  }
  const { spreadsheets } = emulator.control
  const make = (id: string | undefined) => {
    if (id !== undefined && spreadsheets.get(id) === undefined)
      emulator.createSpreadsheet({ properties: { title: id } }, id)
  }
  make(SPREADSHEET)
  emulator.control.before(({ spreadsheetId }) => make(spreadsheetId))
  return emulator
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.')
}
