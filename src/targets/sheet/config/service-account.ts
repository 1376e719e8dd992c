import { privateKeyIn } from './private-key.ts'

/** Who the worker is to Google. */
export interface GoogleCredentials {
  readonly email: string
  /** The private key, as PEM. A secret. */
  readonly privateKey: string
}

/** What the text is instead of a service account's key file, in words that have no part of it. */
export interface NotAnAccount {
  readonly got: string
}

/** Files of Google that people take for a service account's, by their `type`. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  authorized_user: "a person's own credentials, as gcloud makes them",
  external_account: 'a workload identity configuration, which has no key',
  impersonated_service_account: 'a configuration for impersonation, which has no key',
}

/** What people put there that is no JSON, most telling first. */
const NOT_JSON: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^-----BEGIN/, 'a private key without the rest of the file'],
  [/^AIza/, 'an API key, with which nobody can write'],
  [/^ya29\./, 'an access token, which lasts an hour'],
  [/^(GOCSPX-|\S+\.apps\.googleusercontent\.com$)/, 'a part of an OAuth client'],
  [/^\S+@\S+\.gserviceaccount\.com$/, "the account's address alone"],
  [/^\$|^<.*>$|^%\w+%$/, 'a placeholder that nothing was put into'],
  [/^(~|\.{0,2}[/\\]|[A-Za-z]:\\)|^\S+\.(json|p12|pem)$/, 'what looks like a path'],
  [/^[{"'](?:[\s\S]*[^}"'])?$/, 'JSON that ends before its last brace'],
  [/^[{"']/, 'JSON that is broken'],
]

/**
 * Reads a service account from the text of its key file. What shells, dashboards and files of variables do to such a text
 * is undone: a byte order mark, quotes around it, escaped quotes, real line ends inside strings, base64, and line ends of
 * the private key that were escaped, replaced or lost.
 */
export function readServiceAccount(given: string): GoogleCredentials | NotAnAccount {
  const text = given.replace(/^\uFEFF/, '').trim()
  if (text === '') return { got: 'an empty text' }
  const json = jsonIn(text)
  if (json === undefined) {
    return { got: NOT_JSON.find(([pattern]) => pattern.test(text))?.[1] ?? 'text that is not JSON' }
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { got: 'JSON that is not an object' }
  }
  const { type, client_email: email, private_key: key } = json as Record<string, unknown>
  if ('installed' in json || 'web' in json) return { got: 'an OAuth client, which is no service account' }
  if (type !== undefined && type !== 'service_account') {
    return { got: OTHER_TYPES[String(type)] ?? 'JSON whose type is not service_account' }
  }
  const missing = [...(isText(email) ? [] : ['client_email']), ...(isText(key) ? [] : ['private_key'])]
  if (!isText(email) || !isText(key)) return { got: `JSON without ${missing.join(', ')}` }
  if (!/^[^\s@]+@[^\s@]+\.gserviceaccount\.com$/.test(email.trim())) {
    return { got: "a client_email that is no service account's" }
  }
  const found = privateKeyIn(key)
  return 'got' in found ? found : { email: email.trim(), privateKey: found.pem }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** The value of a JSON text, or of what has become of one; undefined where there is none. */
function jsonIn(text: string): unknown {
  const unquoted = /^(["'`])([\s\S]*)\1$/.exec(text)?.[2]
  for (const candidate of [text, unquoted, unescaped(unquoted ?? text), decoded(unquoted ?? text)]) {
    if (candidate === undefined) continue
    const value = parsed(candidate) ?? parsed(withLineEndsEscaped(candidate))
    // JSON that was turned into JSON once more.
    if (typeof value === 'string' && value.trim().startsWith('{')) return jsonIn(value.trim())
    if (value !== undefined && (typeof value === 'object' || candidate === text)) return value
  }
  return undefined
}

/** `{\"type\": ...}`: quotes that were escaped for a shell or a file, and everything else with them. */
function unescaped(text: string): string | undefined {
  return /^\s*\{\s*\\"/.test(text) ? text.replace(/\\(["\\])/g, '$1') : undefined
}

function decoded(text: string): string | undefined {
  const compact = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(compact)) return undefined
  const plain = Buffer.from(compact, 'base64')
    .toString()
    .replace(/^\uFEFF/, '')
    .trim()
  return plain.startsWith('{') ? plain : undefined
}

/** JSON allows no line ends in its strings; a shell that expands `\n` puts them there. */
function withLineEndsEscaped(text: string): string {
  return text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (literal) =>
    literal.replace(/\r?\n/g, '\\n').replace(/\t/g, '\\t'),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
