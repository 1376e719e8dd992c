import type { Random } from '../random.ts'
import type { ModelDraft, ValueDraft } from './draft.ts'

/** The enum that every schema has. */
export const SIZE = 'Size'

/** Names of columns that have to be quoted, or look like what they are not. */
const COLUMNS = ['the column', 'order', 'Über', 'x-y', 'a.b', 'user', 'CASE']

/** A model with a key of its own, of any kind, and a few values. */
export function plainModel(random: Random, name: string, table: string): ModelDraft {
  const made = random.weighted<() => ModelDraft>([
    [
      3,
      () =>
        single(name, table, '@id', {
          name: 'id',
          type: 'String',
          native: random.chance(0.5) ? '@db.VarChar(40)' : '',
        }),
    ],
    [1, () => single(name, table, '@id', { name: 'id', type: 'Int' })],
    [
      2,
      () =>
        single(name, table, '@id', { name: 'id', type: 'Int', attributes: ['@default(autoincrement())'] }),
    ],
    [
      1,
      () =>
        single(name, table, '@id', { name: 'id', type: 'BigInt', attributes: ['@default(autoincrement())'] }),
    ],
    [
      1,
      () =>
        single(name, table, '@id', {
          name: 'id',
          type: 'String',
          native: '@db.Uuid',
          attributes: ['@default(uuid())'],
        }),
    ],
    [1, () => single(name, table, '@unique', { name: 'code', type: 'String' })],
    [
      2,
      () =>
        several(name, table, random.chance(0.6) ? '@@id' : '@@unique', random.chance(0.3) ? 'named' : null, [
          { name: 'part', type: random.chance(0.3) ? SIZE : 'String' },
          { name: 'number', type: 'Int' },
        ]),
    ],
  ])()
  made.values.push(...someValues(random))
  return withOddColumns(random, made)
}

/** A model whose key are these fields. */
export function several(
  name: string,
  table: string,
  keyIs: '@@id' | '@@unique',
  keyName: string | null,
  key: readonly ValueDraft[],
): ModelDraft {
  const names = key.map((field) => field.name)
  const attribute = `${keyIs}([${names.join(', ')}]${keyName === null ? '' : `, name: "${keyName}"`})`
  return { name, table, key: names, keyIs, values: [...key], relations: [], attributes: [attribute] }
}

/** A model whose key is this field. */
export function single(name: string, table: string, keyIs: '@id' | '@unique', key: ValueDraft): ModelDraft {
  const value = { ...key, attributes: [keyIs, ...(key.attributes ?? [])] }
  return { name, table, key: [key.name], keyIs, values: [value], relations: [], attributes: [] }
}

/** Values beside the key, that sheets may show. */
export function someValues(random: Random): ValueDraft[] {
  const possible: ValueDraft[] = [
    { name: 'count', type: 'Int', attributes: ['@default(0)'] },
    { name: 'size', type: SIZE, kind: 'optional' },
    { name: 'flag', type: 'Boolean', attributes: ['@default(false)'] },
    { name: 'on', type: 'DateTime', kind: 'optional', native: '@db.Date' },
    { name: 'tags', type: 'String', kind: 'list' },
    { name: 'price', type: 'Decimal', kind: 'optional', native: '@db.Decimal(8, 2)' },
    { name: 'changed', type: 'DateTime', attributes: ['@updatedAt'] },
    { name: 'email', type: 'String', kind: 'optional', attributes: ['@unique'] },
  ]
  const label: ValueDraft = { name: 'label', type: 'String', attributes: ['@default("")'] }
  return [label, ...possible.filter(() => random.chance(0.35))]
}

/** Some columns get another name than their field. */
function withOddColumns(random: Random, model: ModelDraft): ModelDraft {
  const free = COLUMNS.filter(() => random.chance(0.5))
  model.values.forEach((value, at) => {
    if (random.chance(0.25) && free.length > 0) model.values[at] = { ...value, column: free.pop() as string }
  })
  return model
}
