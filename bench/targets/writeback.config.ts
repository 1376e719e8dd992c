import { configOf } from './places.ts'

export default configOf(JSON.parse(process.env.TOWN ?? '{}'))
