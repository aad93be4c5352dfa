import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { onPostgres } from '../../testkit/operator/suite.ts';
import { changeOrder, newestOrder, orderFor, pauseUpdates, withdrawRelease } from './update-orders.ts';

/** One in the console (or the pause by itself), the other on the server (`npm run update`), at the same moment. */
onPostgres('two who decide about updates at once', (harness) => {
  /** `second` begins while `first` is done and not committed, and waits for it. */
  async function atOnce(
    first: (parts: Parameters<typeof pauseUpdates>[0]) => Promise<unknown>,
    second: () => Promise<unknown>,
  ): Promise<void> {
    const { db, clock } = harness();
    const waits = () =>
      db
        .select({ waiting: sql`count(*)`.mapWith(Number) })
        .from(sql`pg_locks`)
        .where(sql`not granted`);
    const [done] = await db.transaction(async (tx) => {
      await first({ db: tx, clock });
      const under = second();
      await expect.poll(waits, { timeout: 30_000 }).toEqual([{ waiting: 1 }]);
      return [under] as const;
    });
    await done;
  }

  it('a pause and a withdrawal: both hold', async () => {
    const { db, clock } = harness();
    await changeOrder({ db, clock }, null, { release: '1.2.0' });
    await atOnce(
      (parts) => pauseUpdates(parts, true),
      () => withdrawRelease({ db, clock }, '1.2.0'),
    );
    expect(await newestOrder(db, null)).toMatchObject({
      isPaused: true,
      release: null,
      withdrawn: ['1.2.0'],
    });
  });

  it('a release is withdrawn while another share of it is ordered: nobody gets it', async () => {
    const { db, clock } = harness();
    await changeOrder({ db, clock }, null, { release: '1.2.0', percent: 5 });
    await atOnce(
      (parts) => withdrawRelease(parts, '1.2.0'),
      () => changeOrder({ db, clock }, null, { percent: 100 }),
    );
    expect(await orderFor(db, 'CAB-1')).toMatchObject({ release: null, withdrawn: ['1.2.0'] });
  });
});
