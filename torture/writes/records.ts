import type { Prisma } from '../../prisma/generated/client/client.ts'
import type { Random } from '../random.ts'
import { amount, day, moment, operatorIds, requestIds, text } from './write.ts'

/*
 * The data of random records.
 */

const STATUSES = ['NEW', 'IN_PROGRESS', 'OFFERED', 'BOOKED', 'CANCELLED'] as const
const KINDS = ['FLIGHT', 'HOTEL', 'TRANSFER'] as const
const LANGUAGES = ['de', 'en', 'fr', 'it'] as const

export function requestFields(random: Random) {
  return {
    status: random.of(STATUSES),
    customerName: text(random) || 'nobody',
    passengers: random.between(1, 9),
    budget: random.chance(0.8) ? amount(random) : null,
    departureOn: random.chance(0.7) ? day(random) : null,
    confirmedAt: random.chance(0.5) ? moment(random) : null,
    comment: random.chance(0.8) ? text(random) : null,
    operatorId: random.chance(0.8) ? random.of(operatorIds) : null,
  }
}

export function newRequest(random: Random, id: string): Prisma.RequestUncheckedCreateInput {
  return { id, reference: `0${id}`, ...requestFields(random) }
}

export function itemFields(random: Random) {
  return {
    kind: random.of(KINDS),
    title: text(random) || 'untitled',
    price: random.chance(0.8) ? amount(random) : null,
    startsAt: random.chance(0.5) ? moment(random) : null,
  }
}

export function operatorFields(random: Random) {
  return {
    name: text(random) || 'nameless',
    commissionRate: `0.${String(random.between(0, 9999)).padStart(4, '0')}`,
    rating: random.chance(0.7) ? random.between(0, 50) / 10 : null,
    active: random.chance(0.7),
    languages: random.some(LANGUAGES, 0, 3),
    foundedOn: random.chance(0.6) ? day(random) : null,
    settings: { tier: random.between(1, 3), note: text(random) },
  }
}

export function newOperator(random: Random, id: number): Prisma.OperatorUncheckedCreateInput {
  return {
    id,
    code: String(id).padStart(3, '0'),
    countryCode: 'DE',
    // Beyond 15 digits a number would be rounded in a sheet.
    legacyId: random.chance(0.5) ? 9_007_199_254_740_000n + BigInt(id) : BigInt(id),
    ...operatorFields(random),
  }
}

export function revenueFields(random: Random) {
  return {
    kind: random.of(['commission', 'fee', 'refund'] as const),
    amount: random.chance(0.2)
      ? `12345678901234.${random.between(1000, 9999)}`
      : `${amount(random)}${random.between(10, 99)}`,
    exchangeRate: random.between(1, 99_999) / 10_000,
    minorUnits: random.chance(0.2)
      ? 9_007_199_254_740_993n + BigInt(random.between(0, 99))
      : BigInt(random.between(0, 9999)),
    accountingOn: day(random),
    bookedAt: moment(random),
    settled: random.chance(0.5),
    ...(random.chance(0.6) && { meta: { by: text(random), steps: [1, 2, random.between(3, 9)] } }),
  }
}

export function newRevenue(random: Random, id: bigint): Prisma.RevenueUncheckedCreateInput {
  const requestId = random.chance(0.3) ? random.of(requestIds) : null
  return { id, currency: 'EUR', requestId, ...revenueFields(random) }
}

export function noteFields(random: Random) {
  return {
    // A hidden one has no row.
    author: random.chance(0.25) ? 'hidden' : `author ${random.between(1, 5)}`,
    body: text(random),
    pinned: random.chance(0.3),
  }
}
