/** Schemes of URLs that people put where another belongs. Others may be the beginning of a secret. */
const SCHEMES =
  /^(postgres(?:ql)?|prisma(?:\+postgres)?|mysql|mariadb|mongodb(?:\+srv)?|sqlserver|sqlite|file|jdbc|redis|https?|ftp|ws):/i

/** What a value is, in words that have no part of it. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'a date that is none' : 'a date'
  switch (typeof value) {
    case 'string':
      if (value === '') return 'an empty text'
      return value.trim() === '' ? 'blanks' : `a text of ${value.length} characters`
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'a number'
    case 'boolean':
      return String(value)
    case 'function':
      return isAsync(value) ? 'an async function' : 'a function'
    case 'object':
      return isThenable(value) ? 'a promise' : 'an object'
    default:
      return `a ${typeof value}`
  }
}

/** Whether a function is declared as async. One that was compiled to something older does not show it. */
export function isAsync(value: unknown): boolean {
  return typeof value === 'function' && /^Async(Generator)?Function$/.test(value.constructor.name)
}

/** A promise of any kind; Prisma Client's own run their query when one asks for their result. */
export function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** What is wrong with the text of an environment variable, as far as that can be said without a part of it. */
export function describeWrongText(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  if (/^(["'`])[\s\S]*\1$/.test(text)) return 'a value with quotes around it'
  if (/^\$\{?\w+\}?$|^<[^>]*>$|^%\w+%$/.test(text)) return 'a placeholder that nothing was put into'
  if (/^[A-Z_]+=/.test(text)) return 'a value with the name of the variable in it'
  if (/^(tcp|udp):\/\//.test(text))
    return 'what Kubernetes sets for a Service of that name (enableServiceLinks: false in the pod prevents it)'
  const scheme = SCHEMES.exec(text)?.[1]?.toLowerCase()
  if (scheme?.startsWith('postgres'))
    return 'a URL with something in it that has to be encoded, or is missing'
  if (scheme !== undefined) return `a URL that begins with ${scheme}:`
  if (/^-?\d+(\.\d+)?$/.test(text)) return 'a number outside of that'
  return 'something else'
}
