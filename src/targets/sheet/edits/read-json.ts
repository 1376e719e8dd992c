import type { ReadValue } from '../../../inbound/edit-rules.ts'
import type { CellValue } from '../cells/cell.ts'
import { quoted } from './quoted.ts'

/** JSON text, or a number or boolean, which are JSON too. `null` is what an empty cell stands for. */
export function readJson(cell: CellValue): ReadValue {
  if (typeof cell !== 'string') return { value: cell }
  try {
    const value: unknown = JSON.parse(cell, refuseLongNumbers)
    return value === null ? { refused: '"null" is no value: leave the cell empty' } : { value }
  } catch (error) {
    if (error instanceof TooLong) return { refused: `${quoted(error.message)} has too many digits` }
    return { refused: `${quoted(cell)} is no JSON: texts need double quotes` }
  }
}

class TooLong extends Error {}

/** JavaScript would round them. */
function refuseLongNumbers(
  this: unknown,
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  if (!Number.isFinite(value) || digitsOf(context.source) !== digitsOf(String(value)))
    throw new TooLong(context.source)
  return value
}

function digitsOf(number: string): string {
  const mantissa = number.split(/e/i)[0] ?? ''
  return mantissa.replace(/[-.]/g, '').replace(/^0+|0+$/g, '')
}
