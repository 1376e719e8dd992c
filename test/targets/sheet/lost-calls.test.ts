import { describe, expect, it } from 'vitest'
import { Fence } from '../../../src/targets/sheet/google/fence.ts'
import { LostCalls } from '../../../src/targets/sheet/tab/lost-calls.ts'

const intended = (name: string) => ({ Name: [name] })
const ids = (calls: LostCalls) => calls.all.map(([id]) => id)

describe('what lost calls were about to write', () => {
  it('is asked for once, and again after a batch that left damage', () => {
    const calls = new LostCalls()
    expect([calls.isKnown, calls.isEmpty]).toEqual([false, true])
    calls.take(new Map([['a', intended('Anna')]]))
    expect([calls.isKnown, calls.isEmpty, ids(calls)]).toEqual([true, false, ['a']])
    calls.ask()
    expect(calls.isKnown).toBe(false)
  })

  it('has come to its own row where that shows it', () => {
    const calls = new LostCalls()
    calls.take(new Map([['a', intended('Anna')]]))
    calls.lose(new Map([['b', { Name: ['Bert'], Seats: [4] }]]))
    calls.see('a', () => 'Anna')
    calls.see('b', (header) => (header === 'Name' ? 'Bert' : 3))
    expect(calls.all).toEqual([['b', { Seats: [4] }]])
  })

  it('is not told by a row that was written again', () => {
    const calls = new LostCalls()
    calls.lose(new Map([['b', intended('Bert')]]))
    calls.rewrote(['b'])
    calls.see('b', () => 'Bert')
    expect(ids(calls)).toEqual(['b'])
    // Another call is another matter.
    calls.lose(new Map([['b', intended('Berta')]]))
    calls.see('b', () => 'Berta')
    expect(calls.isEmpty).toBe(true)
  })

  it('of this worker is over where none of its calls came, that of others once the tab was searched', () => {
    const calls = new LostCalls()
    calls.take(new Map([['a', intended('Anna')]]))
    calls.lose(new Map([['b', intended('Bert')]]))
    calls.neverCame()
    expect(ids(calls)).toEqual(['a'])
    calls.searched()
    expect([calls.isKnown, calls.isEmpty]).toEqual([true, true])
  })
})

describe('the number of a batch tells whether those that were lost before it have come', () => {
  const entry = (metadataId: number) => ({
    metadataId,
    metadataKey: 'prisma-writeback.fence',
    metadataValue: new Date(0).toISOString(),
  })
  const made = (fence: Fence) => fence.next(0)?.id ?? 0

  it('where it is theirs, they have not, and cannot', () => {
    const fence = new Fence(true, 7)
    fence.take([entry(7)])
    expect(made(fence)).toBe(8)
    fence.outcomeUnknown(true)
    fence.take([entry(7)])
    made(fence)
    fence.outcomeUnknown(true)
    fence.take([entry(7)])
    expect(fence.applied(made(fence), 0)).toBe(true)
    expect(fence.applied(made(fence), 0)).toBe(false)
  })

  it('where it is another one, or one had none, they may have', () => {
    const came = new Fence(true, 7)
    came.take([entry(7)])
    made(came)
    came.outcomeUnknown(true)
    came.take([entry(7), entry(8)])
    expect(came.applied(made(came), 0)).toBe(false)

    const without = new Fence(true, 7)
    without.take([entry(7)])
    without.suspend()
    without.next(0)
    without.outcomeUnknown(true)
    without.resume()
    without.take([entry(7)])
    expect(without.applied(made(without), 0)).toBe(false)
  })
})
