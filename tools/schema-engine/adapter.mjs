import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'

/** Type ids of Postgres (pg_type.oid). */
const CHAR = 18
const BPCHAR = 1042

/**
 * Gives a Postgres driver adapter what the schema engine needs of it.
 *
 * @template {import('@prisma/driver-adapter-utils').SqlDriverAdapter} Adapter
 * @param {Adapter} adapter changed in place
 * @param {(script: string, error: Error) => void} onScriptError hears of scripts that fail
 * @returns {Adapter}
 */
export function complete(adapter, onScriptError) {
  sendScriptsWhole(adapter, onScriptError)
  readCatalogChars(adapter)
  return adapter
}

/**
 * The adapter cuts a script at every semicolon, also inside a function's body or a text. Postgres itself takes a whole
 * script, and runs it as one transaction, which is what the native engine relies on.
 */
function sendScriptsWhole(adapter, onScriptError) {
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script)
    } catch (error) {
      onScriptError(script, error)
      adapter.onError(error)
    }
  }
}

/**
 * The adapter refuses columns of the catalog's one-byte type "char" (pg_constraint.confupdtype), which the engine reads
 * when it describes a database: pass them off as bpchar, then name their type as the engine expects it.
 */
function readCatalogChars(adapter) {
  const performIO = adapter.performIO.bind(adapter)
  const queryRaw = adapter.queryRaw.bind(adapter)
  /** By the rows of a result, which of its columns are of that type. */
  const chars = new WeakMap()

  adapter.performIO = async (query) => {
    const result = await performIO(query)
    chars.set(
      result.rows,
      new Set(result.fields.flatMap(({ dataTypeID }, i) => (dataTypeID === CHAR ? [i] : []))),
    )
    const fields = result.fields.map((field) =>
      field.dataTypeID === CHAR ? { ...field, dataTypeID: BPCHAR } : field,
    )
    return { rows: result.rows, rowCount: result.rowCount, fields }
  }
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    const isChar = chars.get(result.rows)
    const columnTypes = result.columnTypes.map((type, i) => (isChar.has(i) ? ColumnTypeEnum.Character : type))
    return { ...result, columnTypes }
  }
}

/**
 * Makes an adapter answer reads only.
 *
 * @template {import('@prisma/driver-adapter-utils').SqlDriverAdapter} Adapter
 * @param {Adapter} adapter changed in place
 * @returns {Adapter}
 */
export function writeNothing(adapter) {
  adapter.executeScript = async () => {}
  adapter.executeRaw = async () => 0
  return adapter
}
