import { tmpdir } from 'node:os'
import { runCommand, runProcess } from './command-line.ts'
import { SECRET } from './secret.ts'
import type { WrongInput } from './wrong-input.ts'

const ID = '00000000-0000-4000-8000-000000000000'
const url = `postgres://user:${SECRET}@db/app`

const refused =
  (code: WrongInput['code']) =>
  (what: string, args: readonly string[], ...names: string[]): WrongInput => ({
    what: `arguments: ${what}`,
    run: (stage) => runCommand(stage, args),
    code,
    names,
  })

const usage = refused('USAGE')
const target = refused('TARGET_UNKNOWN')
const impossible = refused('OPERATION_INVALID')
const setting = refused('CONFIG_INVALID')

/** The command as a process of its own, from its first line on. */
const asProcess = (
  what: string,
  code: WrongInput['code'],
  args: readonly string[],
  names: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): WrongInput => ({
  what: `process: ${what}`,
  run: (stage) => runProcess(stage, code === 'USAGE' ? 2 : 1, args, variables),
  code,
  names,
})

/** Wrong arguments of the command line. */
export const ARGUMENTS: readonly WrongInput[] = [
  usage('an unknown command', ['frob'], "unknown command 'frob'"),
  usage('a misspelt command', ['statsu'], 'statsu', 'Did you mean status?'),
  usage('an unknown option', ['status', '--verbose'], "unknown option '--verbose'"),
  usage('a misspelt option', ['jobs', '--targt', 'airports'], '--targt', 'Did you mean --target?'),
  usage('a secret in an unknown option', ['status', `--database-url=${url}`], '--database-url', '***'),
  usage('a secret for a command', [url], 'unknown command', '***'),
  usage('an option of another command', ['worker', '--json'], '--json'),
  usage('an argument too many', ['pause', 'airports', 'requests'], 'pause', 'Expected 1 argument'),
  usage('no target to pause', ['pause'], "argument 'target'"),
  usage('no job to show', ['show'], "argument 'id'"),
  usage('a record for a job', ['show', 'TXL'], "'TXL'", "argument 'id'", 'an id as the lists show it'),
  usage('a number for a job', ['retry', '42'], "'42'", "argument 'ids'", 'an id'),
  usage('--config without a file', ['status', '--config'], '--config', 'argument missing'),
  usage('a state that there is not', ['jobs', '--state', 'sad'], '--state', 'waiting, delayed'),
  usage('a state that cannot be retried', ['retry', '--state', 'completed'], '--state', 'dead, retrying'),
  usage('a state of conflicts', ['conflicts', '--state', 'closed'], '--state', 'open, resolved, all'),
  usage('a word for a number', ['jobs', '--limit', 'ten'], '--limit', 'a positive whole number'),
  usage('no jobs at all', ['jobs', '--limit', '0'], '--limit', 'a positive whole number'),
  usage('a negative number', ['conflicts', '--limit=-5'], '--limit', 'a positive whole number'),
  usage('part of a job', ['jobs', '-n', '1.5'], '--limit', 'a positive whole number'),
  usage('more jobs than there can be', ['jobs', '-n', '1e99'], '--limit', 'a positive whole number'),
  usage('a word for an age', ['jobs', '--older-than', 'soon'], '--older-than', '90s, 15m, 2h or 7d'),
  usage('an age without a unit', ['retry', '--older-than', '5'], '--older-than', '90s, 15m, 2h or 7d'),
  usage('an age in words', ['discard', '--older-than', '2 days'], '--older-than', '90s, 15m, 2h or 7d'),
  usage('an age before the first record', ['jobs', '--older-than', `${'9'.repeat(20)}d`], '--older-than'),
  usage('an interval of nothing', ['status', '--watch', '0s'], '--watch', '1s'),
  usage('an interval that no timer can', ['status', '--watch', '60d'], '--watch', '1d'),
  usage('a word for a time', ['reconcile', '--timeout', 'never'], '--timeout', '90s, 15m, 2h or 7d'),
  usage('no side', ['resolve', ID], '--take'),
  usage('a side that there is not', ['resolve', ID, '--take', 'both'], '--take', 'sheet, database, value'),
  usage('text for JSON', ['resolve', ID, '--take', 'value', '--value', 'new'], '--value', 'in quotes'),
  usage('a list for a value', ['resolve', ID, '--take', 'value', '--value', '[1]'], '--value', 'JSON'),
  usage('--check with --sql', ['triggers', '--check', '--sql'], '--check', '--sql'),
  usage('a port out of range', ['sheet', '--port', '70000'], '--port', '0 to 65535'),
  usage('a port that is no number', ['sheet', '--port', 'http'], '--port', '0 to 65535'),
  usage(
    'the title of a spreadsheet',
    ['init', '--spreadsheet', 'My trips'],
    '--spreadsheet',
    'id or its whole address',
  ),

  target('an unknown target to pause', ['pause', 'nobody'], 'nobody', 'airports, requests'),
  target('an unknown target to resume', ['resume', 'Airports'], 'Airports', 'airports, requests'),
  target('an unknown target to compare', ['reconcile', 'nobody'], 'nobody', 'airports, requests'),
  target('jobs of an unknown target', ['jobs', '-t', 'nobody'], 'nobody', 'airports, requests'),
  target('conflicts of an unknown target', ['conflicts', '-t', 'nobody'], 'nobody', 'airports, requests'),
  target('retries of an unknown target', ['retry', '-t', 'nobody', '-y'], 'nobody', 'airports, requests'),
  target('the empty name of a target', ['jobs', '--target='], 'airports, requests'),

  impossible('an empty record', ['jobs', '--record='], 'record', 'an empty text'),
  impossible('an empty error', ['jobs', '--error='], 'error', 'an empty text'),
  impossible('a job that there is not', ['show', ID, '--no-place'], ID, 'cleaned up'),
  impossible('a dead letter that there is not', ['retry', ID], ID, 'writeback jobs'),
  impossible('a conflict that there is not', ['resolve', ID, '--take', 'sheet'], ID, 'writeback conflicts'),
  impossible('retries of nothing in particular', ['retry', '--yes'], 'ids, a record, a target'),
  impossible('discards of nothing in particular', ['discard', '--yes'], 'ids, a record, a target'),
  impossible(
    'a value for a side',
    ['resolve', ID, '--take', 'sheet', '--value', '1'],
    '--value',
    '--take sheet',
  ),
  impossible('no value for --take value', ['resolve', ID, '--take', 'value'], '--value <json>'),
  impossible('nobody who acts', ['pause', 'airports', '--actor', ' '], 'the name of a person'),
  impossible('a folder for the file of the sheet', ['sheet', '--port', '0', '--data', tmpdir()], '--data'),

  setting('a configuration that is not there', ['status', '-c', 'nowhere.ts'], 'nowhere.ts', '--config'),

  asProcess(
    'an unknown command',
    'USAGE',
    ['retyr', '--all'],
    ["unknown command 'retyr'", 'Did you mean retry?'],
  ),
  asProcess('an unknown target', 'TARGET_UNKNOWN', ['pause', 'nobody'], ['nobody', 'airports, requests']),
  asProcess('a database that is not there', 'DATABASE_UNAVAILABLE', ['status'], ['Postgres'], {
    DATABASE_URL: `postgres://user:${SECRET}@127.0.0.1:9/app`,
  }),
  asProcess('a database that is none', 'ENV_INVALID', ['worker'], ['DATABASE_URL', 'mysql:'], {
    DATABASE_URL: `mysql://user:${SECRET}@127.0.0.1:9/app`,
  }),
  asProcess(
    'no password for the dashboard',
    'ENV_INVALID',
    ['dashboard'],
    ['PGBOSS_DASHBOARD_AUTH_PASSWORD'],
  ),
  {
    ...asProcess(
      'a configuration that does not parse',
      'CONFIG_INVALID',
      [],
      ['broken.mjs:2', 'JavaScript that parses'],
    ),
    run: (stage) =>
      runProcess(stage, 1, [
        'status',
        '-c',
        stage.file('broken.mjs', 'export default {\n  targets: [,,:]\n}'),
      ]),
  },
]
