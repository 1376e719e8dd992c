/** Codes of connections that were not made, or broke, before any answer. */
const CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|UND_ERR_\w+)$/
/** How deep causes are looked at. */
const DEPTH = 5

/** Whether an error says that a place could not be reached, or did not answer in time: as Node, fetch and their users tell it. */
export function isNetworkError(error: unknown): boolean {
  let one = error
  for (let depth = 0; depth < DEPTH && typeof one === 'object' && one !== null; depth++) {
    const { code, name, errors, cause } = one as {
      code?: unknown
      name?: unknown
      errors?: unknown
      cause?: unknown
    }
    if (typeof code === 'string' && CODES.test(code)) return true
    if (name === 'TimeoutError' || name === 'AbortError') return true
    if (Array.isArray(errors) && errors.some(isNetworkError)) return true
    one = cause
  }
  return false
}
