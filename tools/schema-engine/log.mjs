/**
 * Writes one log line as the native engine does.
 *
 * @param {'INFO' | 'ERROR'} level
 * @param {string} message
 * @param {Record<string, unknown>} [fields] for errors: `error_code`, `is_panic`
 */
export function log(level, message, fields = {}) {
  const line = {
    timestamp: new Date().toISOString(),
    level,
    fields: { message, ...fields },
    target: 'schema_engine::logger',
  }
  process.stderr.write(`${JSON.stringify(line)}\n`)
}
