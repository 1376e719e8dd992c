import { cleanup } from './cleanup.ts'
import { inbound } from './inbound.ts'
import type { JobDefinition } from './job.ts'
import { pull } from './pull.ts'
import { reconcile } from './reconcile.ts'
import { recover } from './recover.ts'
import { related } from './related.ts'
import { writeBack } from './write-back.ts'

/** Every kind of background job of the library. */
export const jobs: readonly JobDefinition[] = [writeBack, inbound, related, cleanup, recover, reconcile, pull]
