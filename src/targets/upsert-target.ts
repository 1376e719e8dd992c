/**
 * SQL that writes down where a target is. One that is in another place now, or of another kind, forgets what was known of the
 * old place. Values: name, lane, model, kind, and what its place looks like before it was seen, as JSON.
 * @param table `sync_target`, quoted
 */
export function upsertTargetSql(table: string): string {
  return `insert into ${table} as t (name, kind, lane, model, place) values ($1, $4, $2, $3, $5::jsonb)
    on conflict (name) do update set
      kind = excluded.kind,
      lane = excluded.lane,
      model = excluded.model,
      place = case when (t.kind, t.lane) = (excluded.kind, excluded.lane) then t.place else excluded.place end,
      updated_at = now()`
}
