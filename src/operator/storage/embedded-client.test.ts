import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTimeoutMs } from '../../testkit/operator/storages.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { EmbeddedClient } from './embedded-client.ts';

let client: EmbeddedClient;
const rows = async (text: string, params?: readonly unknown[]): Promise<unknown[]> =>
  (await client.query(text, params, { rowMode: 'array' })).rows;
/** How many statements the database keeps. */
const keptCount = async (): Promise<unknown> =>
  (await rows('select count(*)::int from pg_prepared_statements'))[0];

beforeAll(async () => {
  client = new EmbeddedClient(await PGlite.create({ loadDataDir: await pgliteTemplate() }));
}, openTimeoutMs);
beforeEach(async () => {
  await client.query('drop table if exists thing');
  await client.query('create table thing (id int primary key, name text)');
});
afterAll(async () => {
  await client.close();
  await expect(client.query('select 1')).rejects.toThrow('closed');
});

it('keeps a statement that comes again, with other values', async () => {
  const before = await keptCount();
  for (const id of [1, 2, 3]) await client.query('insert into thing values ($1, $2)', [id, `n${id}`]);
  for (const id of [1, 2, 3])
    expect(await rows('select name from thing where id = $1', [id])).toEqual([[`n${id}`]]);
  expect(await keptCount()).toEqual([Number((before as number[])[0]) + 2]);
});

it('forgets what it has kept when a table changes', async () => {
  await client.query('insert into thing values (1, $1)', ['a']);
  expect(await rows('select * from thing')).toEqual([[1, 'a']]);
  await client.query('alter table thing add column more int default 7');
  expect(await rows('select * from thing')).toEqual([[1, 'a', 7]]);
});

it('goes on after a question that fails, as often as it comes', async () => {
  for (let i = 0; i < 2; i++) {
    await expect(client.query('select nothing from thing')).rejects.toMatchObject({ code: '42703' });
    await client.query('insert into thing values ($1, $2) on conflict do nothing', [1, 'a']);
    await expect(client.query('insert into thing values ($1, $2)', [1, 'b'])).rejects.toMatchObject({
      code: '23505',
    });
  }
  expect(await rows('select * from thing')).toEqual([[1, 'a']]);
});

it('undoes a transaction that fails or in which a question failed, and says so', async () => {
  const broken = client.transaction(async (inner) => {
    await inner.query('insert into thing values (1, $1)', ['a']);
    throw new Error('not so');
  });
  await expect(broken).rejects.toThrow('not so');
  const failed = client.transaction(async (inner) => {
    await inner.query('insert into thing values (2, $1)', ['b']);
    await inner.query('select 1 / 0').catch(() => undefined);
  });
  await expect(failed).rejects.toMatchObject({ code: '25P02' });
  expect(await rows('select * from thing')).toEqual([]);
});

it('lets nothing into a transaction that is not its own, and takes its questions at once', async () => {
  let outside: Promise<unknown> | undefined;
  await client.transaction(async (inner) => {
    outside = rows('select count(*)::int from thing');
    const ids = [1, 2, 3, 4];
    const answers = await Promise.all(
      ids.map((id) =>
        inner.query('insert into thing values ($1, $2) returning id', [id, null], { rowMode: 'array' }),
      ),
    );
    expect(answers.map((answer) => answer.rows)).toEqual(ids.map((id) => [[id]]));
  });
  expect(await outside).toEqual([[4]]);
});

it('refuses a question of a transaction that is over', async () => {
  const inner = await client.transaction((its) => Promise.resolve(its));
  await expect(inner.query('insert into thing values (9, null)')).rejects.toThrow('over');
  expect(await rows('select * from thing')).toEqual([]);
});

it('keeps so many statements and no more', async () => {
  for (let i = 0; i < 450; i++) expect(await rows(`select ${i}::int`)).toEqual([[i]]);
  const [count] = (await keptCount()) as number[];
  expect(count).toBeLessThanOrEqual(401);
  expect(await rows('select 3::int')).toEqual([[3]]);
});

it('writes each kind of value as the database reads it', async () => {
  const text = `select $1 = '汉'::text, $2 = 7, $3 = 1152921504606846976, $4 = true, $5 = '\\x00ff'::bytea,
    $6 = '{"a": [1]}'::jsonb, $7::text is null, $8 = '2026-01-01T00:00:00Z'::timestamptz`;
  const at = new Date(Date.UTC(2026, 0, 1));
  const values = ['汉', 7, 2n ** 60n, true, new Uint8Array([0, 255]), { a: [1] }, null, at];
  expect(await rows(text, values)).toEqual([Array(8).fill(true)]);
});
