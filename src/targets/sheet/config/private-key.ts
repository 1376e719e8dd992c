import { createPrivateKey } from 'node:crypto'

/** Why a text is no private key that Google's accounts have, in words that have no part of it. */
export interface NotAKey {
  readonly got: string
}

/**
 * The private key in a text. Its lines are set anew, so that it does not matter what has become of the line ends: `\n`
 * escaped once or several times, blanks, or nothing.
 *
 * @returns the key as PEM, once it is known to parse
 */
export function privateKeyIn(text: string): { readonly pem: string } | NotAKey {
  if (/ENCRYPTED/.test(text)) return { got: 'a private_key that is encrypted with a passphrase' }
  const [, label = '', body = ''] =
    /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/.exec(text.replace(/\\+[nrt]/g, '\n')) ?? []
  if (label === '') {
    const cut = text.includes('-----BEGIN')
    return { got: cut ? 'a private_key that is cut off' : 'a private_key that is not PEM' }
  }
  if (!/^(RSA )?PRIVATE KEY$/.test(label)) return { got: `a private_key that is of another kind (${label})` }
  const base64 = withoutStrayLetters(body.replace(/[\s"'\\]+/g, ''))
  const lines = base64.match(/.{1,64}/g) ?? []
  const pem = `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
  try {
    const { asymmetricKeyType } = createPrivateKey(pem)
    if (asymmetricKeyType === 'rsa') return { pem }
    return { got: `a private_key of type ${asymmetricKeyType}; Google's are RSA keys` }
  } catch {
    return { got: 'a private_key that does not parse: something of it was changed or is missing' }
  }
}

/** `\n` without its backslash is an n. Every private key begins with MII, so that an n before it is none of its letters. */
function withoutStrayLetters(body: string): string {
  return body.startsWith('nMII')
    ? body
        .slice(1)
        .replace(/(.{64})n/g, '$1')
        .replace(/n$/, '')
    : body
}
