import type { Fact } from '../people/facts.ts'

/** What the harness asks of the emulator process. */
export type EmulatorRequest = { readonly id: number } & (
  | { readonly kind: 'person'; readonly doing: PersonalDoing }
  /** The same when the next write for the tab's spreadsheet arrives, before it is applied. */
  | { readonly kind: 'ambush'; readonly doing: PersonalDoing }
  /** The next write for the spreadsheet waits before it is applied, whatever its sender does meanwhile. */
  | { readonly kind: 'hold'; readonly spreadsheetId: string; readonly ms: number }
  /** Whether a text stands in a tab of the library's in the spreadsheet. */
  | { readonly kind: 'seek'; readonly spreadsheetId: string; readonly text: string }
  /** What has not happened yet shall not happen. */
  | { readonly kind: 'cancel' }
)

/** Somebody does something in a tab. */
export interface PersonalDoing {
  /** Name of the target whose tab it is. */
  readonly target: string
  /** Kind of the action. */
  readonly action: string
  readonly salt: number
}

/** What the emulator process tells. */
export type EmulatorReply =
  | { readonly ready: string }
  /** It has happened, or has begun; `facts` is undefined when there was nothing to do it with. */
  | { readonly id: number; readonly facts?: readonly Fact[]; readonly isThere?: boolean }
  /** What the judge has to know besides. */
  | { readonly seen: readonly Fact[] }
