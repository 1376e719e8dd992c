/*
 * What can be told of a raw statement without a parser of SQL. When in doubt it names a table: a report too many is
 * read and understood, a write that is missed in silence is not.
 */

const WRITES = /\b(insert|update|delete|merge|truncate|copy|call|do)\b/i

/** Whether a statement may write. */
export function mayWrite(sql: string): boolean {
  return WRITES.test(sql)
}

/**
 * Whether a statement names a table, however it is written: in quotes or without, with a schema, in unicode escapes.
 *
 * @returns answers for each table's name
 */
export function namesTable(sql: string): (table: string) => boolean {
  const text = withoutEscapes(sql).toLowerCase()
  // A name without quotes has letters and digits of all alphabets.
  const words = new Set(text.match(/[\w$\u0080-\uffff]+/g))
  return (table) => {
    const name = table.toLowerCase()
    // Quotes are not paired: one may stand in a literal or in a comment before.
    return words.has(name) || text.includes(`"${name.replaceAll('"', '""')}"`)
  }
}

/** `U&"d\0061t"` as `"dat"`. */
function withoutEscapes(sql: string): string {
  const escaped = /u&"((?:[^"]|"")*)"(?:\s*uescape\s*'([^'])')?/gi
  return sql.replace(escaped, (_all, name: string, mark = '\\') => {
    const character = mark.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
    const codes = new RegExp(`${character}(?:\\+([0-9a-f]{6})|([0-9a-f]{4})|(${character}))`, 'gi')
    const plain = name.replace(codes, (_code, long?: string, short?: string) => {
      const code = Number.parseInt(long ?? short ?? '', 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : mark
    })
    return `"${plain}"`
  })
}

/** The verb of a statement's first write and what it names, for a log: no values of the application's data. */
export function rawWrite(sql: string): string | undefined {
  const name = '(?:"(?:[^"]|"")+"|[\\w$\\u0080-\\uffff]+)'
  const verbs = 'insert\\s+into|update|delete\\s+from|merge\\s+into|truncate(?:\\s+table)?|copy|call'
  const write = new RegExp(`\\b(?:${verbs})\\s+(?:only\\s+)?${name}(?:\\.${name})*`, 'i')
  return write.exec(sql)?.[0].replace(/\s+/g, ' ')
}

/** A statement's text with a mark for each literal and number: statements put together at run time differ in those. */
export function rawShape(sql: string): string {
  return sql
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\?(?:\s*,\s*\?)+/g, '?')
    .replace(/\s+/g, ' ')
}
