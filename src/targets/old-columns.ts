import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'

/**
 * SQL that keeps the columns which a version without `place` reads and writes equal to `place`, in both directions, and
 * carries over what it had stored: workers of both versions run beside each other during a release. Whoever changed one
 * side changes the other. It goes with the columns, in a version that no longer runs beside 0.1.
 */
export function oldColumnsSql({ library }: Schemas): string {
  const schema = quoteIdentifier(library)
  const target = `jsonb_build_object('tab', new.tab, 'sheetId', new.sheet_id, 'layout', new.layout)`
  const lane = `jsonb_build_object('fence', new.fence, 'fenceState', new.fence_state)`
  return `
create or replace function ${schema}.sync_target_old_columns() returns trigger language plpgsql as $$
begin
  if new.kind <> 'sheet' then return new; end if;
  if (tg_op = 'INSERT' and new.place = '{}') or (tg_op = 'UPDATE' and new.place is not distinct from old.place
      and (new.tab, new.sheet_id, new.layout) is distinct from (old.tab, old.sheet_id, old.layout)) then
    new.place := ${target};
  else
    new.tab := coalesce(new.place->>'tab', new.tab);
    new.sheet_id := (new.place->>'sheetId')::int;
    new.layout := nullif(new.place->'layout', 'null');
  end if;
  return new;
end $$;
create or replace trigger sync_target_old_columns before insert or update on ${schema}.sync_target
  for each row execute function ${schema}.sync_target_old_columns();
create or replace function ${schema}.sync_lane_old_columns() returns trigger language plpgsql as $$
begin
  if (tg_op = 'INSERT' and new.place = '{}' and new.fence <> 0) or (tg_op = 'UPDATE' and new.place is not distinct from old.place
      and (new.fence, new.fence_state) is distinct from (old.fence, old.fence_state)) then
    new.place := ${lane};
  elsif new.place ? 'fence' then
    new.fence := (new.place->>'fence')::int;
    new.fence_state := (new.place->>'fenceState')::${schema}.sync_fence_state;
  end if;
  return new;
end $$;
create or replace trigger sync_lane_old_columns before insert or update on ${schema}.sync_lane
  for each row execute function ${schema}.sync_lane_old_columns();
update ${schema}.sync_target as new set place = ${target} where kind = 'sheet' and place = '{}' and tab <> '';
update ${schema}.sync_lane as new set place = ${lane} where place = '{}' and fence <> 0;`
}
