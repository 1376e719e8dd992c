/** What the script is made for. */
export interface ScriptOptions {
  readonly spreadsheetId: string
  /** Where it posts to. */
  readonly url: string
  /** Name of the script property that holds the secret. */
  readonly property: string
}

/**
 * The Apps Script that tells of edits, for a person to paste. It names the secret and does not hold it, and what it posts
 * has no values of cells.
 *
 * Facts about Apps Script: installable triggers do not run for changes made through the API, so that our own writes
 * cause no signal, and they run as the person who made them
 * (https://developers.google.com/apps-script/guides/triggers/installable); an address is blank where security does not
 * allow it (Session.getActiveUser); 20,000 calls of UrlFetchApp a day for consumer accounts
 * (https://developers.google.com/apps-script/guides/services/quotas).
 */
export function appsScript({ spreadsheetId, url, property }: ScriptOptions): string {
  const text = (value: string) => JSON.stringify(value)
  return `/*
 * Tells prisma-writeback that somebody edited this spreadsheet, so that it looks at once instead of some seconds later.
 * No values of cells leave the spreadsheet this way: only where something was edited, when, and by whom if Google says.
 *
 * To set it up, as somebody who may edit the spreadsheet:
 *  1. In the spreadsheet, open Extensions > Apps Script. Put this text in place of what is there, and save.
 *  2. Open Project Settings > Script Properties. Add the property ${property}
 *     with the same secret that the receiver has.
 *  3. Back in the editor, choose the function "install", press Run, and allow what Google asks for.
 *
 * To take it away, run "uninstall". Whoever may edit the spreadsheet can also read the secret; it is good for such
 * signals alone.
 */
const SPREADSHEET_ID = ${text(spreadsheetId)}
const RECEIVER = ${text(url)}
const SECRET_PROPERTY = ${text(property)}

/** Shortest time between two signals, in milliseconds: edits in between share the second one. */
const GAP_MS = 1500

/** Makes the triggers. Running it again does no harm. */
function install() {
  secret_()
  uninstall()
  ScriptApp.newTrigger('onSheetEdit').forSpreadsheet(SPREADSHEET_ID).onEdit().create()
  ScriptApp.newTrigger('onSheetChange').forSpreadsheet(SPREADSHEET_ID).onChange().create()
}

/** Removes the triggers. */
function uninstall() {
  ScriptApp.getProjectTriggers().forEach(function (trigger) {
    const name = trigger.getHandlerFunction()
    if (name === 'onSheetEdit' || name === 'onSheetChange') ScriptApp.deleteTrigger(trigger)
  })
}

/** Somebody typed, pasted or cleared cells. */
function onSheetEdit(event) {
  tell_(event.range.getSheet().getSheetId(), event.range.getA1Notation())
}

/** Somebody added or deleted rows, columns or tabs. What was typed comes as an edit, and colours do not matter. */
function onSheetChange(event) {
  if (event.changeType !== 'EDIT' && event.changeType !== 'FORMAT') tell_(null, null)
}

/** Sends a signal, or leaves it to the run that is about to. What goes wrong is no trouble for the person who types. */
function tell_(sheetId, range) {
  try {
    const waitMs = join_({ sheetId: sheetId, range: range, editor: Session.getActiveUser().getEmail() || '' })
    if (waitMs === null) return
    if (waitMs > 0) Utilities.sleep(waitMs)
    const edited = take_()
    if (edited !== null) send_(edited)
  } catch (error) {
    console.warn('no signal was sent: ' + error)
  }
}

/** Adds an edit to what is to be sent. Returns how long to wait before sending, or null when another run sends it. */
function join_(edit) {
  return locked_(function (cache) {
    const waiting = JSON.parse(cache.get('waiting') || 'null')
    const edits = waiting === null ? edit : {
      sheetId: waiting.sheetId === edit.sheetId ? edit.sheetId : null,
      range: waiting.sheetId === edit.sheetId && waiting.range === edit.range ? edit.range : null,
      editor: waiting.editor === edit.editor ? edit.editor : '',
    }
    cache.put('waiting', JSON.stringify(edits), 60)
    if (cache.get('sender') !== null) return null
    // For some seconds only, should that run end before it has sent anything.
    cache.put('sender', 'one', 10)
    return Math.max(0, Number(cache.get('sent') || 0) + GAP_MS - Date.now())
  })
}

/** Takes what is to be sent. */
function take_() {
  return locked_(function (cache) {
    const waiting = JSON.parse(cache.get('waiting') || 'null')
    cache.removeAll(['waiting', 'sender'])
    cache.put('sent', String(Date.now()), 60)
    return waiting
  })
}

/** Signs and posts. */
function send_(edited) {
  const nonce = Utilities.getUuid()
  const body = JSON.stringify({
    spreadsheetId: SPREADSHEET_ID,
    sheetId: edited.sheetId,
    range: edited.range,
    editor: edited.editor,
    at: new Date().toISOString(),
    nonce: nonce,
  })
  const seconds = Math.floor(Date.now() / 1000)
  const signed = seconds + '.' + nonce + '.' + body
  const bytes = Utilities.computeHmacSha256Signature(signed, secret_(), Utilities.Charset.UTF_8)
  const hex = bytes.map(function (byte) { return ('0' + (byte & 255).toString(16)).slice(-2) }).join('')
  const answer = UrlFetchApp.fetch(RECEIVER, {
    method: 'post',
    contentType: 'application/json',
    payload: body,
    headers: { 'X-Writeback-Signature': 't=' + seconds + ',v1=' + hex },
    muteHttpExceptions: true,
  })
  if (answer.getResponseCode() !== 202) console.warn('the signal was answered with ' + answer.getResponseCode())
}

function secret_() {
  const secret = PropertiesService.getScriptProperties().getProperty(SECRET_PROPERTY)
  if (!secret || secret.length < 32) throw new Error('The script property ' + SECRET_PROPERTY + ' is missing, or shorter than 32 characters')
  return secret
}

/** Runs one at a time: every edit is a run of its own, and they overlap. */
function locked_(work) {
  const lock = LockService.getScriptLock()
  lock.waitLock(5000)
  try {
    return work(CacheService.getScriptCache())
  } finally {
    lock.releaseLock()
  }
}
`
}
