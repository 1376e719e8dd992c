import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The examples with the programs of others, from the registry: `npm run test:examples`. */
export default defineConfig({ ...base, test: { ...base.test, include: ['test/**/*.examples.ts'] } })
