import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readServiceAccount } from '../../../../src/targets/sheet/config/service-account.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const EMAIL = 'robot@project.iam.gserviceaccount.com'
const account = { type: 'service_account', project_id: 'project', client_email: EMAIL, private_key: PEM }
const TEXT = JSON.stringify(account, null, 2)
const withKey = (private_key: unknown) => JSON.stringify({ ...account, private_key })
const body = PEM.split('\n').slice(1, -2)

describe('a key file that something happened to on its way is the account it was', () => {
  test.each<[what: string, text: string]>([
    ['nothing happened', TEXT],
    ['line ends escaped twice', withKey(PEM.replaceAll('\n', '\\n'))],
    ['line ends escaped three times', withKey(PEM.replaceAll('\n', '\\\\n'))],
    ['line ends of Windows', withKey(PEM.replaceAll('\n', '\r\n'))],
    ['line ends of Windows, escaped', withKey(PEM.replaceAll('\n', '\\r\\n'))],
    ['blanks for line ends', withKey(PEM.replaceAll('\n', ' '))],
    ['nothing for line ends', withKey(PEM.replaceAll('\n', ''))],
    ['backslashes lost', withKey(PEM.replaceAll('\n', 'n'))],
    ['the last line end lost', withKey(PEM.trimEnd())],
    ['indented, as in YAML', withKey(PEM.replaceAll('\n', '\n    '))],
    ['quotes around the key', withKey(`"${PEM}"`)],
    ['a key in the older form', withKey(privateKey.export({ type: 'pkcs1', format: 'pem' }))],
    ['real line ends inside the strings', TEXT.replaceAll('\\n', '\n')],
    ['single quotes around', `'${TEXT}'`],
    ['double quotes around', `"${TEXT}"`],
    ['JSON of the JSON', JSON.stringify(TEXT)],
    ['escaped quotes', JSON.stringify(TEXT.replace(/\n */g, '')).slice(1, -1)],
    ['base64', btoa(TEXT)],
    ['base64 in lines', btoa(TEXT).replace(/.{76}/g, '$&\n')],
    ['base64 for URLs', btoa(TEXT).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')],
    ['a byte order mark', `\uFEFF${TEXT}`],
    ['a byte order mark, then base64', btoa(`\u00EF\u00BB\u00BF${TEXT}`)],
    ['a line end after it', `${TEXT}\r\n`],
    ['blanks around the address', JSON.stringify({ ...account, client_email: ` ${EMAIL}\n` })],
  ])('%s', (_what, text) => {
    const read = readServiceAccount(text)
    expect(read).toMatchObject({ email: EMAIL })
    const key = createPrivateKey('got' in read ? '' : read.privateKey)
    expect(key.export({ type: 'pkcs8', format: 'pem' })).toBe(PEM)
  })
})

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' } as const
const openSsl = { ...encrypted, type: 'pkcs1' } as const

describe('what is no service account is called what it is, without a part of it', () => {
  test.each<[what: string, text: string, got: string | RegExp]>([
    ['an empty file', '\n', 'an empty text'],
    ['an API key', `AIza${'x'.repeat(35)}`, 'an API key'],
    ['an access token', 'ya29.abcdef', 'an access token'],
    ['an OAuth secret', 'GOCSPX-abcdef', 'a part of an OAuth client'],
    [
      'an OAuth client',
      JSON.stringify({ installed: { client_id: 'x', client_secret: 'y' } }),
      'an OAuth client',
    ],
    ['an OAuth client for the web', JSON.stringify({ web: { client_id: 'x' } }), 'an OAuth client'],
    ["a person's credentials", JSON.stringify({ type: 'authorized_user', refresh_token: 'x' }), 'a person'],
    ['workload identity', JSON.stringify({ type: 'external_account', audience: 'x' }), 'workload identity'],
    ['an unknown type', JSON.stringify({ ...account, type: 'robot' }), 'type is not service_account'],
    ['a list', JSON.stringify([account]), 'not an object'],
    ['a number', '42', 'not an object'],
    ['the key alone', PEM, 'a private key without the rest'],
    ['the address alone', EMAIL, "the account's address alone"],
    ['a path', '/etc/keys/robot.json', 'what looks like a path'],
    ['a path of Windows', 'C:\\keys\\robot.json', 'what looks like a path'],
    ['a name of a variable', '$GOOGLE_KEY', 'a placeholder'],
    ['the first line', '{', 'JSON that ends before its last brace'],
    ['half of it', TEXT.slice(0, 400), 'JSON that ends before its last brace'],
    ['a comma too many', `${TEXT.slice(0, -1)},}`, 'JSON that is broken'],
    ['something else', 'hello', 'text that is not JSON'],
    ['no address', JSON.stringify({ ...account, client_email: undefined }), 'without client_email'],
    ['neither', '{}', 'without client_email, private_key'],
    ['an empty key', withKey(''), 'without private_key'],
    ['a key that is null', withKey(null), 'without private_key'],
    ["a person's address", JSON.stringify({ ...account, client_email: 'ada@gmail.com' }), 'client_email'],
    ["the key's id for the key", withKey('0123456789abcdef0123456789abcdef01234567'), 'not PEM'],
    [
      'dots for the key',
      withKey('-----BEGIN PRIVATE KEY-----...-----END PRIVATE KEY-----'),
      'does not parse',
    ],
    ['a key without its end', withKey(PEM.slice(0, 800)), 'cut off'],
    ['a key without a line', withKey(PEM.replace(body[3] ?? '', '')), 'does not parse'],
    ['a changed letter', withKey(PEM.replace('MII', 'M1I')), 'does not parse'],
    ['an EC key', withKey(ec.export({ type: 'pkcs8', format: 'pem' })), 'of type ec'],
    ['an EC key in its own form', withKey(ec.export({ type: 'sec1', format: 'pem' })), 'EC PRIVATE KEY'],
    ['an encrypted key', withKey(privateKey.export(encrypted)), 'encrypted'],
    ["an encrypted key of OpenSSL's", withKey(privateKey.export(openSsl)), 'encrypted'],
    [
      'a certificate',
      withKey('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
      'CERTIFICATE',
    ],
  ])('%s', (_what, text, got) => {
    const read = readServiceAccount(text)
    expect(read).toEqual({ got: expect.stringMatching(got) })
    for (const part of [...body, 'abcdef', 'sesame', 'ada@']) expect(JSON.stringify(read)).not.toContain(part)
  })
})
