import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ReportedUsefulness, UpdateReport } from '../../shared/model/update-order.schema.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { updateOrder } from '../storage/schema.ts';
import { changeOrder, newestOrder } from './update-orders.ts';

const release = '1.1.0';

onStorage('devices that are of less use with a new version', (harness) => {
  const order = (change: object = {}) => changeOrder(harness(), null, { release, ...change });
  const usefulOf = (useful: number, over: Partial<ReportedUsefulness> = {}): ReportedUsefulness => ({
    ...{ version: release, visits: 20, visitsBefore: 20 },
    devices: [
      { id: 'r', kind: 'tag-reader', useful: 20, usefulBefore: 20 },
      { id: 's', kind: 'code-scanner', useful, usefulBefore: 18 },
    ],
    ...over,
  });
  /** Cabinets that say so, each a new one. */
  const say = async (usefulness: ReportedUsefulness | null | undefined, count = 1, running = release) => {
    for (let i = 0; i < count; i++) {
      const cabinet = makeCabinet(`CAB-U-${usedNumber++}`);
      await harness().enrol(cabinet);
      const report: UpdateReport = { running, wanted: release, state: 'idle', detail: '', failures: 0 };
      const body = usefulness === undefined ? report : { ...report, usefulness };
      expect((await harness().send('PUT', '/v1/update-report', body, cabinet)).status).toBe(204);
    }
  };
  let usedNumber = 0;
  const isPaused = async () => (await newestOrder(harness().db, null))?.isPaused;

  it('pause its roll-out once two cabinets and a tenth of them say so, and the console says why', async () => {
    await order();
    await say(usefulOf(19), 18);
    await say(usefulOf(2));
    expect(await isPaused(), 'one dead device').toBe(false);
    await say(usefulOf(0));
    expect(await isPaused()).toBe(true);
    const { browser } = await new ConsolePeople(harness()).first();
    const shown = await browser.call('updates', undefined);
    assert(shown.ok, 'it is shown');
    expect(shown.value).toMatchObject({
      order: { isPaused: true, stopped: { release, kind: 'code-scanner', judged: 20, worse: 2 } },
      usefulness: [
        { kind: 'code-scanner', judged: 20, worse: 2 },
        { kind: 'tag-reader', judged: 20, worse: 0, cabinets: [] },
      ],
    });
    expect(shown.value.usefulness[0]?.cabinets).toHaveLength(2);
    expect(
      JSON.stringify((await harness().send('GET', '/v1/update-order', undefined, harness().cabinet)).body),
    ).not.toContain('stopped');
  });

  it('pause nothing where they are too few of many, or too few visits tell, or were of little use before', async () => {
    await order();
    await say(usefulOf(19), 19);
    await say(usefulOf(0, { visits: 19 }), 3);
    await say(usefulOf(0, { visitsBefore: 12 }), 3);
    await say(null, 2);
    await say(undefined, 2);
    await say(usefulOf(0));
    await say(usefulOf(19), 2);
    expect(await isPaused()).toBe(false);
  });

  it('of a version that is not the wanted one hold back nothing', async () => {
    await order({ release: '1.2.0' });
    await say(usefulOf(0), 4);
    expect(await isPaused()).toBe(false);
    await order({ release: null });
    await say(usefulOf(0), 2);
    expect(await isPaused()).toBe(false);
  });

  it('once a person has let it go on, it goes on; another version is judged anew', async () => {
    await order();
    await say(usefulOf(0), 2);
    expect(await isPaused()).toBe(true);
    await changeOrder(harness(), null, { isPaused: false });
    const before = await harness().db.$count(updateOrder);
    await say(usefulOf(0), 3);
    expect([await isPaused(), await harness().db.$count(updateOrder)]).toEqual([false, before]);
    await order({ release: '1.2.0' });
    await say(usefulOf(0, { version: '1.2.0' }), 2, '1.2.0');
    expect(await newestOrder(harness().db, null)).toMatchObject({
      isPaused: true,
      stopped: { release: '1.2.0' },
    });
  });

  it('nobody gets in any more: that pauses it too, at two cabinets and a tenth of those that can tell', async () => {
    const nobody = { visits: 0, devices: [], quiet: { hours: 96, usualHours: 40, turnedAway: 0 } };
    await order();
    await say(usefulOf(19, { quiet: { hours: 0, usualHours: 40, turnedAway: 0 } }), 2);
    await say(usefulOf(0, { ...nobody, quiet: { hours: 72, usualHours: 40, turnedAway: 0 } }), 2);
    await say(usefulOf(0, nobody));
    expect(await isPaused(), 'one that nobody comes to').toBe(false);
    await say(usefulOf(0, { ...nobody, quiet: { hours: 0, usualHours: 40, turnedAway: 20 } }));
    expect(await newestOrder(harness().db, null)).toMatchObject({
      isPaused: true,
      stopped: { kind: 'visits', judged: 4, worse: 2 },
    });
  });

  it('are asked for in no more than they are: a page of nonsense is refused', async () => {
    const report = { running: release, wanted: release, state: 'idle', detail: '', failures: 0 };
    for (const usefulness of [
      usefulOf(21),
      usefulOf(0, { visits: -1 }),
      usefulOf(0, { devices: Array.from({ length: 33 }, () => usefulOf(0).devices[0]!) }),
    ])
      expect(
        (await harness().send('PUT', '/v1/update-report', { ...report, usefulness }, harness().cabinet))
          .status,
      ).toBe(400);
    expect(await harness().db.select().from(updateOrder).where(eq(updateOrder.version, 1))).toEqual([]);
  });
});
