/** What the judge has to know of what people did. `key` is a record's id as the key column shows it. */
export type Fact =
  /** A text of theirs stands in their own column, beside a record. */
  | { readonly kind: 'remark'; readonly target: string; readonly key: string; readonly text: string }
  /** A row of theirs, without a key, that says this in their own column. */
  | { readonly kind: 'own row'; readonly target: string; readonly text: string }
  /** They typed into a cell of the library's. */
  | {
      readonly kind: 'typed'
      readonly target: string
      readonly key: string
      readonly header: string
      readonly value: string | number
    }
  | ({ readonly kind: 'row removed' } & Row)
  | ({ readonly kind: 'row copied' } & Row)
  /** They typed into a cell that they may write; the value, unless it is a truth, is like no other. */
  | {
      readonly kind: 'edit'
      readonly target: string
      readonly key: string
      readonly header: string
      readonly value: string | boolean
    }
  /** The same with what no record may have. */
  | {
      readonly kind: 'nonsense'
      readonly target: string
      readonly key: string
      readonly header: string
      readonly value: string
    }
  /** They typed a row that is to become a record; its author is like no other. */
  | { readonly kind: 'new row'; readonly target: string; readonly author: string }
  /**
   * A text of theirs stood where a write was about to hit, which had been planned before they moved rows or columns.
   * The API has no way to write on a condition: nobody can keep such a text.
   */
  | { readonly kind: 'text hit in a race'; readonly target: string; readonly text: string }
  /**
   * Cells of a record's row were hit in the same way, or those of a row without a key. The worker that wrote looks and
   * puts it right; one that dies first leaves nobody who knows.
   */
  | {
      readonly kind: 'cell hit in a race'
      readonly target: string
      readonly key: string
      readonly header: string
    }
  | {
      readonly kind: 'keyless row hit in a race'
      readonly target: string
      /** What was written into it. */
      readonly texts?: readonly string[]
    }
  /** A new row went into columns that had been moved in the same way: its key may stand in another one. */
  | { readonly kind: 'row added in a race'; readonly target: string }
  /** The row of a record was removed in the same way. */
  | { readonly kind: 'row hit in a race'; readonly target: string; readonly key: string }
  /** A write put into a cell what stood there already. Nobody had acted since what it was planned on was read. */
  | {
      readonly kind: 'echo'
      readonly target: string
      readonly key: string
      readonly header: string
      readonly value: string
    }
  /** A column of the library's is gone, or has another header. */
  | { readonly kind: 'column gone'; readonly target: string; readonly header: string }

/** The row of a record, with what stood in it. */
interface Row {
  readonly target: string
  readonly key: string
  readonly texts: readonly string[]
}

/** What people did, all in all. */
export class Facts {
  readonly #all: Fact[] = []

  add(facts: readonly Fact[]): void {
    this.#all.push(...facts)
  }

  /** Says when each of these was added, after which others. */
  order(facts: readonly Fact[]): number[] {
    return facts.map((fact) => this.#all.indexOf(fact))
  }

  of<Kind extends Fact['kind']>(kind: Kind, target: string): Extract<Fact, { kind: Kind }>[] {
    return this.#all.filter(
      (fact): fact is Extract<Fact, { kind: Kind }> => fact.kind === kind && fact.target === target,
    )
  }
}
