import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { Db } from './storage.ts';

export interface NamedWrite<Columns> {
  /** One text for each name: the server plans it once for each connection. */
  readonly name: string;
  /** What is written, each part by its name; a later one sees what an earlier one returns. */
  readonly parts: readonly (readonly [name: string, write: SQL])[];
  /** What is told of it, as it stands behind `from`, … */
  readonly from: SQL;
  /** … and which columns of it, by names of ours: SQL, each a text. */
  readonly columns: Columns;
}

/** Writes all parts in one statement. */
export async function writeNamed<Columns extends Readonly<Record<string, string>>>(
  db: Db,
  { name, parts, from, columns }: NamedWrite<Columns>,
): Promise<Readonly<Record<keyof Columns, string>>[]> {
  const selected = Object.entries(columns).map(([key, text]) => [key, sql<string>`${sql.raw(text)}`]);
  const rows = await db
    .with(...parts.map(([part, write]) => db.$with(part, {}).as(write)))
    .select(Object.fromEntries(selected) as Record<string, SQL<string>>)
    .from(from)
    .prepare(name)
    .execute();
  return rows as Record<keyof Columns, string>[];
}
