/** Values shorter than this are taken out of a message only where they stand in quotes by themselves. */
const TELLING = 3
/** What engines put in quotes of one sort or another: names, and values. */
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]/g
const HIDDEN = '…'

/**
 * An engine's message about a document, without the values of it: operators see why a record was refused, and read what
 * it says in the database, if they may.
 */
export function withoutValues(message: string, document: unknown): string {
  const values = [...new Set(leaves(document))].sort((a, b) => b.length - a.length)
  const telling = values.filter(({ length }) => length >= TELLING)
  const shown = message.replace(QUOTED, (quoted) => {
    const text = quoted.slice(1, -1)
    const isValue =
      text !== '' &&
      (values.includes(text) ||
        telling.some((value) => text.includes(value) || (text.length >= TELLING && value.includes(text))))
    return isValue ? `${quoted[0]}${HIDDEN}${quoted.at(-1)}` : quoted
  })
  return telling.reduce((text, value) => text.replaceAll(value, HIDDEN), shown)
}

/** Every value of a document, as text. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(leaves)
}
