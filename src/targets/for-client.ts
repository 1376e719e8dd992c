import {
  assertDataModel,
  type ConfigOptions,
  resolveConfig,
  type WritebackConfig,
} from '../config/define-config.ts'
import type { AnyClient, IncludeOf, ModelName, RecordOf } from '../config/typed.ts'
import type { DataModel } from '../model/data-model.ts'
import type { Target } from '../model/target.ts'
import { apiKind } from './api/kind.ts'
import type { ApiTarget } from './api/target.ts'
import type { ApiTargetInput } from './api/typed.ts'
import type { CacheTarget, CacheTargetInput } from './cache/config.ts'
import { cacheKind } from './cache/kind.ts'
import type { CustomTarget, CustomTargetInput } from './custom/config.ts'
import { customKind } from './custom/kind.ts'
import type { SearchTargetInput } from './search/config.ts'
import { searchKind } from './search/kind.ts'
import type { EngineName, SearchTarget } from './search/target.ts'
import type { SheetTarget } from './sheet/config/target.ts'
import type { SheetTargetInput } from './sheet/config/typed.ts'
import { sheetKind } from './sheet/kind.ts'
import { byKind, type OfKind, type TargetKind } from './target.ts'

/** What {@link forClient} returns: the functions of a config file, typed for one Prisma client. */
export interface ConfigBuilder<Client> {
  /**
   * Checks the whole configuration.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  defineConfig(options: ConfigOptions<Client>): WritebackConfig
  /**
   * A tab of a Google spreadsheet.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  sheetTarget<Model extends ModelName<Client>, const Include extends IncludeOf<Client, Model>>(
    input: SheetTargetInput<Client, Model, Include>,
  ): OfKind<SheetTarget>
  /**
   * Keys in Redis: they are dropped when their records change, or hold what the records show. `cached` reads them.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  cacheTarget<Model extends ModelName<Client>, const Include extends IncludeOf<Client, Model>>(
    input: CacheTargetInput<Client, Model, Include>,
  ): OfKind<CacheTarget>
  /**
   * An outside system of record, which others change too: fields are merged, quantities by their movements.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  apiTarget<
    Model extends ModelName<Client>,
    const Include extends IncludeOf<Client, Model>,
    Document extends object,
  >(input: ApiTargetInput<Client, Model, Include, Document>): OfKind<ApiTarget>
  /**
   * A place that your own functions write: two of them are a whole target, with retries, dead letters, pause, comparison.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  customTarget<
    Model extends ModelName<Client>,
    const Include extends IncludeOf<Client, Model>,
    Document = RecordOf<Client, Model, Include>,
  >(input: CustomTargetInput<Client, Model, Include, Document>): OfKind<CustomTarget>
  /**
   * An index of a search engine: Postgres itself, which needs no server of its own, or another one by its own client.
   * @throws WritebackError `CONFIG_INVALID` that names every option that is wrong
   */
  searchTarget<
    Model extends ModelName<Client>,
    const Include extends IncludeOf<Client, Model>,
    const Engine extends EngineName,
    Document = RecordOf<Client, Model, Include>,
  >(
    input: SearchTargetInput<Client, Model, Include, Document, Engine>,
  ): OfKind<SearchTarget<Engine, Document>>
}

/**
 * Types the config file for a generated Prisma client: a wrong model or field does not compile.
 *
 * @param dataModel what `generator writeback` wrote beside the client
 * @throws WritebackError `CONFIG_INVALID` for anything else
 * @example
 * const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
 * export default defineConfig({ targets: [sheetTarget({ ... })] })
 */
export function forClient<Client extends AnyClient>(dataModel: DataModel): ConfigBuilder<Client> {
  assertDataModel(dataModel)
  const make =
    <T extends Target>(definition: TargetKind<T>) =>
    (input: unknown): OfKind<T> => ({ ...definition.resolve(dataModel, input), definition })
  return {
    defineConfig(options) {
      const config = resolveConfig(dataModel, options)
      for (const [kind, targets] of byKind(config.targets)) kind.assertApart?.(targets)
      return config
    },
    sheetTarget: make(sheetKind),
    cacheTarget: make(cacheKind),
    apiTarget: make(apiKind),
    customTarget: make(customKind),
    searchTarget: make(searchKind) as ConfigBuilder<Client>['searchTarget'],
  }
}
