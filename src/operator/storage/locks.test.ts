import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onPostgres } from '../../testkit/operator/suite.ts';
import { lockCatalogs } from '../fleet/catalog-in-force.ts';
import { isStillHere } from '../staff/sessions.ts';

onPostgres('what is done one at a time', (harness) => {
  it('goods are put in force by somebody whose account is being disabled: neither waits for ever', async () => {
    const people = new ConsolePeople(harness());
    const anna = await people.first();
    const ben = await people.another(anna.browser, 'ben', 'admin');
    const { db } = harness();
    const { accountId, role } = anna.session;
    const version = await ben.browser.seenVersion(accountId);
    const disabling = await db.transaction(async (tx) => {
      expect(await isStillHere(tx, { accountId, role, tokenHash: null })).toBe(true);
      const left = { reason: 'has left', version };
      const done = ben.browser.call('disableAccount', left, { accountId });
      const waiting = sql`count(*)`.mapWith(Number);
      const waits = () =>
        db
          .select({ waiting })
          .from(sql`pg_locks`)
          .where(sql`not granted`);
      await expect.poll(waits, { timeout: 30_000 }).toEqual([{ waiting: 1 }]);
      await lockCatalogs(tx, 1);
      return [done] as const;
    });
    const done = await disabling[0];
    assert(done.ok, JSON.stringify(done));
  });
});
