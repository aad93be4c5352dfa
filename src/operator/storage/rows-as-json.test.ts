import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import { fewRows } from './rows-as-json.ts';
import type { Db } from './storage.ts';

/** So many that a hundred rows would be cheaper to find by reading all of them. */
const cabinetCount = 3_000;
const one = sql`json_to_recordset(${JSON.stringify([{ cabinet_id: 'C-7' }])}::json) as r(cabinet_id text)`;

async function planOf(db: Db, from: ReturnType<typeof sql>): Promise<string> {
  const answer: unknown = await db.execute(sql`explain (format json)
    select c.public_key, exists (select 1 from cabinet d where d.cabinet_id = s.cabinet_id)
    from ${from} join cabinet c on c.cabinet_id = s.cabinet_id`);
  return JSON.stringify((answer as { rows: unknown[] }).rows);
}

onEachStorage('a few rows as JSON', (harness) => {
  it('are each looked up in an index, and no whole table is read for them', async () => {
    const { db } = harness();
    await db.execute(sql`insert into cabinet (cabinet_id, token_hash, token_open)
      select 'C-' || g, '', false from generate_series(1, ${cabinetCount}::int) g`);
    await db.execute(sql`analyze cabinet`);
    expect(await planOf(db, fewRows(one, 'cabinet_id', 's'))).not.toContain('Seq Scan');
    // As they are, the whole table is read, twice.
    expect(await planOf(db, sql`(select * from ${one}) s`)).toContain('Seq Scan');
  });

  it('are all there, whatever the server takes them for', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => ({ charge_id: n === 0 ? '' : `KM${n}` }));
    const many = sql`json_to_recordset(${JSON.stringify(rows)}::json) as r(charge_id text)`;
    const answer: unknown = await harness().db.execute(
      sql`select count(*)::int as n from ${fewRows(many, 'charge_id', 's')}`,
    );
    expect((answer as { rows: { n: number }[] }).rows[0]?.n).toBe(300);
  });
});
