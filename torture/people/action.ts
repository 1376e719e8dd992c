import type { Random } from '../random.ts'
import type { TortureTab } from '../spreadsheets.ts'
import type { Fact } from './facts.ts'
import type { PersonalSheet } from './personal-sheet.ts'

/** Something a person does in a tab. */
export interface Action {
  readonly kind: string
  readonly weight: number
  /** Whether it can be done in such a tab. @defaultValue in every tab */
  suits?(tab: TortureTab): boolean
  /**
   * Does it, within one moment: nobody else acts between what the person sees and what they do.
   * @returns what the judge has to know; undefined when there was nothing to do it with
   */
  act(sheet: PersonalSheet, random: Random): readonly Fact[] | undefined
}
