import type { App, Write } from '../peer.ts'
import { randomOf } from '../random.ts'

/** What the application does to one record. */
export interface Operation {
  readonly kind: 'create' | 'update' | 'delete' | 'abandon'
  readonly iata: string
  readonly name: string
}

/** Records that operations are about: few enough to be written again and again. */
const RECORDS = 120

/**
 * The work of the fault measurement, the same for every peer: of ten operations about two create a record, six update
 * one, one deletes one, and one is rolled back. Many find nothing to do, as with people.
 */
export function operationsOf(seed: number, count: number): readonly Operation[] {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, at) => {
    const iata = `F${random(0, RECORDS - 1)}`
    const dice = random(1, 10)
    // The first ones make records, or there would be nothing to update.
    const creates = at < RECORDS / 2 ? 8 : 2
    const kind = dice <= creates ? 'create' : dice <= 8 ? 'update' : dice === 9 ? 'delete' : 'abandon'
    return { kind, iata, name: `operation ${at}` }
  })
}

/** Does one operation. @throws what the database or the queue throws; also when there is nothing to do */
export async function carryOut(app: App, { kind, iata, name }: Operation): Promise<void> {
  const update: Write = ({ airport }) => airport.update({ where: { iata }, data: { name } })
  switch (kind) {
    case 'create': {
      const data = { iata, name, country: 'DE', latitude: 1, longitude: 2 }
      await app.write(iata, ({ airport }) => airport.create({ data }))
      return
    }
    case 'update':
      await app.write(iata, update)
      return
    case 'delete':
      await app.write(iata, ({ airport }) => airport.delete({ where: { iata } }))
      return
    case 'abandon':
      await app.abandon(iata, update)
  }
}
