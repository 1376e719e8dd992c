import { onScene } from './scene.ts'

/** What `writeback show` says of a job, and the command that says it. */
export interface ShowOutput {
  readonly command: string
  readonly output: string
}

/**
 * What `writeback show` says of a change that waits: its target is paused, the departure has changed in the database, and
 * a person has typed another budget into the sheet.
 */
export function showOutput(columns: number): Promise<ShowOutput> {
  return onScene(0, async ({ database, emulator, ...scene }) => {
    await database.query(
      `insert into requests (id, reference, status, customer_name, passengers, budget, departure_on, comment, updated_at)
       values ('r1042', '001042', 'offered', 'Nora Lindqvist', 2, 1200, '2026-12-24', 'Window seats', now())`,
    )
    await scene.publish('Request', ['r1042'])
    const stopWorker = await scene.startWorker()
    await scene.until('the request has its row', 'select count(*) = 1 as met from sync_record')
    await scene.run(['pause', 'requests', '--actor', 'ada', '--reason', 'month-end closing'], columns)
    // A worker that starts knows at once what is paused.
    await stopWorker()
    await scene.startWorker()
    emulator.human('demo').act('type', { tab: 'Requests', cell: 'G2', text: '1350' })
    await database.query(`update requests set departure_on = '2026-12-27' where id = 'r1042'`)
    await scene.publish('Request', ['r1042'])
    const { rows } = await database.query<{ id: string }>(
      `select id from pgboss.job where name = 'sync.write-back' and state = 'created'`,
    )
    const args = ['show', rows[0]?.id ?? '']
    return { command: `npx writeback ${args.join(' ')}`, output: await scene.run(args, columns) }
  })
}
