import type { WritebackConfig } from '../../config/define-config.ts'
import { type PublishStatement, publishStatement } from '../../queue/publish.ts'
import { linkRowsSql, linkValueColumns, mirroredQuery } from './mirrored-query.ts'
import { tableSql } from './names.ts'
import { planTriggers } from './plan.ts'
import { causeName } from './second-look.ts'

/** Rows whose change a target shows through a relation. */
export interface RelatedChange {
  /** Name of the target. */
  readonly target: string
  /** See `causeName`. */
  readonly path: string
  /** The columns that lead back from the rows, by name, as text. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
}

/** Finds, after a change is committed, the records that show the changed rows, and publishes them. */
export class RelatedRecords {
  readonly #config: Pick<WritebackConfig, 'dataModel' | 'schemas' | 'targets'>
  readonly #ways: ReadonlyMap<string, (rows: RelatedChange['rows']) => PublishStatement | null>

  constructor(config: Pick<WritebackConfig, 'dataModel' | 'schemas' | 'targets'>) {
    this.#config = config
    this.#ways = new Map(this.#plan())
  }

  /**
   * The statement that publishes whoever shows the rows now.
   * @returns undefined when the configuration has no such target, or does not show the table by that path any more
   */
  statement({ target, path, rows }: RelatedChange): PublishStatement | null | undefined {
    return this.#ways.get(nameOf(target, path))?.(rows)
  }

  *#plan(): Generator<[string, (rows: RelatedChange['rows']) => PublishStatement | null]> {
    const { dataModel, schemas, targets } = this.#config
    for (const plan of planTriggers(dataModel, targets)) {
      for (const cause of plan.causes) {
        if (cause.kind !== 'related') continue
        const columns = linkValueColumns(cause)
        const publish = (rows: RelatedChange['rows']) => {
          const query = (parameter: (value: unknown) => string) => {
            const given = linkRowsSql(tableSql(plan, schemas), columns, parameter(JSON.stringify(rows)))
            return mirroredQuery(dataModel, schemas, cause, given)
          }
          const found = { target: cause.target.name, query }
          return publishStatement(schemas, targets, [], undefined, undefined, [found])
        }
        yield [nameOf(cause.target.name, causeName(cause)), publish]
      }
    }
  }
}

function nameOf(target: string, path: string): string {
  return JSON.stringify([target, path])
}
