import type { WritebackConfig } from '../config/define-config.ts'
import { VARIABLES } from '../config/environment.ts'
import { readVariables } from '../config/variables.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import { editableTargets } from '../targets/editable.ts'
import { receiveSignal } from './receive-signal.ts'

/** Options of {@link scriptHandler}. */
export interface ScriptHandlerOptions {
  /**
   * What the script signs with, 32 characters or more.
   * @defaultValue the variable WRITEBACK_SCRIPT_SECRET
   */
  readonly secret?: string
  /** @defaultValue the variable DATABASE_URL */
  readonly databaseUrl?: string
}

/** Longest that a statement may take, in milliseconds: Apps Script waits for the answer. */
const TIMEOUT_MS = 10_000

/**
 * Makes the handler of a route of your application that takes the signals of the script in a spreadsheet
 * (`writeback sheet-script` prints the script): when somebody edits, a worker looks at once. It opens up to two
 * connections to the database, at the first signal, and gives them back when none comes.
 *
 * @returns a fetch handler, see `receiveSignal` for what it answers
 * @throws WritebackError `ENV_INVALID` without a usable secret or database
 *
 * @example
 * // app/api/sheet-edits/route.ts
 * import { scriptHandler } from 'prisma-writeback'
 * import config from '../../../writeback.config.ts'
 *
 * export const POST = scriptHandler(config)
 */
export function scriptHandler(
  config: WritebackConfig,
  options: ScriptHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { WRITEBACK_SCRIPT_SECRET, DATABASE_URL } = VARIABLES
  const variables = readVariables(
    { WRITEBACK_SCRIPT_SECRET, DATABASE_URL },
    {
      WRITEBACK_SCRIPT_SECRET: options.secret ?? process.env.WRITEBACK_SCRIPT_SECRET,
      DATABASE_URL: options.databaseUrl ?? process.env.DATABASE_URL,
    },
  )
  const secret = variables.WRITEBACK_SCRIPT_SECRET
  if (secret === undefined) {
    throw new WritebackError('ENV_INVALID', {
      problem: 'environment variable WRITEBACK_SCRIPT_SECRET',
      expected: WRITEBACK_SCRIPT_SECRET.expected,
      got: 'nothing',
      remedy: 'Make one with "openssl rand -hex 32", and give it to the script too',
    })
  }
  const context = {
    secret,
    schemas: config.schemas,
    spreadsheets: new Set(editableTargets(config).keys()),
    sql: lazySql(variables.DATABASE_URL),
  }
  return (request) => receiveSignal(request, context)
}

/** Connections that are opened by the first statement: the driver is not loaded where no signal comes. */
function lazySql(databaseUrl: string): Sql {
  let opening: Promise<Sql> | undefined
  const open = async (): Promise<Sql> => {
    const { default: pg } = await import('pg')
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'writeback signals',
      max: 2,
      query_timeout: TIMEOUT_MS,
      connectionTimeoutMillis: TIMEOUT_MS,
      allowExitOnIdle: true,
    })
    pool.on('error', () => {})
    return {
      query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows,
    }
  }
  return {
    async query(text, values) {
      opening ??= open()
      return (await opening).query(text, values)
    },
  }
}
