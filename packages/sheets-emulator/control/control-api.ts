import { type ZodType, z } from 'zod'
import { ApiError, invalid } from '../model/errors.ts'
import { validateBody } from '../schema/validate.ts'
import type { Control } from './control.ts'
import {
  accessBody,
  driveBody,
  faultBody,
  humanBody,
  latencyBody,
  officeFileBody,
  outageBody,
  protectionBody,
  quotaBody,
  spreadsheetBody,
  tokenBody,
} from './control-schemas.ts'
import { Human } from './human.ts'
import { ACTIONS, type ActionName } from './human-actions.ts'

/** Answers a request of the control API; `{}` when there is nothing to say. */
type Answer = (control: Control, body: unknown, id: string | undefined) => unknown

/** What the control API can do. The same things are methods of {@link Control}. */
const ROUTES: Readonly<Record<string, Answer>> = {
  'GET state': (control) => ({
    spreadsheets: control.spreadsheets.all().map(({ id, properties, version, tabs }) => ({
      spreadsheetId: id,
      title: properties.title,
      version,
      tabs: tabs.map(({ meta }) => meta.title),
    })),
    faults: control.faults.list(),
    hits: control.faults.hits(),
    latencies: control.latencies(),
    outage: control.outage ?? null,
    quota: { limits: control.quota.limits ?? null, used: control.quota.used() },
    calls: control.calls.counts(),
  }),
  'GET calls': (control) => ({ ...control.calls.counts(), recent: control.calls.recent() }),
  'DELETE calls': (control) => control.calls.reset(),
  'POST spreadsheets': (control, body) => {
    const { spreadsheetId, ...request } = parse(spreadsheetBody, body)
    validateBody(request, 'Spreadsheet')
    return { spreadsheetId: control.spreadsheets.create(request, spreadsheetId).id }
  },
  'DELETE spreadsheets': (control, _body, id) => {
    if (id === undefined || !control.spreadsheets.delete(id)) control.spreadsheets.find(id ?? '')
  },
  'POST faults': (control, body) => ({ id: control.faults.add(parse(faultBody, body)) }),
  'DELETE faults': (control, _body, id) => control.faults.remove(id === undefined ? undefined : Number(id)),
  'POST latency': (control, body) => {
    const { ms, match } = parse(latencyBody, body)
    control.latency(ms, match)
  },
  'DELETE latency': (control) => control.noLatency(),
  'POST drive': (control, body) => control.spreadsheets.files.lag(parse(driveBody, body).lagMs),
  'POST outage': (control, body) => {
    control.outage = parse(outageBody, body).outage ?? undefined
  },
  'POST quota': (control, body) => control.quota.set(parse(quotaBody, body).limits ?? undefined),
  'POST access': (control, body) => {
    const { spreadsheetId, allowed, token } = parse(accessBody, body)
    if (allowed === 'view') control.access.viewOnly(spreadsheetId, { token })
    else if (allowed) control.access.restore(spreadsheetId, { token })
    else control.access.revoke(spreadsheetId, { token })
  },
  'POST office-files': (control, body) => {
    const { spreadsheetId, office } = parse(officeFileBody, body)
    control.access.officeFile(spreadsheetId, office)
  },
  'POST tokens': (control, body) => {
    const { token, rejected } = parse(tokenBody, body)
    control.access.rejectToken(token, rejected)
  },
  'POST protection': (control, body) => {
    const { spreadsheetId, refuse, token, protectedRangeId } = parse(protectionBody, body)
    if (refuse) control.access.refuseProtected(spreadsheetId, { token, protectedRangeId })
    else control.access.allowProtected(spreadsheetId)
  },
  'POST human': (control, body) => {
    const parsed = parse(humanBody, body)
    const person = new Human(control.spreadsheets, parsed.spreadsheetId, parsed.by)
    if ('requests' in parsed) {
      const batch = { requests: parsed.requests as object[] }
      validateBody(batch, 'BatchUpdateSpreadsheetRequest')
      return { replies: person.apply(batch.requests) }
    }
    const { spreadsheetId: _, action, by: _by, asOf, ...args } = parsed
    if (action === 'undo') return { undone: person.undo() }
    if (!Object.hasOwn(ACTIONS, action)) {
      throw invalid(`There is no action ${action}. There are: ${Object.keys(ACTIONS).join(', ')}, undo.`)
    }
    try {
      return { replies: person.act(action as ActionName, args as never, asOf) }
    } catch (error) {
      throw error instanceof z.ZodError ? invalid(`${action}: ${z.prettifyError(error)}`) : error
    }
  },
}

/**
 * Carries out a request of the control API.
 *
 * @param path after `/control/`: `faults`, `faults/3`
 * @param body parsed JSON, undefined without one
 * @throws ApiError 400 for a body that is not right, 404 for a path that does not exist
 */
export function controlAnswer(control: Control, method: string, path: string, body: unknown): unknown {
  const [name, id] = path.split('/', 2)
  const answer = ROUTES[`${method} ${name}`]
  if (!answer) {
    throw new ApiError(
      404,
      'NOT_FOUND',
      `The control API has no ${method} /control/${path}. It has: ${Object.keys(ROUTES).join(', ')}.`,
    )
  }
  return answer(control, body, id === undefined ? undefined : decodeURIComponent(id)) ?? {}
}

function parse<T>(schema: ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {})
  if (!result.success) throw invalid(z.prettifyError(result.error))
  return result.data
}
