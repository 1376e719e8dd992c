import { onScene, type Scene } from './scene.ts'

/** Requests that change at once, and how many of them are written when the picture is taken. */
const BACKLOG = 50_000
const DONE = 12_000

/** Time a call of the local sheet takes: as much as keeps the picture's numbers plausible for Google's. */
const LATENCY_MS = 350

/** What `writeback status` says while a worker drains a backlog of one target, and people have broken the tab of another. */
export function statusOutput(columns: number): Promise<string> {
  return onScene(LATENCY_MS, async (scene) => {
    await addAirports(scene, ['LAX', 'SFO'])
    await scene.startWorker()
    await scene.until('the airports have rows', 'select count(*) = 2 as met from sync_record')
    // Somebody has typed over the header of the key.
    scene.emulator.human('demo').act('type', { tab: 'Airports', cell: 'A1', text: 'Code' })
    await addAirports(scene, ['JFK'])
    await scene.until(
      'the tab is found broken',
      `select last_error_code is not null as met from sync_target where name = 'airports'`,
    )
    await addRequests(scene)
    await scene.until(
      'a part of the backlog is written',
      `select coalesce(max(settled), 0) >= ${DONE} as met from sync_progress where target = 'requests'`,
    )
    return await scene.run(['status'], columns, [3, 4])
  })
}

async function addAirports(scene: Scene, codes: readonly string[]): Promise<void> {
  await scene.database.query(
    `insert into airports (iata_code, name, country, latitude, longitude)
     select code, 'Airport ' || code, 'USA', 1, 2 from unnest($1::text[]) code`,
    [codes],
  )
  await scene.publish('Airport', codes)
}

async function addRequests(scene: Scene): Promise<void> {
  const { rows } = await scene.database.query<{ id: string }>(
    `insert into requests (id, reference, customer_name, budget, departure_on, updated_at)
     select 'r' || lpad(i::text, 6, '0'), lpad(i::text, 6, '0'), 'Customer ' || i, 1200 + i, current_date + i % 300, now()
     from generate_series(1, ${BACKLOG}) i returning id`,
  )
  await scene.publish(
    'Request',
    rows.map(({ id }) => id),
  )
}
