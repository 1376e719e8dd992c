import type { Random } from '../random.ts'
import type { Fact } from './facts.ts'
import type { PersonalSheet } from './personal-sheet.ts'

/** Something a person does in a tab. */
export interface Action {
  readonly kind: string
  readonly weight: number
  /**
   * Does it, within one moment: nobody else acts between what the person sees and what they do.
   * @returns what the judge has to know; undefined when there was nothing to do it with
   */
  act(sheet: PersonalSheet, random: Random): readonly Fact[] | undefined
}
