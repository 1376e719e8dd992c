import type { DataModel, EnumField, ScalarField } from '../../src/model/data-model.ts'
import type { ColumnFacts } from './catalog.ts'
import type { Random } from './random.ts'

/**
 * A value that Prisma Client takes for a field. The values are few, so that updates that change nothing and
 * violations of uniques happen too.
 */
export function randomValue(
  random: Random,
  dataModel: DataModel,
  field: ScalarField | EnumField,
  facts: ColumnFacts,
): unknown {
  if (field.isList) {
    return Array.from({ length: random.integer(0, 2) }, () =>
      randomValue(random, dataModel, { ...field, isList: false }, facts),
    )
  }
  if (field.kind === 'enum') return random.pick(Object.keys(dataModel.enums[field.type]?.values ?? {}))
  switch (field.type) {
    case 'Boolean':
      return random.chance(0.5)
    case 'Int':
      return random.integer(1, 500)
    case 'BigInt':
      return BigInt(random.integer(1, 500)) + (random.chance(0.2) ? 9_007_199_254_740_993n : 0n)
    case 'Float':
      return random.integer(-50, 50) / 4
    case 'Decimal':
      return decimal(random, facts)
    case 'DateTime':
      return new Date(Date.UTC(2026, random.integer(0, 11), random.integer(1, 28), ...timeOf(random, field)))
    case 'Json':
      return { [random.text(1)]: random.integer(1, 3) }
    case 'Bytes':
      return Uint8Array.from([random.integer(0, 255)])
    case 'String':
      return text(random, field, facts)
  }
}

function timeOf(random: Random, field: ScalarField): [number, number, number, number] {
  if (field.nativeType === 'Date') return [0, 0, 0, 0]
  return [random.integer(0, 23), 0, 0, random.integer(0, 3)]
}

function decimal(random: Random, { precision, scale }: ColumnFacts): string {
  const whole = (precision ?? 6) - (scale ?? 2)
  const digits = whole > 0 ? String(random.integer(0, 10 ** Math.min(whole, 3) - 1)) : '0'
  return `${digits}.${random.integer(0, 9)}`
}

function text(random: Random, field: ScalarField, { maxLength }: ColumnFacts): string {
  if (field.nativeType === 'Uuid') {
    const hex = Array.from({ length: 32 }, () => random.integer(0, 15).toString(16)).join('')
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5')
  }
  if (field.nativeType === 'Inet') return `10.0.${random.integer(0, 9)}.${random.integer(0, 255)}`
  if (field.nativeType === 'Xml') return `<a>${random.text(1)}</a>`
  if (field.nativeType === 'Bit' || field.nativeType === 'VarBit') {
    return Array.from({ length: maxLength ?? 1 }, () => random.integer(0, 1)).join('')
  }
  const length = Math.min(maxLength ?? 5, 5)
  const value = random.text(length)
  // Characters that ids and SQL have to escape.
  return length >= 4 && random.chance(0.1)
    ? `${value.slice(0, 2)}${random.pick(['|', '\\', "'", 'ü'])}${value.slice(3)}`
    : value
}
