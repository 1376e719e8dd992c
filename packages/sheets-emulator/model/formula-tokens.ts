/** A piece of a formula. `text` is what was written. */
export interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'sheet' | 'operator'
  readonly text: string
  /** Where it ends in the formula, counted without the `=`. */
  readonly end: number
}

const PATTERN =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(?<string>"(?:[^"]|"")*")|(?<sheet>'(?:[^']|'')*'!|[A-Za-z_][A-Za-z0-9_.]*!)|(?<name>#REF!|\$?[A-Za-z_][A-Za-z0-9_.$]*|\$\d+)|(?<operator><>|<=|>=|[-+*/^&=<>(),;:%{}]))/y

/**
 * The tokens of a formula without its `=`, or undefined when something in it is not known. Numbers that are row
 * numbers of a range such as `2:4` come as numbers.
 */
export function tokenize(formula: string): Token[] | undefined {
  const tokens: Token[] = []
  const pattern = new RegExp(PATTERN)
  const text = formula.trimEnd()
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match?.groups) return undefined
    const [kind, value] = Object.entries(match.groups).find(([, part]) => part !== undefined)!
    tokens.push({ kind: kind as Token['kind'], text: value!, end: pattern.lastIndex })
  }
  return tokens
}
