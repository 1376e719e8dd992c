import { createHmac, randomUUID } from 'node:crypto'
import { createContext, runInContext } from 'node:vm'

/** A call of UrlFetchApp. */
export interface Posted {
  readonly url: string
  readonly body: string
  readonly headers: Record<string, string>
}

/** An installed trigger. */
interface Trigger {
  readonly event: string
  readonly handler: string
  readonly spreadsheet: string
}

/** A script in a spreadsheet, with fakes of the services of Apps Script that it uses. */
export class ScriptInSheet {
  readonly posted: Posted[] = []
  readonly warnings: string[] = []
  /** Triggers that are installed: event and function. */
  readonly triggers: Trigger[] = []
  /** Address of who is at the screen; empty where Google does not tell. */
  user = 'ada@example.com'
  /** What UrlFetchApp answers with, or throws. */
  answer: number | Error = 202
  /** What happens while a run sleeps: other runs, as Apps Script runs every edit by itself. */
  whileAsleep: () => void = () => {}
  /** Milliseconds since 1970 in the script. */
  now = Date.now()
  readonly #cache = new Map<string, { value: string; until: number }>()
  readonly #globals: Record<string, (event?: unknown) => void>

  constructor(script: string, properties: Record<string, string>) {
    const cache = {
      get: (key: string) => {
        const entry = this.#cache.get(key)
        return entry && entry.until > this.now ? entry.value : null
      },
      put: (key: string, value: string, seconds: number) =>
        void this.#cache.set(key, { value, until: this.now + seconds * 1000 }),
      removeAll: (keys: string[]) => {
        for (const key of keys) this.#cache.delete(key)
      },
    }
    let locked = false
    const lock = {
      waitLock: () => {
        if (locked) throw new Error('the lock is held while another run waits')
        locked = true
      },
      releaseLock: () => {
        locked = false
      },
    }
    const script_ = this
    class ScriptDate extends Date {
      constructor() {
        super(script_.now)
      }
      static override now() {
        return script_.now
      }
    }
    const trigger = (handler: string) => ({
      forSpreadsheet: (spreadsheet: string) => {
        const on = (event: string) => () => ({
          create: () => void this.triggers.push({ event, handler, spreadsheet }),
        })
        return { onEdit: on('edit'), onChange: on('change') }
      },
    })
    this.#globals = createContext({
      Date: ScriptDate,
      console: { warn: (text: string) => void this.warnings.push(text) },
      CacheService: { getScriptCache: () => cache },
      LockService: { getScriptLock: () => lock },
      PropertiesService: {
        getScriptProperties: () => ({ getProperty: (key: string) => properties[key] ?? null }),
      },
      ScriptApp: {
        newTrigger: trigger,
        getProjectTriggers: () =>
          this.triggers.map((one) => ({ getHandlerFunction: () => one.handler, one })),
        deleteTrigger: ({ one }: { one: Trigger }) =>
          void this.triggers.splice(this.triggers.indexOf(one), 1),
      },
      Session: { getActiveUser: () => ({ getEmail: () => this.user }) },
      UrlFetchApp: {
        fetch: (
          url: string,
          { payload, headers, contentType }: { payload: string; headers: object; contentType: string },
        ) => {
          this.posted.push({ url, body: payload, headers: { ...headers, 'content-type': contentType } })
          if (this.answer instanceof Error) throw this.answer
          return { getResponseCode: () => this.answer }
        },
      },
      Utilities: {
        Charset: { UTF_8: 'utf8' },
        getUuid: randomUUID,
        sleep: (ms: number) => {
          this.whileAsleep()
          this.now += ms
        },
        // Bytes of Java are signed.
        computeHmacSha256Signature: (value: string, key: string) => [
          ...new Int8Array(createHmac('sha256', key).update(value, 'utf8').digest()),
        ],
      },
    }) as never
    runInContext(script, this.#globals)
  }

  install(): void {
    this.#globals.install?.()
  }

  uninstall(): void {
    this.#globals.uninstall?.()
  }

  /** What the installed trigger of an edit does. */
  edit(range: string, sheetId = 0): void {
    const event = { range: { getSheet: () => ({ getSheetId: () => sheetId }), getA1Notation: () => range } }
    for (const { handler } of this.triggers.filter((one) => one.event === 'edit'))
      this.#globals[handler]?.(event)
  }

  /** What the installed trigger of a change does. */
  change(changeType: string): void {
    for (const { handler } of this.triggers.filter((one) => one.event === 'change'))
      this.#globals[handler]?.({ changeType })
  }
}
