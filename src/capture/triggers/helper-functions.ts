import { CONTEXT_KEYS } from '../../change/clean-context.ts'
import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import { insertReconcileSql, notifyChannel, refuseWithoutQueue } from '../../queue/job-insert.ts'
import { QUEUES } from '../../queue/queues.ts'
import { goneMessage, HEAR_OF_CHANGES, INSTALL_LOCK, isReadySql, targetTable } from '../../queue/readiness.ts'
import { CONTEXT_SETTING, CONTEXT_TAG } from '../shown/context-tag.ts'
import { CONTEXT_FUNCTION, READY_FUNCTION, RECONCILE_FUNCTION } from '../shown/names.ts'

/** Characters at the end of a statement in which its comment is looked for. */
const COMMENT_REACH = 16_000

/** A function that trigger functions call: its name, what stands before its body, and its body. */
export interface HelperFunction {
  readonly name: string
  /** Arguments with their types. */
  readonly parameters: string
  /** Return type, language and volatility. */
  readonly attributes: string
  readonly body: string
}

/** The functions that every trigger function shares. */
export function helperFunctions(schemas: Schemas): readonly HelperFunction[] {
  return [contextFunction(), readyFunction(schemas), reconcileFunction(schemas)]
}

/**
 * Reads who a statement is owed to: from the comment at its end (see `writebackContext`), else from the
 * setting `writeback.context`. Whatever is wrong with either, the write goes on without a context: nothing is
 * decided by it.
 *
 * Tags are `key='value'` with values in percent-encoding, so that neither a slash nor a quote can stand in one
 * (google.github.io/sqlcommenter/spec). Only the comment that ends the statement counts: text inside the
 * statement, a literal for example, cannot pass for it.
 */
function contextFunction(): HelperFunction {
  const pattern = `^.*/\\*(?:[^/]*,)?${CONTEXT_TAG}='([A-Za-z0-9_-]+)'(?:,[^/]*)?\\*/[\\s;]*$`
  const keys = CONTEXT_KEYS.map(quoteLiteral).join(', ')
  return {
    name: CONTEXT_FUNCTION,
    parameters: '',
    attributes: 'returns jsonb language plpgsql stable',
    body: `
declare
  v_statement constant text := right(current_query(), ${COMMENT_REACH});
  v_encoded text;
  v_context text := nullif(current_setting(${quoteLiteral(CONTEXT_SETTING)}, true), '');
begin
  if strpos(v_statement, ${quoteLiteral(`${CONTEXT_TAG}='`)}) > 0 then
    v_encoded := translate(substring(v_statement from ${quoteLiteral(pattern)}), '-_', '+/');
  end if;
  if v_encoded is null and v_context is null then return null; end if;
  begin
    if v_encoded is not null then
      v_context := convert_from(decode(rpad(v_encoded, (length(v_encoded) + 3) / 4 * 4, '='), 'base64'), 'UTF8');
    end if;
    return (
      -- A job's schema takes these keys alone, and 200 UTF-16 units of each.
      select jsonb_object_agg(e.key, case when octet_length(e.value) <= 200 then e.value else left(e.value, 100) end)
      from jsonb_each_text(v_context::jsonb) e
      where e.key in (${keys}) and e.value is not null
    );
  exception when others then
    return null;
  end;
end
`,
  }
}

/**
 * Whether changes are published here, see `queue/readiness.ts`: false where the release step has never run, and an
 * error where what it made is gone.
 *
 * A write that passes holds a lock until it commits. The first release step waits for it before it makes the functions,
 * so that the comparison of a new target sees every write that passed; a write that comes while it waits looks again.
 */
function readyFunction(schemas: Schemas): HelperFunction {
  const isReady = isReadySql(schemas)
  const targets = targetTable(schemas)
  return {
    name: READY_FUNCTION,
    parameters: '',
    attributes: 'returns boolean language plpgsql volatile',
    body: `
begin
  if ${isReady} then return true; end if;
  perform pg_advisory_xact_lock_shared(${INSTALL_LOCK});
  perform (${HEAR_OF_CHANGES});
  if ${isReady} then return true; end if;
  if to_regclass(${quoteLiteral(targets)}) is not null then
    if exists (select from ${targets}) then
      raise exception using
        errcode = 'SY001',
        message = ${quoteLiteral(goneMessage(schemas))},
        hint = 'Run "writeback migrate" in the release step, before the application writes';
    end if;
  end if;
  return false;
end
`,
  }
}

/**
 * Asks for a comparison of a whole target. A request that waits already is enough: whoever takes it has to
 * wait for the truncated table's lock before it can read the table.
 */
function reconcileFunction(schemas: Schemas): HelperFunction {
  const boss = quoteIdentifier(schemas.queue)
  const queue = quoteLiteral(QUEUES.reconcile)
  return {
    name: RECONCILE_FUNCTION,
    parameters: 'p_target text',
    attributes: 'returns void language plpgsql',
    body: `
begin
  if not exists (select from ${boss}.queue q where q.name = ${queue}) then
    ${refuseWithoutQueue(QUEUES.reconcile)}
  end if;
  ${insertReconcileSql(schemas, 'p_target')};
  if found then
    perform pg_notify(${notifyChannel(schemas)}, q.name)
    from ${boss}.queue q where q.name = ${queue} and q.notify;
  end if;
end
`,
  }
}
