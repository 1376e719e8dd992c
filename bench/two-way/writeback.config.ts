import { configOf } from './config.ts'

export default configOf(JSON.parse(process.env.TWO_WAY ?? '{}'), process.env.DATABASE_URL)
