/** What a check found. */
export interface Finding {
  readonly severity: 'ok' | 'warning' | 'error'
  /** What was looked at. */
  readonly subject: string
  readonly message: string
  /** What to do now; empty when all is well. */
  readonly remedy: string
}

export function ok(subject: string, message: string): Finding {
  return { severity: 'ok', subject, message, remedy: '' }
}

export function warning(subject: string, message: string, remedy: string): Finding {
  return { severity: 'warning', subject, message, remedy }
}

export function error(subject: string, message: string, remedy: string): Finding {
  return { severity: 'error', subject, message, remedy }
}
