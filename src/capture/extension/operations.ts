/** Prisma's operations that write records of a model. */
export const WRITES = [
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'delete',
  'deleteMany',
] as const
export type WriteOperation = (typeof WRITES)[number]

/** Prisma's operations that run SQL of the application's own: the first two may be called for what they change. */
export const RAW_OPERATIONS = [
  '$executeRaw',
  '$executeRawUnsafe',
  '$queryRaw',
  '$queryRawUnsafe',
  '$queryRawTyped',
] as const
