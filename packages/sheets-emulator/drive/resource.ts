import type { drive_v3 } from 'googleapis/build/src/apis/drive/v3.js'
import { type ApiError, unsupported } from '../model/errors.ts'
import type { Mask } from '../model/field-mask.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import type { DriveChange, DriveFile } from './files.ts'

/** The names of an answer that the emulator knows, those below them in turn. */
interface Names {
  readonly [name: string]: Names | true
}

const USER: Names = { kind: true, displayName: true, me: true, permissionId: true, emailAddress: true }
const FILE: Names = {
  kind: true,
  id: true,
  name: true,
  mimeType: true,
  trashed: true,
  version: true,
  createdTime: true,
  modifiedTime: true,
  modifiedByMe: true,
  lastModifyingUser: USER,
}
const CHANGE: Names = {
  kind: true,
  removed: true,
  file: FILE,
  fileId: true,
  time: true,
  type: true,
  changeType: true,
}

/** Names of each answer, for {@link checkFields}. */
export const ANSWERS = {
  startPageToken: { kind: true, startPageToken: true },
  changeList: { kind: true, changes: CHANGE, nextPageToken: true, newStartPageToken: true },
  file: FILE,
} as const satisfies Record<string, Names>

/** What Drive shows of a file when no `fields` ask for more (https://developers.google.com/workspace/drive/api/guides/fields-parameter). */
const SHORT: Mask = mask('kind', 'id', 'name', 'mimeType')

/** The default of files.get. */
export const FILE_MASK = SHORT

/** The default of changes.list: everything of a change, and of its file the usual. */
export const CHANGES_MASK: Mask = {
  fields: new Map<string, Mask>([
    ...mask('kind', 'nextPageToken', 'newStartPageToken').fields,
    [
      'changes',
      {
        fields: new Map([
          ...mask('kind', 'removed', 'fileId', 'time', 'type', 'changeType').fields,
          ['file', SHORT],
        ]),
      },
    ],
  ]),
}

/** @throws ApiError 501 when a mask names what the emulator does not have, whether Drive has it or not */
export function checkFields({ fields }: Mask, known: Names): void {
  for (const [name, below] of fields) {
    if (name === '*') continue
    const names = Object.hasOwn(known, name) ? known[name] : undefined
    if (names === undefined) throw unknownField(name)
    if (below.fields.size === 0) continue
    if (names === true) throw unknownField([...below.fields.keys()][0]!)
    checkFields(below, names)
  }
}

/** A file as the caller with the token sees it. */
export function fileResource(file: DriveFile, spreadsheet: Spreadsheet, token: string): drive_v3.Schema$File {
  const me = file.modifiedBy === token
  const displayName = nameOf(file.modifiedBy)
  return {
    kind: 'drive#file',
    id: file.id,
    name: spreadsheet.properties.title ?? '',
    mimeType: 'application/vnd.google-apps.spreadsheet',
    trashed: false,
    // 64-bit numbers are texts in the JSON of Google's APIs.
    version: String(file.version),
    createdTime: new Date(file.createdAt).toISOString(),
    modifiedTime: new Date(file.modifiedAt).toISOString(),
    modifiedByMe: me,
    lastModifyingUser: {
      kind: 'drive#user',
      displayName,
      me,
      permissionId: permissionId(displayName),
      ...(displayName.includes('@') && { emailAddress: displayName }),
    },
  }
}

/** A change of a file; without the file where the caller does not see it any more. */
export function changeResource(
  { at, file }: DriveChange,
  spreadsheet: Spreadsheet | undefined,
  token: string,
): drive_v3.Schema$Change {
  return {
    kind: 'drive#change',
    removed: spreadsheet === undefined,
    ...(spreadsheet && { file: fileResource(file, spreadsheet, token) }),
    fileId: file.id,
    time: new Date(at).toISOString(),
    type: 'file',
    changeType: 'file',
  }
}

function nameOf(token: string | undefined): string {
  return token === undefined ? 'a person' : token.replace(/^token-of-/, '') || 'a program'
}

/** A number that is the same for the same user, as long as Google's are. */
function permissionId(name: string): string {
  let id = 7n
  for (const letter of name) id = (id * 31n + BigInt(letter.codePointAt(0)!)) % 10n ** 20n
  return String(id).padStart(20, '1')
}

function mask(...names: string[]): Mask {
  return { fields: new Map(names.map((name) => [name, { fields: new Map() }])) }
}

function unknownField(name: string): ApiError {
  return unsupported(`the field ${name} of the Drive API`)
}
