import type { ReadValue } from '../../../inbound/edit-rules.ts'
import { BIGINT_RANGE, intRange } from '../../../model/key-value.ts'
import type { CellValue } from '../cells/cell.ts'
import { exactNumber, plainText } from '../cells/number.ts'
import { quoted } from './quoted.ts'

/*
 * Numbers as people type them: number cells, or plain digits in a cell that is formatted as text. "1,5" is one and a half
 * to some and fifteen to others, so it is neither.
 */

const INTEGER = /^-?\d+$/
const PLAIN = /^-?\d+(\.\d+)?$/

export function readInt(cell: CellValue, nativeType: string | null): ReadValue {
  const value = typeof cell === 'string' ? exactNumber(cell.trim()) : cell
  if (typeof value !== 'number' || !Number.isInteger(value))
    return { refused: `${quoted(cell)} is no whole number` }
  const [least, most] = intRange(nativeType)
  return value < least || value > most ? outOfRange(cell, least, most) : { value: value + 0 }
}

export function readBigInt(cell: CellValue): ReadValue {
  if (typeof cell === 'number') {
    if (!Number.isInteger(cell)) return { refused: `${quoted(cell)} is no whole number` }
    if (Number.isSafeInteger(cell)) return { value: BigInt(cell) }
    return { refused: `${quoted(cell)} has more digits than a number of the sheet keeps; type it as text` }
  }
  const text = typeof cell === 'string' ? cell.trim() : ''
  if (!INTEGER.test(text)) return { refused: `${quoted(cell)} is no whole number` }
  const value = BigInt(text)
  const [least, most] = BIGINT_RANGE
  return value < least || value > most ? outOfRange(cell, least, most) : { value }
}

export function readFloat(cell: CellValue): ReadValue {
  const value = typeof cell === 'string' && PLAIN.test(cell.trim()) ? Number(cell.trim()) : cell
  if (typeof value !== 'number' || !Number.isFinite(value)) return { refused: `${quoted(cell)} is no number` }
  return { value: value + 0 }
}

/**
 * A number where 15 digits say it, else its digits as text, as conflict strategies get it too. Of a number cell the 15
 * digits count that a sheet keeps and shows: pasted, 0.1 + 0.2 is 0.3.
 */
export function readDecimal(cell: CellValue): ReadValue {
  const text = typeof cell === 'number' ? plainText(Number(cell.toPrecision(15))) : cell
  if (typeof text !== 'string' || !PLAIN.test(text.trim())) return { refused: `${quoted(cell)} is no number` }
  return { value: exactNumber(text.trim()) ?? text.trim() }
}

function outOfRange(cell: CellValue, least: number | bigint, most: number | bigint): ReadValue {
  return { refused: `${quoted(cell)} is not between ${least} and ${most}` }
}
