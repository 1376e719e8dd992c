import { sheetKind } from './sheet/kind.ts'
import type { TargetKind } from './target.ts'

/** Every kind of target. Another one is a folder beside `sheet/` and a line here. */
export const TARGET_KINDS: readonly TargetKind[] = [sheetKind]
