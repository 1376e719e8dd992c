import { Command } from 'commander'

/** `writeback worker`: the worker process. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run a worker in this process until SIGTERM')
    .action(async (_options: object, command: Command) => {
      // Google's client is loaded by this command only.
      const { runWorkerProcess } = await import('../jobs/worker.ts')
      await runWorkerProcess(command.optsWithGlobals().config)
    })
}
