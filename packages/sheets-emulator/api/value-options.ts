import type { RenderOptions } from '../values/render.ts'
import { type Call, choice, chosen, flag } from './call.ts'

const VALUES = ['FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'] as const
const DATES = ['SERIAL_NUMBER', 'FORMATTED_STRING'] as const

/** Query parameters of writes that can answer with the written values. */
export const RESPONSE_QUERY = [
  'includeValuesInResponse',
  'responseValueRenderOption',
  'responseDateTimeRenderOption',
] as const

/** How a read wants its values; FORMATTED_VALUE and SERIAL_NUMBER by default. */
export function renderOptions(query: URLSearchParams): RenderOptions {
  return {
    value: choice(query, 'valueRenderOption', VALUES) ?? 'FORMATTED_VALUE',
    dateTime: choice(query, 'dateTimeRenderOption', DATES) ?? 'SERIAL_NUMBER',
  }
}

/** The same from a body. */
export function bodyRenderOptions(body: {
  valueRenderOption?: string | null
  dateTimeRenderOption?: string | null
}): RenderOptions {
  return {
    value: chosen(body.valueRenderOption, 'valueRenderOption', VALUES) ?? 'FORMATTED_VALUE',
    dateTime: chosen(body.dateTimeRenderOption, 'dateTimeRenderOption', DATES) ?? 'SERIAL_NUMBER',
  }
}

/** How a write wants its values answered, from the query or the body; undefined when it does not. */
export function responseOptions({ query, body }: Call): RenderOptions | undefined {
  const wanted = flag(query, 'includeValuesInResponse') || body?.includeValuesInResponse === true
  if (!wanted) return undefined
  const value = choice(query, 'responseValueRenderOption', VALUES)
  const dateTime = choice(query, 'responseDateTimeRenderOption', DATES)
  return {
    value:
      value ??
      chosen(body?.responseValueRenderOption, 'responseValueRenderOption', VALUES) ??
      'FORMATTED_VALUE',
    dateTime:
      dateTime ??
      chosen(body?.responseDateTimeRenderOption, 'responseDateTimeRenderOption', DATES) ??
      'SERIAL_NUMBER',
  }
}
