import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { is, sql } from 'drizzle-orm';
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OwnTestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { migrations } from './migrations.ts';
import * as schema from './schema.ts';
import type { Db } from './storage.ts';
import { migrate, openStorage } from './storage.ts';

const rows = async (db: Db, query: string): Promise<unknown[]> => {
  const answer: unknown = await db.execute(sql.raw(query));
  return (answer as { rows: unknown[] }).rows;
};

describe.each(storagesUnderTest())('migrations on $name', ({ openOwn }) => {
  let store: OwnTestStorage;
  let db: Db;
  beforeAll(async () => {
    store = await openOwn();
    db = store.storage.db;
  }, openTimeoutMs);
  afterAll(() => store.close());
  beforeEach(() => store.rebuild());

  it('make exactly the tables that the code works with', async () => {
    const types: Record<string, string> = { bigserial: 'bigint' };
    const exported: unknown[] = Object.values(schema);
    const tables = exported.filter((value): value is PgTable => is(value, PgTable));
    const wanted = tables
      .map((table) => getTableConfig(table))
      .flatMap(({ name, columns }) =>
        columns.map((column) => {
          const type = column.getSQLType();
          return `${name}.${column.name} ${types[type] ?? type}${column.notNull ? '' : ' null'}`;
        }),
      );
    const found = await rows(
      db,
      `select table_name || '.' || column_name || ' ' || data_type || case when is_nullable = ` +
        `'YES' then ' null' else '' end as it
         from information_schema.columns where ` +
        `table_schema = 'public' and table_name <> 'schema_version'`,
    );
    expect(found.map((row) => (row as { it: string }).it).sort()).toEqual(wanted.sort());
  });

  it('are applied once, also when several start at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => migrate(db, migrations)));
    expect(all.every((result) => result.ok)).toBe(true);
    expect(await rows(db, 'select version from schema_version')).toEqual(
      migrations.map(({ version }) => ({ version })),
    );
  });

  it('go on from where the database is', async () => {
    const more = [
      ...migrations,
      { version: 1_000, name: 'more', statements: ['alter table member add column later text'] },
    ];
    expect(await migrate(db, more)).toMatchObject({ ok: true });
    expect(await rows(db, 'select later from member')).toEqual([]);
  });

  it('refuse a newer database and leave it as it is', async () => {
    await db.execute(sql.raw(`insert into schema_version (version, name) values (1000, 'later')`));
    await db.execute(
      sql.raw(`insert into incident (at_ms, kind, cabinet_id, detail) values (1, 'x', 'C', 'kept')`),
    );
    expect(await migrate(db, migrations)).toMatchObject({ ok: false, error: { code: 'storage_newer' } });
    expect(await rows(db, 'select detail from incident')).toEqual([{ detail: 'kept' }]);
  });

  it('may take longer than a query of the service', async () => {
    const statement = `do $$ begin
      if current_setting('statement_timeout') <> '0' then raise exception 'bounded'; end if; end $$`;
    const next = { version: 1_000, name: 'long', statements: [statement] };
    expect(await migrate(db, [...migrations, next])).toEqual({ ok: true, value: undefined });
  });

  it('happen wholly or not at all', async () => {
    const broken = {
      version: 1_000,
      name: 'broken',
      statements: ['create table half (a int)', 'create nonsense'],
    };
    expect(await migrate(db, [...migrations, broken])).toMatchObject({
      ok: false,
      error: { code: 'storage_unavailable' },
    });
    expect(await rows(db, `select to_regclass('half') is null as gone`)).toEqual([{ gone: true }]);
    expect(await migrate(db, migrations)).toMatchObject({ ok: true });
  });

  it('are numbered upward, and none is put below one that was released', () => {
    const passedOver = [27, 28, 71, 74];
    const numbers = Array.from({ length: migrations.length + passedOver.length }, (_, i) => i + 1);
    expect(migrations.map((m) => m.version)).toEqual(numbers.filter((n) => !passedOver.includes(n)));
  });

  it.each([
    ['a state that there is not', `'lost', null, null`],
    ['paid without a time', `'paid', null, null`],
    ['open without a next attempt', `'accepted', null, null`],
    ['settled with a next attempt', `'paid', 5, 5`],
  ])('make the database refuse a charge with %s', async (_name, values) => {
    await db.execute(
      sql.raw(`insert into cabinet (cabinet_id, token_hash, token_open) values ('C', 'x', true)`),
    );
    const insert =
      `insert into charge (charge_id, cabinet_id, visit_id, member_id, currency, total_minor, review, body, body_hash,
      received_count, first_at_ms, ` +
      `in_doubt, unreachable_count, decline_count,
      lease_count, refund_due_minor, contested_minor, visit_known, held_minor, confirmed_by_shopper, review_reasons,
      opened_at_ms, closed_at_ms, state, paid_at_ms, next_attempt_at_ms)
      values ('K', 'C', 'V', 'M', 'CNY', 1, false, '{}', 'h', 1, 1,
      false, 0, 0, 0, 0, 0, true, 0, true, '[]', 1, 1, ${values})`;
    await expect(db.execute(sql.raw(insert))).rejects.toMatchObject({ cause: { code: '23514' } }); // check_violation
  });
});

describe('opening', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaimen-operator-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const openIn = (dataDir: string) => openStorage({ dataDir, logger: silentLogger });

  it('keeps what was written, and a second process out', async () => {
    const dataDir = join(folder, 'a');
    const first = await openIn(dataDir);
    if (!first.ok) throw new Error(first.error.message);
    await first.value.db
      .insert(schema.incident)
      .values({ ...{ atMs: 1, kind: 'charge_conflict', cabinetId: 'C', detail: 'kept' } });
    await first.value.close();
    writeFileSync(join(dataDir, 'operator.pid'), String(process.ppid)); // somebody who is alive
    expect(await openIn(dataDir)).toMatchObject({ ok: false, error: { code: 'storage_in_use' } });
    writeFileSync(join(dataDir, 'operator.pid'), '4194303'); // somebody who was killed
    const second = await openIn(dataDir);
    if (!second.ok) throw new Error(second.error.message);
    expect(await second.value.db.select({ detail: schema.incident.detail }).from(schema.incident)).toEqual([
      { detail: 'kept' },
    ]);
    await second.value.close();
  });

  it('fails with a reason where there is no database', async () => {
    writeFileSync(join(folder, 'file'), 'not a folder');
    expect(await openIn(join(folder, 'file'))).toMatchObject({ error: { code: 'storage_unavailable' } });
    for (const databaseUrl of ['postgresql://nobody@127.0.0.1:1/none', 'not a url', 'postgresql://[']) {
      const opened = await openStorage({ databaseUrl, logger: silentLogger });
      expect(opened).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
    }
  });
});
