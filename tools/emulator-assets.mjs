// Part of the build: the files of the local sheet that are read as it runs.

import { cpSync } from 'node:fs'

for (const path of ['page/assets', 'schema/messages.txt']) {
  cpSync(`sheets-emulator/${path}`, `dist/sheets-emulator/${path}`, { recursive: true })
}
