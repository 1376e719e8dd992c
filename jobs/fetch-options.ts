/**
 * How jobs of changes and of edits are fetched: NOTIFY wakes the worker for new ones, polling is for retries, whose time
 * comes without one.
 */
export const FETCH_OPTIONS = {
  pollingIntervalSeconds: 1,
  notifyPollingIntervalSeconds: 2,
  burstWhenBatchFull: true,
} as const
