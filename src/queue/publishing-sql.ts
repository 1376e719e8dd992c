import type { Schemas } from '../config/schemas.ts'
import { publishAllFunctionSql } from './publish-all-function.ts'
import { publishFunctionSql } from './publish-function.ts'
import { relatedFunctionSql } from './related-function.ts'

/** SQL that creates, or replaces, all functions that publish. */
export function publishingSql(schemas: Schemas): string {
  return [publishFunctionSql, publishAllFunctionSql, relatedFunctionSql].map((sql) => sql(schemas)).join('\n')
}
