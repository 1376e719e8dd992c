import { describe, expect, it } from 'vitest'
import { PEER_NAMES } from '../../bench/peers/index.ts'
import { PHASES, readSettings } from '../../bench/peers/settings.ts'

describe('settings of the peers benchmark', () => {
  it('measure everything, briefly, when nothing is set', () => {
    const settings = readSettings({})
    expect(settings.peers).toEqual(PEER_NAMES)
    expect([...settings.phases]).toEqual(PHASES)
    expect(settings).toMatchObject({ seed: 1, drainJobs: [10_000], sheetRecords: [10_000] })
  })

  it('take some of the peers and phases, in their own order, and sizes', () => {
    const settings = readSettings({
      PEERS_ONLY: 'writeback_trigger,outbox',
      PEERS_PHASES: 'faults,publish',
      PEERS_DRAIN: '10000,1000000',
      PEERS_SEED: '7',
    })
    expect(settings.peers).toEqual(['outbox', 'writeback_trigger'])
    expect([...settings.phases]).toEqual(['publish', 'faults'])
    expect(settings).toMatchObject({ seed: 7, drainJobs: [10_000, 1_000_000], sheetRecords: [10_000] })
  })

  it('take more samples for figures to quote', () => {
    const [long, short] = [readSettings({ PEERS_LONG: '1' }), readSettings({})]
    expect(long.latencyWrites).toBeGreaterThan(short.latencyWrites)
    expect(long.faultOperations).toBeGreaterThan(short.faultOperations)
  })

  it.each([
    [{ PEERS_ONLY: 'kafka' }, /PEERS_ONLY: there is no kafka/],
    [{ PEERS_PHASES: 'sleep' }, /PEERS_PHASES: there is no sleep/],
    [{ PEERS_DRAIN: 'many' }, /PEERS_DRAIN: expected whole numbers above 0/],
    [{ PEERS_SEED: '0' }, /PEERS_SEED/],
  ])('refuse %o and say what can be set', (source, message) => {
    expect(() => readSettings(source)).toThrow(message)
    expect(() => readSettings(source)).toThrow(/REDIS_URL/)
  })
})
