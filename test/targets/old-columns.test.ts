import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installJobs } from '../../src/operations/install.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'

/*
 * During a release workers of the version before run beside new ones: they know `tab`, `sheet_id`, `layout` and `fence`,
 * and nothing of `place`. The statements here are theirs.
 */

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())

const run = <Row>(text: string, values?: readonly unknown[]) => sqlOf(queue.boss).query<Row>(text, values)
const target = async (name = 'requests') =>
  (
    await run<Record<string, unknown>>(
      'select place, tab, sheet_id, layout from sync_target where name = $1',
      [name],
    )
  )[0]
const lane = async (id: string) =>
  (
    await run<Record<string, unknown>>(
      'select place, fence, fence_state::text from sync_lane where id = $1',
      [id],
    )
  )[0]

describe('beside workers of the version before', () => {
  it('what an old worker finds out of a tab is known to new ones', async () => {
    await run(
      `update sync_target set sheet_id = 7, tab = 'Renamed', layout = '{"rows": 3}' where name = 'requests'`,
    )
    expect((await target())?.place).toEqual({ tab: 'Renamed', sheetId: 7, layout: { rows: 3 } })
  })

  it('what a new worker finds out is known to old ones', async () => {
    const place = { tab: 'Again', sheetId: 8, layout: { rows: 4 } }
    await run(`update sync_target set place = $1::jsonb where name = 'requests'`, [JSON.stringify(place)])
    expect(await target()).toEqual({ place, tab: 'Again', sheet_id: 8, layout: { rows: 4 } })
  })

  it('a target that an old worker registers is known, too', async () => {
    await run(
      `insert into sync_target as t (name, lane, model, tab) values ('old', 'l', 'Tag', 'Old')
       on conflict (name) do update set lane = excluded.lane, sheet_id = t.sheet_id`,
    )
    expect(await target('old')).toMatchObject({ place: { tab: 'Old', sheetId: null }, tab: 'Old' })
  })

  it('the fence goes on from where the other has left it', async () => {
    await run(`insert into sync_lane (id, holder, fence) values ('s', 'old', 41)`)
    expect((await lane('s'))?.place).toEqual({ fence: 41, fenceState: 'on' })
    await run(`update sync_lane set fence = 42, fence_state = 'off' where id = 's'`)
    expect((await lane('s'))?.place).toEqual({ fence: 42, fenceState: 'off' })
    await run(`update sync_lane set place = '{"fence": 43, "fenceState": "on"}' where id = 's'`)
    expect(await lane('s')).toMatchObject({ fence: 43, fence_state: 'on' })
  })

  it('what was stored before is carried over by the release step, also when it runs twice', async () => {
    await run('drop trigger sync_target_old_columns on sync_target')
    await run('drop trigger sync_lane_old_columns on sync_lane')
    await run(`update sync_target set place = '{}', tab = 'Before', sheet_id = 9 where name = 'requests'`)
    await run(`insert into sync_lane (id, holder, fence) values ('before', 'old', 5)`)
    for (let times = 0; times < 2; times++) {
      await installJobs(queue.database.url, queue.config)
      expect((await target())?.place).toMatchObject({ tab: 'Before', sheetId: 9 })
      expect((await lane('before'))?.place).toEqual({ fence: 5, fenceState: 'on' })
    }
  })

  it('a target of another kind keeps nothing in the columns of sheets', async () => {
    await run(
      `insert into sync_target (name, kind, lane, model, place) values ('index', 'search', 'search:index', 'Tag', '{"a": 1}')`,
    )
    expect(await target('index')).toEqual({ place: { a: 1 }, tab: '', sheet_id: null, layout: null })
  })
})
