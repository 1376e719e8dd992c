/** A value as it comes out of a cache that keeps JSON: a Date is a text then, and so are a Decimal and a bigint. */
export type Stored<Value> = Value extends undefined | null | string | number | boolean
  ? Value
  : Value extends bigint
    ? string
    : Value extends { toJSON(...args: never[]): infer Json }
      ? Stored<Json>
      : Value extends (...args: never[]) => unknown
        ? never
        : Value extends object
          ? { [Key in keyof Value]: Stored<Value[Key]> }
          : Value
