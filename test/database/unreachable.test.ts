import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { describe, expect, it } from 'vitest'
import { isUnreachable } from '../../src/database/unreachable.ts'

describe('an error says that the database cannot be reached', () => {
  it.each([
    Object.assign(new Error('terminating connection'), { code: '57P01' }),
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('Server has closed the connection.'), { code: 'P1017' }),
    Object.assign(new Error('Too many database connections opened'), { code: 'P2037' }),
    Object.assign(new Error('Timed out fetching a new connection'), { code: 'P2024' }),
    new Error('Connection terminated unexpectedly'),
    // A database that does not allow connections, and one that the user may not connect to.
    Object.assign(new Error('database "app" is not currently accepting connections'), {
      code: '55000',
      severity: 'FATAL',
    }),
    Object.assign(new Error('permission denied for database "app"'), { code: '42501', severity: 'FATAL' }),
    // As Prisma passes it on from the beginning or the end of a transaction.
    new DriverAdapterError({ kind: 'ConnectionClosed' }),
    new DriverAdapterError({ kind: 'TooManyConnections', cause: 'sorry' }),
  ])('%o', (error) => expect(isUnreachable(error)).toBe(true))

  it.each([
    Object.assign(new Error('duplicate key'), { code: '23505' }),
    Object.assign(new Error('permission denied for database app'), { code: '42501', severity: 'ERROR' }),
    Object.assign(new Error('Unique constraint failed'), { code: 'P2002' }),
    new DriverAdapterError({ kind: 'TransactionWriteConflict' }),
    new Error('ConnectionClosed by the application'),
    'ConnectionClosed',
    null,
  ])('or not: %o', (error) => expect(isUnreachable(error)).toBe(false))
})
