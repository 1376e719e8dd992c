import { z } from 'zod'

const match = z
  .strictObject({
    calls: z.enum(['read', 'write', 'drive', 'any']).optional(),
    method: z.string().optional(),
    spreadsheetId: z.string().optional(),
  })
  .optional()

const common = {
  match,
  count: z.number().int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.number().int().optional(),
}

const status = z.union([
  z.literal(401),
  z.literal(403),
  z.literal(404),
  z.literal(429),
  z.literal(500),
  z.literal(502),
  z.literal(503),
])

/** POST /control/faults */
export const faultBody = z.union([
  z.strictObject({ kind: z.literal('status'), status, ...common }),
  z.strictObject({ kind: z.enum(['reset-before', 'reset-after', 'broken-json', 'truncated']), ...common }),
  z.strictObject({
    kind: z.literal('hang'),
    ms: z.number().min(0),
    apply: z.boolean().optional(),
    ...common,
  }),
])

/** POST /control/latency */
export const latencyBody = z.strictObject({ ms: z.number().min(0), match })

/** POST /control/drive */
export const driveBody = z.strictObject({ lagMs: z.number().min(0) })

/** POST /control/outage */
export const outageBody = z.strictObject({ outage: z.enum(['unavailable', 'unreachable']).nullable() })

/** POST /control/quota; null takes the limits away */
export const quotaBody = z.strictObject({
  limits: z
    .strictObject({
      perUser: z.number().int().min(0),
      perProject: z.number().int().min(0),
      windowMs: z.number().int().min(1).optional(),
    })
    .nullable(),
})

/** POST /control/access */
export const accessBody = z.strictObject({
  spreadsheetId: z.string(),
  allowed: z.union([z.boolean(), z.literal('view')]),
  token: z.string().optional(),
})

/** POST /control/office-files */
export const officeFileBody = z.strictObject({ spreadsheetId: z.string(), office: z.boolean() })

/** POST /control/tokens */
export const tokenBody = z.strictObject({ token: z.string(), rejected: z.boolean() })

/** POST /control/protection */
export const protectionBody = z.strictObject({
  spreadsheetId: z.string(),
  refuse: z.boolean(),
  token: z.string().optional(),
  protectedRangeId: z.number().int().optional(),
})

/** POST /control/spreadsheets: a Spreadsheet with a chosen id */
export const spreadsheetBody = z.looseObject({
  spreadsheetId: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, - and _')
    .optional(),
})

/** Who acts, as the history shows it. */
const by = z.string().min(1).max(100).optional()

/** POST /control/human: an action with its arguments, or requests of a batchUpdate */
export const humanBody = z.union([
  z.strictObject({
    spreadsheetId: z.string(),
    by,
    requests: z.array(z.record(z.string(), z.unknown())).min(1),
  }),
  z.looseObject({
    spreadsheetId: z.string(),
    by,
    action: z.string(),
    /** The version that the person looked at. */
    asOf: z.number().int().min(0).optional(),
  }),
])
