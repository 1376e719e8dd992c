import { configOf } from './writeback-config.ts'

// The worker reads records in the same way whoever captured their changes.
export default configOf('extension', process.env.WRITEBACK_SPREADSHEET_ID ?? '', process.env.DATABASE_URL)
