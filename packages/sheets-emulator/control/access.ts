import { ApiError, invalid } from '../model/errors.ts'
import { intersects, type Rect, rectOf } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { type CallInfo, faultError } from './faults.ts'

/** Whom a refusal is for: a token, or every caller. */
export interface Caller {
  readonly token?: string | undefined
}

/**
 * Who may do what. At first everybody may everything: each caller is taken for the owner, whom protected ranges
 * never refuse.
 */
export class Access {
  readonly #revoked = new Set<string>()
  readonly #viewers = new Set<string>()
  readonly #officeFiles = new Set<string>()
  readonly #badTokens = new Set<string>()
  readonly #protections: {
    spreadsheetId: string
    protectedRangeId: number | undefined
    token: string | undefined
  }[] = []

  /** From now on calls for the spreadsheet answer 403. */
  revoke(spreadsheetId: string, { token }: Caller = {}): void {
    this.#revoked.add(key(spreadsheetId, token))
  }

  /** From now on the spreadsheet can be read, and writes answer 403, as for somebody whom it is shared with to view. */
  viewOnly(spreadsheetId: string, { token }: Caller = {}): void {
    this.#viewers.add(key(spreadsheetId, token))
  }

  /** Takes a {@link revoke} or {@link viewOnly} back. */
  restore(spreadsheetId: string, { token }: Caller = {}): void {
    this.#revoked.delete(key(spreadsheetId, token))
    this.#viewers.delete(key(spreadsheetId, token))
  }

  /** From now on the spreadsheet is an .xlsx file that was opened but not converted; `false` takes that back. */
  officeFile(spreadsheetId: string, office = true): void {
    if (office) this.#officeFiles.add(spreadsheetId)
    else this.#officeFiles.delete(spreadsheetId)
  }

  /** From now on calls with the token answer 401; `false` takes that back. */
  rejectToken(token: string, rejected = true): void {
    if (rejected) this.#badTokens.add(token)
    else this.#badTokens.delete(token)
  }

  /** From now on protected ranges of the spreadsheet (or one of them) refuse the caller. */
  refuseProtected(
    spreadsheetId: string,
    { token, protectedRangeId }: Caller & { protectedRangeId?: number | undefined } = {},
  ): void {
    this.#protections.push({ spreadsheetId, protectedRangeId, token })
  }

  /** Takes every {@link refuseProtected} of the spreadsheet back. */
  allowProtected(spreadsheetId: string): void {
    for (let i = this.#protections.length - 1; i >= 0; i--) {
      if (this.#protections[i]!.spreadsheetId === spreadsheetId) this.#protections.splice(i, 1)
    }
  }

  /**
   * @throws ApiError 401 for a token that is rejected; 403 for a spreadsheet that is revoked, or that the caller may only
   * view and is about to write; 400 for an office file (text and status measured by others: brekkylab/backlot)
   */
  check({ token, spreadsheetId, kind }: Pick<CallInfo, 'token' | 'spreadsheetId' | 'kind'>): void {
    if (this.#badTokens.has(token)) throw faultError(401)
    if (spreadsheetId === undefined) return
    if (isIn(this.#revoked, spreadsheetId, token)) throw faultError(403)
    if (this.#officeFiles.has(spreadsheetId)) {
      const message =
        'This operation is not supported for this document. The document must not be an Office file.'
      throw new ApiError(400, 'FAILED_PRECONDITION', message)
    }
    if (kind === 'write' && isIn(this.#viewers, spreadsheetId, token)) throw faultError(403)
  }

  /** Whether a spreadsheet is shared with the caller. */
  sees(token: string, spreadsheetId: string): boolean {
    return !isIn(this.#revoked, spreadsheetId, token)
  }

  /**
   * Whether the caller may edit a protected range. Whom the range names among its editors is never refused (measured by
   * others); a token of the form `token-of-ADDRESS` is the user of that address.
   */
  canEdit(token: string, spreadsheet: Spreadsheet, protectedRangeId: number): boolean {
    if (isIn(this.#viewers, spreadsheet.id, token)) return false
    if (isEditor(token, spreadsheet, protectedRangeId)) return true
    return !this.#protections.some(
      (refused) =>
        refused.spreadsheetId === spreadsheet.id &&
        (refused.token === undefined || refused.token === token) &&
        (refused.protectedRangeId === undefined || refused.protectedRangeId === protectedRangeId),
    )
  }

  /**
   * @throws ApiError 400 (not 403) when a protected range that refuses the caller has a cell of `rect`; the text
   * is the English one of several projects' logs. warningOnly never refuses.
   */
  guard(token: string, spreadsheet: Spreadsheet, tab: Tab, rect: Rect): void {
    if (this.#protections.length === 0) return
    for (const { range, body } of spreadsheet.tab(tab.sheetId).meta.protectedRanges) {
      if (body.warningOnly || !intersects(range, rect)) continue
      if (this.canEdit(token, spreadsheet, body.protectedRangeId ?? 0)) continue
      const free = (body.unprotectedRanges ?? []).map(rectOf)
      if (free.some((open) => contains(open, rect))) continue
      throw invalid(
        'You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit.',
      )
    }
  }
}

function isEditor(token: string, { tabs }: Spreadsheet, protectedRangeId: number): boolean {
  const ranges = tabs.flatMap(({ meta }) => meta.protectedRanges)
  const found = ranges.find(({ body }) => body.protectedRangeId === protectedRangeId)
  return found?.body.editors?.users?.includes(token.replace(/^token-of-/, '')) ?? false
}

function isIn(set: ReadonlySet<string>, spreadsheetId: string, token: string): boolean {
  return set.size > 0 && (set.has(key(spreadsheetId, undefined)) || set.has(key(spreadsheetId, token)))
}

function key(spreadsheetId: string, token: string | undefined): string {
  return `${spreadsheetId} ${token ?? '*'}`
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.startRow <= inner.startRow &&
    outer.endRow >= inner.endRow &&
    outer.startColumn <= inner.startColumn &&
    outer.endColumn >= inner.endColumn
  )
}
