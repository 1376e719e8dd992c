/** Ids of the spreadsheets. Each is a lane of its own. */
export const SPREADSHEETS = {
  requests: 'torture-requests',
  operators: 'torture-operators',
  ledger: 'torture-ledger',
  desk: 'torture-desk',
} as const

/** A tab that the library writes. */
export interface TortureTab {
  readonly target: string
  readonly spreadsheetId: string
  /** Its title before anybody renames it. */
  readonly title: string
  readonly key: string
  readonly headers: readonly string[]
  /** Headers of columns in which a person's value stands. */
  readonly peoplesHeaders: readonly string[]
  /** Headers of columns that people write into: what they type there reaches the record. */
  readonly writableHeaders: readonly string[]
}

/** Header of the column in which the library says why an edit was refused. */
export const REASONS_COLUMN = 'Sync'

const DESK = ['Request', 'Author', 'Text', 'Pinned']

export const TABS: readonly TortureTab[] = [
  tab('requests', SPREADSHEETS.requests, 'Requests', [
    'Reference',
    'Status',
    'Customer',
    'Operator',
    'Travellers',
    'Budget',
    'Departure',
    'Confirmed',
    'Tags',
    'Comment',
  ]),
  tab('items', SPREADSHEETS.requests, 'Items', ['Title', 'Kind', 'Price', 'Starts']),
  tab(
    'operators',
    SPREADSHEETS.operators,
    'Operators',
    ['Code', 'Name', 'Commission', 'Rating', 'Active', 'Languages', 'Ledger', 'Founded', 'Settings'],
    ['Rating', 'Languages'],
  ),
  tab('revenue', SPREADSHEETS.ledger, 'Revenue', [
    'Kind',
    'Amount',
    'Rate',
    'Minor units',
    'Day',
    'Booked',
    'Settled',
    'Meta',
  ]),
  tab('notes', SPREADSHEETS.ledger, 'Notes', ['Request', 'Author', 'Text', 'Pinned']),
  // The same records as those of the notes, in a tab in which people work.
  tab('desk', SPREADSHEETS.desk, 'Desk', DESK, [], DESK),
]

/** Header of the column that people keep beside the library's. */
export const PEOPLES_COLUMN = 'Remarks'

function tab(
  target: string,
  spreadsheetId: string,
  title: string,
  headers: readonly string[],
  peoplesHeaders: readonly string[] = [],
  writableHeaders: readonly string[] = [],
): TortureTab {
  return { target, spreadsheetId, title, key: 'ID', headers, peoplesHeaders, writableHeaders }
}
