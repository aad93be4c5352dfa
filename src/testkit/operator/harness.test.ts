import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chargeBody } from './cabinet.ts';
import { OperatorHarness } from './harness.ts';
import type { OwnTestStorage } from './storages.ts';
import { openTimeoutMs, storagesUnderTest } from './storages.ts';

describe.each(storagesUnderTest())('the clock of a test and a slow $name', ({ openOwn }) => {
  let store: OwnTestStorage;
  beforeAll(async () => {
    store = await openOwn();
  }, openTimeoutMs);
  afterEach(() => store.rebuild());
  afterAll(() => store.close());

  it('waits for the database: a debit ends within its wait', async () => {
    const { db } = store.storage;
    const operator = await OperatorHarness.make(db);
    const visit = await operator.visit();
    await db.execute(
      sql.raw(`create function slow() returns trigger as
        'begin perform pg_sleep(0.03); return new; end' language plpgsql`),
    );
    for (const table of ['charge', 'charge_event', 'debit_attempt'])
      await db.execute(
        sql.raw(
          `create trigger slow after insert or update on ${table} for each row execute function slow()`,
        ),
      );
    const put = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    expect((await operator.during(put, 50)).body).toMatchObject({ state: 'paid' });
    await operator.close();
  });
});
