import { isPrismaPromise, join, LONG, type SeamClient, transactionOfClient } from './seam.ts'

/**
 * Runs `$transaction([...])` as an interactive transaction, one element after the other. In Prisma's own
 * batch the answers come after the commit, too late to publish the ids that they bring.
 *
 * @param transact the client's `$transaction`
 * @param client what it is called on: the client, or a transaction's client
 * @param batch the elements
 * @param options Prisma's options: isolationLevel, maxWait, timeout
 */
export function batchAsTransaction(
  transact: SeamClient['$transaction'],
  client: object,
  batch: readonly unknown[],
  options: object | undefined,
): Promise<unknown> {
  // Prisma's own check, and its words: the mistake is the same one.
  if (!batch.every(isPrismaPromise)) {
    throw new Error(
      'All elements of the array need to be Prisma Client promises. Hint: Please make sure you are not awaiting the Prisma client calls you intended to pass in the $transaction function.',
    )
  }
  const run = async (tx: object) => {
    const transaction = transactionOfClient(tx)
    const answers: unknown[] = []
    for (const promise of batch) answers.push(await join(promise, transaction))
    return answers
  }
  return transact.call(client, run, { ...LONG, ...options })
}
