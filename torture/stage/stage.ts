import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stock } from '../../demo/stock-service/stock.ts'
import { readInstalled, renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import { hasServer, ownRedis, type RedisProcess } from '../../tools/own-redis.ts'
import config from '../config.ts'
import { Random } from '../random.ts'
import { type Protection, replacedPublishFunction, workerWithout } from '../without/index.ts'
import { TOO_LONG } from '../writes/poison.ts'
import { seedRecords } from '../writes/seed.ts'
import { runCommand } from './command.ts'
import { startDatabase, type TortureDatabase } from './database.ts'
import { Fleet } from './fleet.ts'
import { Sheets } from './sheets.ts'
import { templatePaths } from './template.ts'
import { Writer } from './writer.ts'

/** How changes are captured in a run. */
export type Capture = 'trigger' | 'extension'

/** What a stage is set for. */
export interface StageOptions {
  readonly seed: number
  readonly workers: number
  readonly capture: Capture
  /** A protection that is switched off, to see that its absence is found. */
  readonly without?: Protection | undefined
  /** Folder of a {@link Template}. */
  readonly template?: string | undefined
}

/** The whole system, as real processes. */
export interface Stage {
  readonly options: StageOptions
  /** Where the logs of the processes are. */
  readonly folder: string
  readonly database: TortureDatabase
  readonly sheets: Sheets
  /** The outside system. */
  readonly stock: Stock
  /** Undefined where there is none to start. */
  readonly redis: RedisProcess | undefined
  readonly fleet: Fleet
  readonly writer: Writer
  /** Environment of the library's own commands. */
  readonly env: Readonly<Record<string, string>>
  /** Runs a command of the library's. @throws {Error} when its status is not 0 */
  command(...args: readonly string[]): Promise<void>
  /** Ends everything, whatever state it is in. */
  strike(keepLogs: boolean): Promise<void>
}

/** Jobs in a batch: few, so that there are many batches. */
const BATCH_SIZE = 40

/** Sets the stage: Postgres, the emulator, the workers and the application, with the first records written. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), `writeback-torture-${options.seed}-`))
  const ends: (() => Promise<unknown>)[] = []
  const strike = async (keepLogs: boolean) => {
    for (const end of ends.splice(0).reverse()) await end().catch(() => {})
    rmSync(keepLogs ? join(folder, 'compiled') : folder, { recursive: true, force: true })
  }
  try {
    const template = options.template === undefined ? undefined : templatePaths(options.template)
    const database = await startDatabase(template && { copyOf: template.cluster })
    ends.push(() => database.stop())
    const sheets = await Sheets.start(folder)
    ends.push(() => sheets.stop())
    const stock = await Stock.start()
    ends.push(() => stock.stop())
    const redis = hasServer ? await ownRedis() : undefined
    ends.push(async () => redis?.close())
    await redis?.start()
    const env = {
      ...(redis && { TORTURE_REDIS_URL: redis.url }),
      DATABASE_URL: database.url,
      STOCK_URL: stock.url,
      SHEETS_API_URL: sheets.url,
      WRITEBACK_CONFIG: 'torture/config.ts',
      WRITEBACK_BATCH_SIZE: String(BATCH_SIZE),
      // The quota of the emulator is no limit; refusals for it are among the faults.
      SHEETS_READS_PER_MINUTE: '100000',
      SHEETS_WRITES_PER_MINUTE: '100000',
      TORTURE_CAPTURE: options.capture,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
      NO_COLOR: '1',
      // Processes are started all the time; each would compile the same modules.
      NODE_COMPILE_CACHE: template?.compiled ?? join(folder, 'compiled'),
    }
    const command = (...args: readonly string[]) => runCommand(args, env, folder)
    if (!template) await command('migrate')
    await prepareDatabase(database, options)
    // A worker's options of V8 differ: in one folder, workers and the rest would write what they compiled at every start.
    const own = { ...env, NODE_COMPILE_CACHE: join(env.NODE_COMPILE_CACHE, 'workers') }
    const fleet = new Fleet(workerWithout(options.without), own, folder)
    ends.push(() => fleet.close())
    const dynos = Array.from({ length: options.workers }, () => fleet.add())
    const writer = await Writer.start(env, folder)
    ends.push(() => writer.stop())
    await Promise.all(dynos.map((dyno) => fleet.ready(dyno)))
    const { outcome, error } = await writer.write(seedRecords.name, new Random(options.seed).salt())
    if (outcome !== 'done') throw new Error(`the first records could not be written (${outcome}): ${error}`)
    return { options, folder, database, sheets, stock, redis, fleet, writer, env, command, strike }
  } catch (error) {
    await strike(true)
    throw error
  }
}

/** How a record of a target loses its row, other than by being deleted. */
const GONE: Readonly<Record<string, { table: string; key: string; lost: string }>> = {
  requests: { table: 'requests', key: 'old.id', lost: 'old.id <> new.id' },
  items: {
    table: 'request_items',
    key: `old.request_id || '|' || old.position`,
    lost: '(old.request_id, old.position) <> (new.request_id, new.position)',
  },
  operators: { table: 'operators', key: 'old.operator_id::text', lost: 'false' },
  revenue: { table: '"Revenue"', key: 'old.id::text', lost: 'old.id <> new.id' },
  notes: { table: 'notes', key: 'old.id::text', lost: `new.author = 'hidden'` },
  desk: { table: 'notes', key: 'old.id::text', lost: 'false' },
}

/** Every value that a note has had, by the header that shows it, and through which connections it got it. */
const NOTES_HISTORY = `
  create table torture_note (at bigserial primary key, moment timestamptz default clock_timestamp(),
    act text, key text, header text, value text, writer text);
  create function torture_note() returns trigger language plpgsql as $$
  declare
    writer text := current_setting('application_name');
  begin
    if tg_op = 'DELETE' then
      insert into torture_note (act, key, writer) values ('delete', old.id, writer);
      return null;
    end if;
    insert into torture_note (act, key, header, value, writer)
    select lower(tg_op), new.id, v.header, v.value, writer
    from (values ('Request', new.request_id, case when tg_op = 'UPDATE' then old.request_id end),
      ('Author', new.author, case when tg_op = 'UPDATE' then old.author end),
      ('Text', new.body, case when tg_op = 'UPDATE' then old.body end),
      ('Pinned', new.pinned::text, case when tg_op = 'UPDATE' then old.pinned::text end)) as v (header, value, before)
    where v.value is distinct from v.before;
    return null;
  end $$;
  create trigger torture_note after insert or update or delete on notes
  for each row execute function torture_note()`

/** The triggers, and what the harness wants to know of the database for itself. */
async function prepareDatabase(database: TortureDatabase, options: StageOptions): Promise<void> {
  const client = await database.connect()
  try {
    // What migrations and the application make belongs to the application's role.
    await client.query('set role app')
    if (options.capture === 'trigger') {
      const sql = {
        query: async (text: string, values?: readonly unknown[]) =>
          (await client.query(text, values as unknown[])).rows,
      }
      const installed = await readInstalled(sql as never, config.schemas)
      const migration = renderTriggerMigration(config, installed, new Date())
      if (migration) await client.query(migration.sql)
    }
    if (options.without === 'lock') await client.query(replacedPublishFunction(config.schemas))
    await client.query(`
      create table torture_poison (record text primary key);
      create function torture_note_poison() returns trigger language plpgsql as $$
      begin
        insert into torture_poison values (new.id) on conflict do nothing;
        return null;
      end $$;
      create trigger torture_poison after insert or update on requests
      for each row when (length(new.comment) >= ${TOO_LONG}) execute function torture_note_poison()`)
    await client.query('create table torture_gone (target text, key text, primary key (target, key))')
    for (const [target, { table, key, lost }] of Object.entries(GONE)) {
      await client.query(`
        create function torture_gone_${target}() returns trigger language plpgsql as $$
        begin
          if tg_op = 'DELETE' or ${lost} then
            insert into torture_gone values ('${target}', ${key}) on conflict do nothing;
          end if;
          return null;
        end $$;
        create trigger torture_gone_${target} after update or delete on ${table}
        for each row execute function torture_gone_${target}()`)
    }
    await client.query(NOTES_HISTORY)
  } finally {
    await client.end()
  }
}
