import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WritebackError } from '../errors.ts'
import { changesSomething, type PlannedChange } from './change.ts'

/**
 * Makes the planned changes. Every file is looked at again first, so that what somebody saved since the preview is not
 * lost; then each is written whole, beside its place, and moved there.
 *
 * @throws WritebackError `OPERATION_INVALID` when a file is not as it was, before anything is written
 */
export async function applyChanges(root: string, changes: readonly PlannedChange[]): Promise<void> {
  const wanted = changes.filter(changesSomething)
  for (const { path, before } of wanted) {
    const now = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null
    if (now === before) continue
    throw new WritebackError('OPERATION_INVALID', {
      problem: `${path} has changed since it was read`,
      remedy: 'Nothing has been changed. Run the command again',
    })
  }
  for (const { path, before, added } of wanted) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    if (before === null) await writeFile(file, added, { flag: 'wx' })
    else {
      await writeFile(`${file}.writeback-init`, before + added)
      await rename(`${file}.writeback-init`, file)
    }
  }
}
