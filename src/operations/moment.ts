/** A moment as people write it in logs: `2026-11-21 10:15:00Z`. */
export function moment(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}
