import { readdirSync, readFileSync } from 'node:fs'

/** What the threads of a process are doing, as Linux tells it: name, state, and where in the kernel one waits. */
export function stateOf(pid: number): string {
  const read = (path: string) => {
    try {
      return readFileSync(`/proc/${pid}/${path}`, 'utf8').trim()
    } catch {
      return ''
    }
  }
  let tasks: string[] = []
  try {
    tasks = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 'it is gone'
  }
  return tasks
    .map((task) => {
      const state = /^State:\s+(\S)/m.exec(read(`task/${task}/status`))?.[1] ?? '?'
      const syscall = read(`task/${task}/syscall`).split(' ')[0] ?? ''
      return `${read(`task/${task}/comm`)} ${state} ${read(`task/${task}/wchan`)} ${syscall}`.trim()
    })
    .join(', ')
}
