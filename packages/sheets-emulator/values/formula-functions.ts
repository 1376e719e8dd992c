import type { Scalar } from '../model/cell.ts'

/** An error as a cell shows it, with its ErrorValue type and why it is one. */
export class CellError {
  readonly type: string
  readonly text: string
  readonly reason: string | undefined
  constructor(type: string, text: string, reason?: string) {
    this.type = type
    this.text = text
    this.reason = reason
  }
}

// The reasons are those of the real API, as others measured them (CellData of formulas that fail, May 2026).
export const DIVIDE_BY_ZERO = new CellError(
  'DIVIDE_BY_ZERO',
  '#DIV/0!',
  'Function DIVIDE parameter 2 cannot be zero.',
)
const VALUE_ERROR = new CellError('VALUE', '#VALUE!')
export const REF_ERROR = new CellError('REF', '#REF!', 'Reference does not exist.')
export const PARSE_ERROR = new CellError('ERROR', '#ERROR!', 'Formula parse error.')

/** `#NAME?` for what nothing is called. */
export function nameError(reason: string): CellError {
  return new CellError('NAME', '#NAME?', reason)
}

/** What an expression yields; undefined is a blank cell. */
export type Value = Scalar | CellError | undefined

/** An argument: one value, or all values of a range. */
export type Argument = Value | readonly Value[]

/** The value as a number: blank is 0, text that is no number is #VALUE!. */
export function numberOf(value: Value): number | CellError {
  if (value instanceof CellError || typeof value === 'number') return value
  if (value === undefined || value === '') return 0
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = Number(value)
  return Number.isNaN(number) ? VALUE_ERROR : number
}

/** The value as text, as `&` joins it. */
export function textOf(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof CellError) return value.text
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value)
}

const NO_NUMBERS = new CellError(
  'DIVIDE_BY_ZERO',
  '#DIV/0!',
  'Evaluation of function AVERAGE caused a divide by zero error.',
)

const values = (args: readonly Argument[]): Value[] => args.flat() as Value[]
const numbers = (args: readonly Argument[]): number[] =>
  values(args).filter((value): value is number => typeof value === 'number')
const firstError = (args: readonly Argument[]): CellError | undefined =>
  values(args).find((value) => value instanceof CellError)

function aggregate(compute: (numbers: number[]) => Value): (...args: Argument[]) => Value {
  return (...args) => firstError(args) ?? compute(numbers(args))
}

const one = (argument: Argument): Value => (Array.isArray(argument) ? argument[0] : (argument as Value))

/** The functions that formulas of the emulator can call. Everything else shows #NAME?. */
export const FUNCTIONS: Readonly<Record<string, (...args: Argument[]) => Value>> = {
  SUM: aggregate((list) => list.reduce((sum, value) => sum + value, 0)),
  AVERAGE: aggregate((list) =>
    list.length === 0 ? NO_NUMBERS : list.reduce((a, b) => a + b, 0) / list.length,
  ),
  MIN: aggregate((list) => (list.length === 0 ? 0 : list.reduce((a, b) => Math.min(a, b)))),
  MAX: aggregate((list) => (list.length === 0 ? 0 : list.reduce((a, b) => Math.max(a, b)))),
  COUNT: (...args) => numbers(args).length,
  COUNTA: (...args) => values(args).filter((value) => value !== undefined).length,
  CONCATENATE: (...args) => firstError(args) ?? values(args).map(textOf).join(''),
  LEN: (argument) => textOf(one(argument)).length,
  UPPER: (argument) => textOf(one(argument)).toUpperCase(),
  LOWER: (argument) => textOf(one(argument)).toLowerCase(),
  TRIM: (argument) => textOf(one(argument)).trim().replace(/ +/g, ' '),
  ABS: (argument) => {
    const number = numberOf(one(argument))
    return number instanceof CellError ? number : Math.abs(number)
  },
  ROUND: (argument, digits) => {
    const number = numberOf(one(argument))
    const places = numberOf(one(digits))
    if (number instanceof CellError) return number
    if (places instanceof CellError) return places
    return Number(`${Math.round(Number(`${number}e${places}`))}e${-places}`)
  },
  IF: (condition, yes, no = false) => {
    const value = one(condition)
    return value instanceof CellError ? value : one(value ? yes : no)
  },
  HYPERLINK: (link, label) => (label === undefined ? one(link) : one(label)),
  TRUE: () => true,
  FALSE: () => false,
}
