type Values = Readonly<Record<string, unknown>>

/**
 * A copy of a call's arguments as they are meant, so that what the application changes in them afterwards does not
 * matter. What is left out on purpose (`Prisma.skip`) is left out, but for an `omit`, where it takes back what the
 * client omits.
 *
 * Prisma makes a copy for its hooks too, but of an object of a class it keeps the fields alone: one with a `toJSON`,
 * which a Json field takes, would be stored as `{}`. Objects of classes are therefore passed on as they are.
 */
export function copyArguments(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((one) => copyArguments(one))
  if (value instanceof Date) return new Date(value)
  if (!isPlain(value)) return value
  const given = Object.entries(value).filter(([, one]) => key === 'omit' || !isSkip(one))
  return Object.fromEntries(given.map(([name, one]) => [name, copyArguments(one, name)]))
}

/** Whether a value is `Prisma.skip`. Its class belongs to the application's Prisma Client. */
export function isSkip(value: unknown): boolean {
  return typeof (value as { ifUndefined?: unknown } | null | undefined)?.ifUndefined === 'function'
}

/** An object of no class, of whatever realm. */
function isPlain(value: unknown): value is Values {
  if (typeof value !== 'object' || value === null) return false
  if (typeof (value as Values).toJSON === 'function') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
