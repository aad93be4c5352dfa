import type { SQL } from 'drizzle-orm';
import { getTableColumns, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { charge, chargeEvent, chargeLine, debitAttempt } from './schema.ts';

type Written = typeof charge | typeof chargeEvent | typeof chargeLine | typeof debitAttempt;

/** Rows for a statement: `from` is a table called `n` that has `columns`; what is not among them the table's default is. */
export interface RowsAsJson {
  readonly columns: SQL;
  readonly from: SQL;
  /** For an update: each column as it is in `n`. */
  readonly set: SQL;
}

/**
 * What these rows are made from as a table `name`; `key`: a text among their columns that is never null. The server takes a
 * list in JSON for a hundred rows, and for so many it reads whole tables, also for one, where each is one look into an index.
 * So it is given a condition that always holds and that it takes for a rare one.
 */
export function fewRows(from: SQL, key: string, name: string): SQL {
  const [few, alias] = [sql.raw(`left(${key}, 0) = ''`), sql.raw(name)];
  return sql`(select * from ${from} where ${few}) ${alias}`;
}

/**
 * Many rows of a table as one parameter, so that the text of a statement is short and the same however many there are. At
 * least one; all with the same columns. Texts are without U+0000 and half characters: JSON cannot carry them to PostgreSQL.
 */
export function rowsAsJson<Table extends Written>(
  table: Table,
  rows: readonly Partial<Table['$inferInsert']>[],
): RowsAsJson {
  const [first] = rows;
  assert(first !== undefined, 'there is a row');
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => key in first);
  const named = rows.map((row) =>
    Object.fromEntries<unknown>(
      columns.map(([key, { name }]) => [name, (row as Record<string, unknown>)[key] ?? null]),
    ),
  );
  const names = columns.map(([, { name }]) => `"${name}"`);
  return {
    columns: sql.raw(names.join(', ')),
    set: sql.raw(names.map((name) => `${name} = n.${name}`).join(', ')),
    from: fewRows(
      sql`json_populate_recordset(null::${table}, ${JSON.stringify(named)}::json)`,
      'charge_id',
      'n',
    ),
  };
}
