import { atMost, type Measurement, told } from '../measurement.ts'
import { until } from '../peers/measure/contest.ts'
import { tabOf } from './config.ts'
import { type Building, warmUp } from './office.ts'
import type { Sizes } from './sizes.ts'

const GIVE_UP_MS = 300_000

/** A column of many rows that is pasted at once: how long until all records have it, and in how many calls. */
export async function* manyEdits(building: Building, { rows }: Sizes): AsyncGenerator<Measurement> {
  const office = await building.open({ name: 'many_edits', records: rows })
  try {
    await office.work().ready
    await warmUp(office)
    const before = office.calls()
    const texts = Array.from({ length: rows }, (_, at) => [`pasted ${at}`])
    office.person.act('paste', { tab: tabOf(0), cell: 'B2', rows: texts })
    const began = performance.now()
    const have = async () => {
      const [row] = await office.query<{ count: string }>(
        `select count(*) from requests where customer_name like 'pasted %'`,
      )
      return Number(row?.count) === rows
    }
    await until('every record has its edit', have, GIVE_UP_MS, 50)
    const seconds = (performance.now() - began) / 1000
    await office.settled()
    const after = office.calls()
    const per1000 = (calls: number) => (calls * 1000) / rows
    yield told('two_way.many.edits', rows, 'edits')
    yield told('two_way.many.all_records', seconds, 's')
    yield told('two_way.many.reads_per_1000', per1000(after.read - before.read), 'calls')
    yield atMost('two_way.many.sheet_writes', after.write - before.write, 'calls', 0)
    yield atMost('two_way.many.refused_calls', after.failed - before.failed, 'calls', 0)
  } finally {
    await office.close()
  }
}
