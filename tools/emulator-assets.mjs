// Part of the build: the files of the local sheet that are read as it runs.

import { cpSync } from 'node:fs'

for (const path of ['page/assets', 'schema/messages.txt']) {
  cpSync(`packages/sheets-emulator/${path}`, `dist/packages/sheets-emulator/${path}`, { recursive: true })
}
