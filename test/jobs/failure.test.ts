import { describe, expect, it } from 'vitest'
import { failureOf, TargetsFailed } from '../../jobs/failure.ts'
import { WritebackError } from '../../src/errors.ts'
import { SheetsFailure } from '../../src/targets/sheet/google/failure.ts'

const postgres = (code: string, message: string) => Object.assign(new Error(message), { code })
const prisma = (message: string) =>
  Object.assign(new Error(message), { name: 'PrismaClientUnknownRequestError' })

describe('what is told of a failure', () => {
  it('keeps code and message of errors that carry no values', () => {
    const layout = new WritebackError('SHEET_LAYOUT', { problem: 'header "Name" stands twice' })
    expect(failureOf(layout)).toEqual({ code: 'SHEET_LAYOUT', message: 'header "Name" stands twice' })
    expect(failureOf(new SheetsFailure('forbidden', 403, 'no access'))).toEqual({
      code: 'SHEET_FORBIDDEN',
      message: 'no access',
    })
    expect(failureOf(postgres('42703', 'column n.phone does not exist'))).toEqual({
      code: 'UNEXPECTED',
      message: 'column n.phone does not exist',
    })
    expect(failureOf(postgres('57P01', 'terminating connection')).code).toBe('DATABASE_UNAVAILABLE')
  })

  it.each([
    ['Postgres', postgres('22P02', 'invalid input value for enum kind: "Zaphod"')],
    ['Postgres', postgres('22003', 'value "4917012345678" is out of range for type integer')],
    [
      'Prisma',
      prisma(
        `\nInvalid \`prisma.airport.findMany()\` invocation:\n\n{ where: { name: "Zaphod" } }\n\nValue 'Zaphod' not found in enum 'Kind'`,
      ),
    ],
    ['Prisma', prisma('Conversion failed: number 4917012345678 does not fit')],
  ])('leaves out the value that %s quotes', (_, error) => {
    const { code, message } = failureOf(error)
    expect(code).toBe('UNEXPECTED')
    expect(message).not.toMatch(/Zaphod|4917012345678/)
    expect(message).toMatch(/enum|range|fit/)
  })

  it('is one line of bounded length, whatever was thrown', () => {
    expect(failureOf(`a\n${'b'.repeat(2_000)}`).message).toHaveLength(500)
    expect(failureOf(undefined)).toEqual({ code: 'UNEXPECTED', message: 'undefined' })
  })

  it('names every target that failed', () => {
    const failure = (target: string) => ({ target, code: 'SHEET_FORBIDDEN' as const, message: 'no access' })
    expect(failureOf(new TargetsFailed([failure('a'), failure('b')], []))).toEqual({
      code: 'SHEET_FORBIDDEN',
      message: 'a: no access (also b)',
    })
  })
})
