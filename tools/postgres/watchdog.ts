import { spawn } from 'node:child_process'

// Waits for the end of its input, which comes when the process that started it is gone, in whatever way it went. Then
// stops the Postgres that runs in "$1/data" and, if "$2" says so, removes the folder.
const SCRIPT = `
read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -INT "$pid" 2>/dev/null
  tries=0
  while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
if [ "$2" = remove ]; then rm -rf "$1"; fi
`

/**
 * Sees to it that no Postgres outlives this process, also when this process is killed.
 *
 * @param folder the cluster's folder
 * @param remove whether the folder goes too
 * @returns ends the watch; then nothing happens when this process ends
 */
export function watchOver(folder: string, remove: boolean): () => void {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', folder, remove ? 'remove' : 'keep'], {
    cwd: '/',
    // A session of its own: Ctrl-C in a terminal is for this process, which then stops Postgres when it is ready to.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  const input = child.stdin as typeof child.stdin & { unref(): void }
  input.unref()
  return () => child.kill('SIGKILL')
}
