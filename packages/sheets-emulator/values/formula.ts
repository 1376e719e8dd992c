import { type Token, tokenize } from '../model/formula-tokens.ts'
import type { Rect } from '../model/rect.ts'
import { cornerOf, titleOf } from '../model/references.ts'
import {
  type Argument,
  CellError,
  DIVIDE_BY_ZERO,
  FUNCTIONS,
  nameError,
  numberOf,
  PARSE_ERROR,
  REF_ERROR,
  textOf,
  type Value,
} from './formula-functions.ts'

/** Reads cells for a formula. `title` is undefined for the formula's own tab. */
export type ReadCells = (title: string | undefined, range: Rect) => readonly Value[] | undefined

/**
 * Computes a formula: arithmetic, comparison, `&`, cells and ranges of any tab, and the functions of
 * {@link FUNCTIONS}. Enough for the formulas people keep beside mirrored columns; not a spreadsheet engine.
 *
 * @param formula with its leading `=`
 */
export function evaluate(formula: string, read: ReadCells): Value {
  const tokens = tokenize(formula.slice(1))
  if (!tokens || tokens.length === 0) return PARSE_ERROR
  try {
    const parser = new Parser(tokens, read)
    const result = parser.comparison()
    if (!parser.done) return PARSE_ERROR
    const value = Array.isArray(result) ? result[0] : (result as Value)
    return value === undefined ? 0 : value
  } catch (error) {
    if (error instanceof CellError) return error
    throw error
  }
}

const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #read: ReadCells
  #at = 0

  constructor(tokens: readonly Token[], read: ReadCells) {
    this.#tokens = tokens
    this.#read = read
  }

  get done(): boolean {
    return this.#at === this.#tokens.length
  }

  comparison(): Argument {
    let left = this.#joined()
    for (
      let op = this.#take('=', '<>', '<', '>', '<=', '>=');
      op;
      op = this.#take('=', '<>', '<', '>', '<=', '>=')
    ) {
      left = COMPARE[op]!(order(single(left), single(this.#joined())))
    }
    return left
  }

  #joined(): Argument {
    let left = this.#sum()
    while (this.#take('&')) left = textOf(single(left)) + textOf(single(this.#sum()))
    return left
  }

  #sum(): Argument {
    let left = this.#product()
    for (let op = this.#take('+', '-'); op; op = this.#take('+', '-')) {
      const name = op === '+' ? 'ADD' : 'MINUS'
      const [a, b] = [number(left, name, 1), number(this.#product(), name, 2)]
      left = op === '+' ? a + b : a - b
    }
    return left
  }

  #product(): Argument {
    let left = this.#power()
    for (let op = this.#take('*', '/'); op; op = this.#take('*', '/')) {
      const name = op === '*' ? 'MULTIPLY' : 'DIVIDE'
      const [a, b] = [number(left, name, 1), number(this.#power(), name, 2)]
      if (op === '/' && b === 0) throw DIVIDE_BY_ZERO
      left = op === '*' ? a * b : a / b
    }
    return left
  }

  #power(): Argument {
    const base = this.#unary()
    return this.#take('^') ? number(base, 'POW', 1) ** number(this.#power(), 'POW', 2) : base
  }

  #unary(): Argument {
    if (this.#take('-')) return -number(this.#unary(), 'UMINUS', 1)
    if (this.#take('+')) return this.#unary()
    const value = this.#primary()
    return this.#take('%') ? number(value, 'UNARY_PERCENT', 1) / 100 : value
  }

  #primary(): Argument {
    const token = this.#tokens[this.#at++]
    if (!token) throw PARSE_ERROR
    if (token.kind === 'operator' && token.text === '(') return this.#closed(this.comparison())
    if (token.kind === 'string') return token.text.slice(1, -1).replaceAll('""', '"')
    if (token.kind === 'sheet') return this.#range(titleOf(token.text), this.#tokens[this.#at++])
    if (token.kind === 'number' && !this.#peek(':')) return Number(token.text)
    if (token.kind === 'name' && this.#take('(')) return this.#call(token.text)
    return this.#range(undefined, token)
  }

  #call(name: string): Value {
    const call = FUNCTIONS[name.toUpperCase()]
    const args: Argument[] = []
    if (!this.#take(')')) {
      do args.push(this.#peek(',', ')') ? undefined : this.comparison())
      while (this.#take(',', ';'))
      if (!this.#take(')')) throw PARSE_ERROR
    }
    if (!call) throw nameError(`Unknown function: '${name}'.`)
    const result = call(...args)
    if (result instanceof CellError) throw result
    return result
  }

  #closed<T>(value: T): T {
    if (!this.#take(')')) throw PARSE_ERROR
    return value
  }

  #range(title: string | undefined, from: Token | undefined): Argument {
    const to = this.#take(':') ? this.#tokens[this.#at++] : undefined
    if (from?.kind === 'name' && !to && /^(true|false)$/i.test(from.text)) return /^t/i.test(from.text)
    if (from?.text === '#REF!') throw REF_ERROR
    const range = rect(from, to ?? from)
    if (!range || (!to && range.endRow === Number.POSITIVE_INFINITY))
      throw nameError(`Unknown range name: '${from?.text.toUpperCase() ?? ''}'.`)
    const values = this.#read(title, range)
    if (!values) throw REF_ERROR
    return to ? values : single(values)
  }

  #peek(...operators: string[]): boolean {
    const token = this.#tokens[this.#at]
    return token?.kind === 'operator' && operators.includes(token.text)
  }

  #take(...operators: string[]): string | undefined {
    return this.#peek(...operators) ? this.#tokens[this.#at++]!.text : undefined
  }
}

function single(argument: Argument): Value {
  const value = Array.isArray(argument) ? argument[0] : (argument as Value)
  if (value instanceof CellError) throw value
  return value
}

/** @param name of the function that an operator is, and which of its parameters this is, for the reason of an error */
function number(argument: Argument, name: string, parameter: number): number {
  const value = single(argument)
  const result = numberOf(value)
  if (!(result instanceof CellError)) return result
  const reason = `Function ${name} parameter ${parameter} expects number values. But '${textOf(value)}' is a text and cannot be coerced to a number.`
  throw new CellError('VALUE', '#VALUE!', reason)
}

/** Numbers come before text, text before booleans; text compares without case. */
function order(a: Value, b: Value): number {
  const rank = (value: Value): number => (typeof value === 'boolean' ? 2 : typeof value === 'string' ? 1 : 0)
  if (rank(a) !== rank(b) && a !== undefined && b !== undefined) return rank(a) - rank(b)
  if (rank(a) === 1 || rank(b) === 1) return textOf(a).toLowerCase().localeCompare(textOf(b).toLowerCase())
  return Number(a ?? 0) - Number(b ?? 0)
}

function rect(from: Token | undefined, to: Token | undefined): Rect | undefined {
  const a = cornerOf(from)
  const b = cornerOf(to)
  if (!a || !b) return undefined
  const [startRow, endRow] = span(a.row, b.row)
  const [startColumn, endColumn] = span(a.column, b.column)
  return { startRow, endRow, startColumn, endColumn }
}

function span(a: number | undefined, b: number | undefined): [number, number] {
  if (a !== undefined && b !== undefined) return [Math.min(a, b), Math.max(a, b) + 1]
  return [a ?? b ?? 0, Number.POSITIVE_INFINITY]
}
