/*
 * The public API, one explicit list. Everything else is internal.
 */

export { type CommentPlugin, writebackContext } from './capture/extension/context-comment.ts'
export {
  type ExtensionOptions,
  type TypeNeutralExtension,
  withWriteback,
  writeback,
} from './capture/extension/extension.ts'
export { type Change, type ChangeContext, changeSchema, type Operation } from './change/change.ts'
export { currentContext, runWithContext } from './change/context.ts'
export type { CaptureMode, ConfigOptions, WritebackConfig } from './config/define-config.ts'
export { type Environment, readEnvironment } from './config/environment.ts'
export type {
  CommonTargetInput,
  FieldName,
  IncludeOf,
  ModelName,
  RecordOf,
} from './config/typed.ts'
export { type ErrorCode, isWritebackError, WritebackError } from './errors.ts'
export { EditRefused } from './inbound/edit-refused.ts'
export { type ScriptHandlerOptions, scriptHandler } from './inbound/script-handler.ts'
export type { DataModel, EnumModel, Field, JoinTable, Model } from './model/data-model.ts'
export { decodeRecordId, encodeRecordId } from './model/record-id.ts'
export { QUEUES } from './queue/queue-names.ts'
export type {
  ApiStrategy,
  ApiTarget,
  FieldStrategy,
  GivenRecord,
  PlaceFields,
  PutCall,
  ReadCall,
  RemoveCall,
} from './targets/api/target.ts'
export type { ApiTargetInput } from './targets/api/typed.ts'
export type { CacheTarget, CacheTargetInput } from './targets/cache/config.ts'
export { type Cached, cached } from './targets/cache/reader/cached.ts'
export type { CacheOptions, GetOptions } from './targets/cache/reader/options.ts'
export type { Stored } from './targets/cache/reader/stored.ts'
export type { RedisClient } from './targets/cache/redis/client.ts'
export type { CustomCall, CustomTarget, CustomTargetInput } from './targets/custom/config.ts'
export { PlaceAway, RecordRefused } from './targets/custom/errors.ts'
export type { PlaceEntry } from './targets/documents/place.ts'
export { type ConfigBuilder, forClient } from './targets/for-client.ts'
export type { SearchTargetInput, SettingsInput } from './targets/search/config.ts'
export type { ElasticClient } from './targets/search/elastic/client.ts'
export type { ElasticSettings, ElasticSettingsInput } from './targets/search/elastic/settings.ts'
export type { MeilisearchClient } from './targets/search/meilisearch/client.ts'
export type { MeilisearchSettings } from './targets/search/meilisearch/settings.ts'
export type { PostgresClient } from './targets/search/postgres/client.ts'
export type { HighlightOptions } from './targets/search/postgres/highlight.ts'
export {
  type SearchHit,
  type SearchIn,
  type SearchOptions,
  type SearchResult,
  search,
} from './targets/search/postgres/search.ts'
export type { PostgresSettings, PostgresSettingsInput } from './targets/search/postgres/settings.ts'
export type { EngineName, Engines, SearchTarget } from './targets/search/target.ts'
export type { TypesenseClient } from './targets/search/typesense/client.ts'
export type {
  TypesenseField,
  TypesenseSettings,
  TypesenseSettingsInput,
} from './targets/search/typesense/settings.ts'
export type { Column, DeletePolicy, SheetTarget } from './targets/sheet/config/target.ts'
export type { ColumnInput, SheetTargetInput } from './targets/sheet/config/typed.ts'
