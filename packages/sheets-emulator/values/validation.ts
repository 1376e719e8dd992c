import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Entered } from './user-entered.ts'

type Rule = sheets_v4.Schema$DataValidationRule

/** The values of a drop-down; undefined for a rule that has none. */
export function choicesOf(rule: Rule | undefined): readonly string[] | undefined {
  if (rule?.condition?.type !== 'ONE_OF_LIST') return undefined
  return (rule.condition.values ?? []).map(({ userEnteredValue }) => userEnteredValue ?? '')
}

/**
 * Why a cell does not take what a person typed; undefined when it does. Only a strict rule refuses, and no rule refuses
 * an empty cell. Rules about anything but lists, checkboxes and dates are kept and not looked at.
 *
 * @param text what was typed
 * @param entered what it means
 */
export function refusalOf(
  rule: Rule | undefined,
  text: string,
  entered: Entered,
  cell: string,
): string | undefined {
  if (!rule?.strict || text === '' || accepts(rule, text.trim(), entered)) return undefined
  return `The data you entered in cell ${cell} violates the data validation rules set on this cell.${rule.inputMessage ? ` ${rule.inputMessage}` : ''}`
}

function accepts(rule: Rule, text: string, { value, formula, format }: Entered): boolean {
  // What a formula comes to is not known yet.
  if (formula !== undefined) return true
  switch (rule.condition?.type) {
    case 'ONE_OF_LIST':
      return (
        choicesOf(rule)?.includes(typeof value === 'boolean' ? String(value).toUpperCase() : text) ?? true
      )
    case 'BOOLEAN':
      return (
        typeof value === 'boolean' ||
        (rule.condition.values ?? []).some((one) => one.userEnteredValue === text)
      )
    case 'DATE_IS_VALID':
      return typeof value === 'number' && /DATE/.test(format?.type ?? '')
    default:
      return true
  }
}
