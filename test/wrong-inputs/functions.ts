import { SECRET } from './secret.ts'
import type { Functions } from './stage.ts'
import type { WrongInput } from './wrong-input.ts'

/** A function that gives no answer for a record: the worker's outcome names the target, and no value of the record. */
const failing = (what: string, functions: Functions, code: string, ...names: string[]): WrongInput => ({
  what: `function: ${what}`,
  run: (stage) => stage.write(functions),
  code: 'NOT_DRAINED',
  names: ['target "airports"', code, ...names],
})

const column = (what: string, value: NonNullable<Functions['value']>, code: string, ...names: string[]) =>
  failing(`a column ${what}`, { value }, code, 'column "Size"', ...names)

const filter = (what: string, answer: NonNullable<Functions['filter']>, ...names: string[]) =>
  failing(`a filter ${what}`, { filter: answer }, 'FILTER_FAILED', 'filter', ...names)

/** A relation that was not included. */
const absent = (airport: object) => (airport as { operator: { name: string } }).operator.name

const circle = (name: string) => {
  const one: Record<string, unknown> = { name }
  one.self = one
  return one
}

/** Wrong functions of a target, found out by a worker that writes a record. */
export const FUNCTIONS: readonly WrongInput[] = [
  column('that looks at a relation that is not included', absent, 'COLUMN_FAILED', 'TypeError'),
  column(
    'that throws an error with a value in it',
    ({ name }) => {
      throw new RangeError(`cannot measure ${name}`)
    },
    'COLUMN_FAILED',
    'RangeError',
  ),
  column(
    'that throws a text',
    ({ name }) => {
      throw name
    },
    'COLUMN_FAILED',
    'string',
  ),
  column('that returns a promise', ({ name }) => Promise.resolve(name), 'COLUMN_FAILED', 'a Promise'),
  column(
    'that returns a promise that is rejected',
    ({ name }) => Promise.reject(new Error(name)),
    'COLUMN_FAILED',
    'a Promise',
  ),
  column(
    "that returns Prisma's promise",
    (_, prisma) => prisma.airport.count(),
    'COLUMN_FAILED',
    'a Promise',
  ),
  column(
    'that returns promises',
    ({ name }) => [1, 2].map(async (one) => name + one),
    'COLUMN_FAILED',
    'a list with a Promise',
  ),
  column(
    'that returns a function',
    ({ name }) =>
      () =>
        name,
    'CELL_UNSUPPORTED',
    'function',
  ),
  column('that returns a symbol', ({ name }) => Symbol(name), 'CELL_UNSUPPORTED', 'symbol'),
  column(
    'that returns a date that is none',
    ({ name }) => new Date(name),
    'CELL_UNSUPPORTED',
    'an invalid Date',
  ),
  column('that returns bytes', ({ name }) => Buffer.from(name), 'CELL_UNSUPPORTED', 'Bytes'),
  column('that returns a Map', ({ name }) => new Map([[name, 1]]), 'CELL_UNSUPPORTED', 'Map'),
  column('that returns an object with a circle', ({ name }) => circle(name), 'CELL_UNSUPPORTED', 'circles'),
  column(
    'that returns an object whose toJSON throws',
    ({ name }) => ({
      toJSON: () => {
        throw new Error(name)
      },
    }),
    'CELL_UNSUPPORTED',
  ),
  column(
    'that returns an object whose property throws',
    ({ name }) => ({
      get size() {
        throw new Error(name)
      },
    }),
    'CELL_UNSUPPORTED',
  ),
  column('that returns too long a text', ({ name }) => name.repeat(5_000), 'CELL_TOO_LONG', '50000', '95000'),
  column(
    'that returns an object that is too long as JSON',
    ({ name }) => ({ names: Array(5_000).fill(name) }),
    'CELL_TOO_LONG',
    '50000',
  ),
  {
    ...failing('none, and too long a field', {}, 'CELL_TOO_LONG', 'column "name"', '50000', '95000'),
    run: (stage) => stage.write({}, SECRET.repeat(5_000)),
  },
  filter('that looks at a relation that is not included', (airport) => absent(airport) !== '', 'TypeError'),
  filter(
    'that throws an error with a value in it',
    ({ name }) => {
      throw new RangeError(name)
    },
    'RangeError',
  ),
  filter('that returns a promise', ({ name }) => Promise.resolve(name !== ''), 'a Promise'),
  filter("that returns Prisma's promise", (_, prisma) => prisma.airport.count(), 'a Promise'),
]
