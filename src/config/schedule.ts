import { createRequire } from 'node:module'

type Parser = typeof import('cron-parser').CronExpressionParser

/**
 * The parser that pg-boss reads schedules with. It is loaded where a config has a schedule of its own: its dates would cost
 * every application's start some 25 ms. In a bundle it may be missing; `writeback migrate` runs outside of one.
 */
function parser(): Parser | undefined {
  try {
    return (createRequire(import.meta.url)('cron-parser') as typeof import('cron-parser'))
      .CronExpressionParser
  } catch {
    return undefined
  }
}

/** Whether a text is a cron expression of five fields that pg-boss can evaluate. */
export function isCron(text: string): boolean {
  return text.trim().split(/\s+/).length === 5 && parses(text, 'UTC')
}

/** Whether a text is a time zone that pg-boss can evaluate schedules in. */
export function isTimeZone(text: string): boolean {
  return text === 'UTC' || (text.trim() !== '' && parses('* * * * *', text))
}

function parses(cron: string, tz: string): boolean {
  try {
    // Without a date the parser does not look at the time zone.
    parser()?.parse(cron, { tz, strict: false, currentDate: new Date() })
    return true
  } catch {
    return false
  }
}
