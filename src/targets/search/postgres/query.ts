/** A search as people type it, as SQL that makes a tsquery of it. */
export interface QuerySql {
  /** An expression. `$1` and what follows are `values`; `lang` is a column of type regconfig. */
  readonly sql: string
  readonly values: readonly string[]
}

/**
 * Words are all to be found, `"a phrase"` as it stands, `or` between words for either, `-word` for none: what
 * `websearch_to_tsquery` knows. With `prefix` the last word may be the beginning of one, while it is being typed: nothing
 * follows it, not even a blank.
 */
export function querySql(query: string, prefix: boolean): QuerySql {
  const whole = { sql: 'websearch_to_tsquery(lang, $1)', values: [query] }
  const [, before = '', last = ''] = /^([\s\S]*?)(\S+)$/.exec(query) ?? []
  const isInPhrase = (query.match(/"/g)?.length ?? 0) % 2 === 1
  if (!prefix || last === '' || isInPhrase || /^-|"|^or$/i.test(last)) return whole
  // Both as the language has it, and as it is written: a beginning is no word of a language.
  const word = "(to_tsquery(lang, $1) || to_tsquery('simple', $1))"
  const beginning = `'${last.replace(/[\\']/g, '$&$&')}':*`
  const [, rest = before, or] = /^([\s\S]*?\S)\s+(or)\s+$/i.exec(before) ?? []
  if (rest.trim() === '') return { sql: word, values: [beginning] }
  const operator = or ? '||' : '&&'
  return { sql: `(websearch_to_tsquery(lang, $2) ${operator} ${word})`, values: [beginning, rest] }
}
