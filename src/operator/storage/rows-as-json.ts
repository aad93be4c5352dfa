import type { SQL } from 'drizzle-orm';
import { getTableColumns, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { charge, chargeEvent, chargeLine, debitAttempt } from './schema.ts';

type Written = typeof charge | typeof chargeEvent | typeof chargeLine | typeof debitAttempt;

/** Rows for a statement: `from` stands where a table does and has `columns`; what is not among them the table's default is. */
export interface RowsAsJson {
  readonly columns: SQL;
  readonly from: SQL;
  /** For an update: each column as it is in `n`, which `from` is to be called. */
  readonly set: SQL;
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
    from: sql`json_populate_recordset(null::${table}, ${JSON.stringify(named)}::json)`,
  };
}
