/** What is marked in the documents that a search finds. */
export interface HighlightOptions<Document> {
  /** Fields of the document that are texts. */
  readonly fields: readonly (keyof Document & string)[]
  /**
   * Passages of a long text that are returned, at most; 0 for the whole text.
   * @defaultValue 0
   */
  readonly fragments?: number
  /**
   * HTML element around what was found.
   * @defaultValue 'mark'
   */
  readonly tag?: string
}

/** Characters for private use stand for the marks until the text is escaped; in a text itself they are left out. */
const START = '\uE000'
const STOP = '\uE001'
const ELEMENT = /^[a-z][a-z0-9-]*$/

/**
 * SQL for an object with the marked texts of a document.
 * @param before parameters that stand in front
 */
export function headlineSql<Document>(
  { fields, fragments = 0 }: HighlightOptions<Document>,
  before: number,
): { readonly sql: string; readonly values: readonly string[] } {
  const passages =
    fragments > 0 ? `MaxFragments=${Math.trunc(fragments)}, FragmentDelimiter=" … "` : 'HighlightAll=true'
  const options = `StartSel=${START}, StopSel=${STOP}, ${passages}`
  const parts = fields.map((_, at) => {
    const field = `$${before + at + 1}::text`
    const text = `translate(document ->> ${field}, '${START}${STOP}', '')`
    const headline = (language: string) => `ts_headline(${language}, ${text}, query, '${options}')`
    // A beginning of a word is found as it is written, not as the language has it.
    return `${field}, case when position('${START}' in ${headline('lang')}) > 0 then ${headline('lang')}
      else ${headline("'simple'")} end`
  })
  return { sql: `jsonb_build_object(${parts.join(', ')})`, values: fields }
}

/** Escapes texts, and puts the marks in. */
export function markUp(
  texts: Readonly<Record<string, string | null>> | null,
  { tag = 'mark' }: { readonly tag?: string } = {},
): Record<string, string> {
  const element = ELEMENT.test(tag) ? tag : 'mark'
  return Object.fromEntries(
    Object.entries(texts ?? {}).flatMap(([field, text]) =>
      text === null
        ? []
        : [
            [
              field,
              escapeHtml(text).replaceAll(START, `<${element}>`).replaceAll(STOP, `</${element}>`),
            ] as const,
          ],
    ),
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
