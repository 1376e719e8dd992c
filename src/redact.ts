/** What hides a secret. */
const HIDDEN = '***'

/** Patterns of secrets in texts of others, with what is left of them. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // postgres://user:password@host: a password may hold anything but a blank, an @ included.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'`]*:[^\s"'`]*@/gi, `$1${HIDDEN}@`],
  [/([?&](?:password|sslpassword|api_?key|token)=)[^\s&"'`]+/gi, `$1${HIDDEN}`],
  [/\b(\w*(?:password|passwd|pwd)\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;"')}]+)/gi, `$1${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\bAIza[\w-]{30,}/g, HIDDEN],
  [/\bya29\.[\w-]+/g, HIDDEN],
]

/**
 * Takes secrets out of a text that somebody else wrote, such as the message of an error that a driver or the
 * application's own code has thrown: passwords of URLs, private keys, Google's keys and tokens.
 */
export function redact(text: string): string {
  return SECRETS.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), text)
}
