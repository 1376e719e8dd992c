/** Work that is done once, for all who ask for it; again after it has failed, or was called off. */
export function onceUntilItFails(work: () => Promise<void>): { run(): Promise<void>; reset(): void } {
  let done: Promise<void> | undefined
  return {
    run() {
      done ??= work()
      const running = done
      running.catch(() => {
        if (done === running) done = undefined
      })
      return running
    },
    reset() {
      done = undefined
    },
  }
}
