import { join } from 'node:path'
import type { Fact } from '../people/facts.ts'
import { SPREADSHEETS } from '../spreadsheets.ts'
import { type Child, startChild } from './child.ts'
import type { EmulatorReply, EmulatorRequest, PersonalDoing } from './emulator-messages.ts'

/** A cell as a person put it, or the library: a text, number, boolean or formula; null when empty. */
export type Cell = string | number | boolean | null

/** A tab as it is. */
export interface TabCells {
  readonly sheetId: number
  readonly title: string
  readonly rows: readonly (readonly Cell[])[]
}

interface GridResponse {
  readonly sheets?: readonly {
    readonly properties: { readonly sheetId: number; readonly title: string }
    readonly data?: readonly {
      readonly rowData?: readonly { readonly values?: readonly { readonly userEnteredValue?: object }[] }[]
    }[]
  }[]
}

/** The token with which the emulator meets a person: no fault, no quota, no refusal. */
const PERSON = { authorization: 'Bearer human' }

/** How long something that needs a write of a worker's to happen waits for one, in milliseconds. */
const WAIT_MS = 15_000

type Answer = Extract<EmulatorReply, { readonly id: number }>

type Wanted = EmulatorRequest extends infer Request
  ? Request extends unknown
    ? Omit<Request, 'id'>
    : never
  : never

/** The sheets, from outside: what people see and do there, and what the emulator can be told. */
export class Sheets {
  /** Root of the API. */
  readonly url: string
  /** What the judge has to know besides what people tell. */
  readonly seen: Fact[] = []
  readonly #child: Child
  readonly #open = new Map<number, (reply: Answer) => void>()
  #next = 0

  /** Starts the emulator as a process of its own, with empty spreadsheets. */
  static async start(folder: string): Promise<Sheets> {
    const logFile = join(folder, 'emulator.log')
    const child = startChild('torture/stage/emulator-process.ts', { env: {}, logFile, talks: true })
    const url = await new Promise<string>((resolve, reject) => {
      child.process.once('message', (reply: EmulatorReply) => 'ready' in reply && resolve(reply.ready))
      void child.ended.then(() => reject(new Error(`the emulator did not start; see ${logFile}`)))
    })
    const sheets = new Sheets(url, child)
    for (const id of Object.values(SPREADSHEETS)) {
      const properties = { title: id, timeZone: 'Etc/UTC' }
      await sheets.control('POST', 'spreadsheets', { spreadsheetId: id, properties })
    }
    return sheets
  }

  private constructor(url: string, child: Child) {
    this.url = url
    this.#child = child
    child.process.on('message', (reply: EmulatorReply) => {
      if ('seen' in reply) this.seen.push(...reply.seen)
      if (!('id' in reply)) return
      const settle = this.#open.get(reply.id)
      if (settle) settle(reply)
      // It has happened after all, when nobody waited for it any more.
      else this.seen.push(...(reply.facts ?? []))
      this.#open.delete(reply.id)
    })
  }

  /** All tabs of a spreadsheet. */
  async read(spreadsheetId: string): Promise<TabCells[]> {
    const url = new URL(`v4/spreadsheets/${spreadsheetId}`, this.url)
    url.searchParams.set('includeGridData', 'true')
    url.searchParams.set(
      'fields',
      'sheets(properties(sheetId,title),data(rowData(values(userEnteredValue))))',
    )
    const response = await fetch(url, { headers: PERSON })
    if (!response.ok) throw new Error(`the sheet cannot be read: ${await response.text()}`)
    const { sheets = [] } = (await response.json()) as GridResponse
    return sheets.map(({ properties, data }) => ({
      sheetId: properties.sheetId,
      title: properties.title,
      rows: (data?.[0]?.rowData ?? []).map(({ values = [] }) =>
        values.map(({ userEnteredValue }) => (Object.values(userEnteredValue ?? {})[0] as Cell) ?? null),
      ),
    }))
  }

  /** A person does something. @returns undefined when there was nothing to do it with */
  async act(doing: PersonalDoing): Promise<readonly Fact[] | undefined> {
    return (await this.#ask({ kind: 'person', doing }))?.facts
  }

  /** A person does something between a worker's read and its next write. @returns undefined when nothing was done */
  async ambush(doing: PersonalDoing): Promise<readonly Fact[] | undefined> {
    return (await this.#ask({ kind: 'ambush', doing }))?.facts
  }

  /** Whether a text stands in one of the library's tabs. */
  async isThere(spreadsheetId: string, text: string): Promise<boolean> {
    return (await this.#ask({ kind: 'seek', spreadsheetId, text }))?.isThere ?? false
  }

  /** Holds the next write up. @returns once it is being held; false when none came */
  async hold(spreadsheetId: string, ms: number): Promise<boolean> {
    return (await this.#ask({ kind: 'hold', spreadsheetId, ms })) !== undefined
  }

  /** @throws {Error} with what the emulator says */
  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const response = await fetch(new URL(`control/${path}`, this.url), {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the emulator refuses ${method} ${path}: ${text}`)
    return JSON.parse(text)
  }

  async stop(): Promise<void> {
    if (this.#child.process.connected) this.#child.process.disconnect()
    await this.#child.ended
  }

  /** @returns undefined when it has not happened in time, and will not any more */
  #ask(wanted: Wanted): Promise<Answer | undefined> {
    const id = this.#next++
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#open.delete(id)
        this.#send({ id, kind: 'cancel' })
        resolve(undefined)
      }, WAIT_MS)
      this.#open.set(id, (reply) => {
        clearTimeout(timer)
        resolve(reply)
      })
      this.#send({ id, ...wanted } as EmulatorRequest)
    })
  }

  #send(request: EmulatorRequest): void {
    if (this.#child.process.connected) this.#child.process.send(request)
  }
}
