import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import { rollOutShare } from '../../shared/node/roll-out-share.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { changeOrder, newestOrder, orderFor } from '../fleet/update-orders.ts';
import { pinnedAloneMax } from '../limits.ts';
import { staffAct } from '../storage/schema.ts';

onStorage('updates that the console decides about', (harness) => {
  const reason = 'the release of December';
  const people = () => new ConsolePeople(harness());
  const admin = async () => (await people().first()).browser;
  const order = (more: object = {}): ConsoleAct => ({
    ...{ kind: 'order_update', release: '1.2.0', percent: 100, windows: [], days: 30, cabinetId: null },
    ...more,
  });
  const act = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const seen = await browser.call('previewAct', { act: wanted, reason });
    if (!seen.ok) return { seen: null, done: seen };
    const done = await browser.call('act', { act: wanted, reason, version: seen.value.version });
    return { seen: seen.value, done };
  };
  const outcome = async (browser: ConsoleBrowser, wanted: ConsoleAct): Promise<string> => {
    const { done } = await act(browser, wanted);
    return done.ok ? ('outcome' in done.value ? done.value.outcome : '') : String(done.status);
  };
  const updates = async (browser: ConsoleBrowser) => {
    const read = await browser.call('updates', undefined);
    assert(read.ok, 'it is read');
    return read.value;
  };
  const report = (cabinet: ReturnType<typeof makeCabinet>, more: Partial<UpdateReport>) => {
    const said = { running: '1.0.0', wanted: '1.2.0', state: 'idle', detail: '', failures: 0, ...more };
    return harness().send('PUT', '/v1/update-report', said, cabinet);
  };

  it('a release for all is agreed to by two; for a few, or less than before, one is enough', async () => {
    const anna = await admin();
    const ben = (await people().another(anna, 'ben', 'admin')).browser;
    const { seen, done } = await act(anna, order());
    expect(seen).toMatchObject({ needsSecond: true, before: { release: null, cabinets: 1, reached: 0 } });
    expect(seen?.after).toMatchObject({ release: '1.2.0', percent: 100, reached: 1 });
    expect(done).toMatchObject({ ok: true, value: { outcome: 'proposed' } });
    expect(await newestOrder(harness().db, null)).toBeNull();
    const waiting = await ben.call('proposals', undefined);
    assert(waiting.ok && waiting.value[0] !== undefined, 'it waits for somebody else');
    const { proposalId, version } = waiting.value[0];
    const params = { proposalId: String(proposalId) };
    expect(await anna.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await ben.call('agree', { version }, params)).toMatchObject({ ok: true });
    expect(await newestOrder(harness().db, null)).toMatchObject({ release: '1.2.0', percent: 100 });

    expect(await outcome(anna, order({ percent: 40 }))).toBe('done');
    expect(await outcome(anna, order({ percent: 41 }))).toBe('proposed');
    expect(await outcome(anna, order({ release: '1.3.0', percent: 5 }))).toBe('done');
    expect(await outcome(anna, order({ release: '1.4.0', percent: 6 }))).toBe('proposed');
  });

  it('whoever sees that it is no good stops it alone; withdrawn it is ordered by nobody any more', async () => {
    const anna = await admin();
    await changeOrder(harness(), null, { release: '1.2.0' });
    expect(await outcome(anna, { kind: 'pause_updates', isPaused: true })).toBe('done');
    expect(await outcome(anna, { kind: 'pause_updates', isPaused: true })).toBe('409');
    expect(await outcome(anna, { kind: 'pause_updates', isPaused: false })).toBe('done');
    expect(await outcome(anna, { kind: 'withdraw_release', release: '1.2.0' })).toBe('done');
    expect((await updates(anna)).order).toMatchObject({ release: null, withdrawn: ['1.2.0'] });
    expect(await outcome(anna, order({ percent: 1 }))).toBe('409');
    const logged = await harness().db.select().from(staffAct).where(eq(staffAct.subject, 'updates'));
    expect(logged.map((one) => one.act)).toEqual(['pause_updates', 'pause_updates', 'withdraw_release']);
  });

  it('what is withdrawn is wanted of no pinned cabinet either, however many follow it', async () => {
    const anna = await admin();
    expect(await outcome(anna, order({ cabinetId: 'CAB-1' }))).toBe('done');
    expect(await outcome(anna, { kind: 'withdraw_release', release: '1.2.0' })).toBe('done');
    const withdrawn = Array.from({ length: 100 }, (_, n) => `9.0.${n}`);
    await changeOrder(harness(), null, { withdrawn });
    expect(await orderFor(harness().db, 'CAB-1')).toMatchObject({ release: null });
    expect((await updates(anna)).pinned).toEqual([{ cabinetId: 'CAB-1', release: null }]);
  });

  it('one cabinet is pinned and follows again; many are not pinned by one person', async () => {
    const anna = await admin();
    expect(await outcome(anna, order({ cabinetId: 'CAB-9' }))).toBe('404');
    expect(await outcome(anna, order({ cabinetId: 'CAB-1' }))).toBe('done');
    expect((await updates(anna)).pinned).toEqual([{ cabinetId: 'CAB-1', release: '1.2.0' }]);
    expect(await outcome(anna, { kind: 'unpin_cabinet', cabinetId: 'CAB-1' })).toBe('done');
    expect((await updates(anna)).pinned).toEqual([]);
    expect(await outcome(anna, { kind: 'unpin_cabinet', cabinetId: 'CAB-1' })).toBe('409');
    for (let n = 0; n < pinnedAloneMax; n++) await changeOrder(harness(), `CAB-P${n}`, { release: '1.2.0' });
    expect(await outcome(anna, order({ cabinetId: 'CAB-1' }))).toBe('proposed');
  });

  it.each([
    ['a pause', { kind: 'pause_updates', isPaused: true }],
    ['another release that is withdrawn', { kind: 'withdraw_release', release: '1.1.0' }],
  ] as const)('%s holds back, and brings no order to life again that has ended', async (_, held) => {
    const anna = await admin();
    const expiresAtMs = harness().clock.nowMs() + 1_000;
    await changeOrder(harness(), null, { release: '1.2.0', expiresAtMs });
    await harness().clock.advance(2_000);
    expect(await outcome(anna, held)).toBe('done');
    expect(await newestOrder(harness().db, null)).toMatchObject({ release: '1.2.0', expiresAtMs });
    if (held.kind === 'pause_updates')
      expect(await outcome(anna, { kind: 'pause_updates', isPaused: false })).toBe('409');
  });

  it('nobody has ordered anything for all: a pause holds those that are pinned all the same', async () => {
    const anna = await admin();
    expect(await outcome(anna, { kind: 'pause_updates', isPaused: false })).toBe('409');
    expect(await outcome(anna, order({ cabinetId: 'CAB-1' }))).toBe('done');
    expect(await outcome(anna, { kind: 'pause_updates', isPaused: true })).toBe('done');
    expect(await orderFor(harness().db, 'CAB-1')).toMatchObject({ release: '1.2.0', isPaused: true });
  });

  it('one that has ended is given again by two, as if nobody had ever agreed to it', async () => {
    const anna = await admin();
    const expiresAtMs = harness().clock.nowMs() + 1_000;
    await changeOrder(harness(), null, { release: '1.2.0', expiresAtMs });
    expect(await outcome(anna, order({ percent: 60 }))).toBe('done');
    await changeOrder(harness(), null, { release: '1.2.0', expiresAtMs });
    await harness().clock.advance(2_000);
    expect(await outcome(anna, order())).toBe('proposed');
    // Of many that are pinned, too.
    for (let n = 0; n < pinnedAloneMax; n++)
      await changeOrder(harness(), `CAB-P${n}`, { release: '1.2.0', expiresAtMs });
    await changeOrder(harness(), 'CAB-1', { release: '1.2.0', expiresAtMs });
    expect(await outcome(anna, order({ cabinetId: 'CAB-1' }))).toBe('proposed');
  });

  it('one person alone does not bring a release to all by pins, one after the other', async () => {
    const anna = await admin();
    const pin = order({ cabinetId: 'CAB-1' });
    for (let n = 0; n < pinnedAloneMax; n++) {
      await changeOrder(harness(), `CAB-P${n}`, { release: '1.2.0' });
      await changeOrder(harness(), `CAB-P${n}`, { isPinEnded: true });
    }
    expect((await updates(anna)).pinned).toEqual([]);
    expect(await outcome(anna, pin)).toBe('proposed');
    // Another release, that nobody has yet, is for a few again.
    expect(await outcome(anna, { ...pin, release: '1.3.0' } as ConsoleAct)).toBe('done');
  });

  it('nor by giving another release to many that two have pinned; what it has already is no news', async () => {
    const anna = await admin();
    for (let n = 0; n < pinnedAloneMax; n++) await changeOrder(harness(), `CAB-P${n}`, { release: '1.2.0' });
    await changeOrder(harness(), 'CAB-1', { release: '1.2.0' });
    expect(await outcome(anna, order({ cabinetId: 'CAB-1', release: '1.3.0' }))).toBe('proposed');
    expect(await outcome(anna, order({ cabinetId: 'CAB-1', days: 2 }))).toBe('done');
  });

  it('what somebody saw is what is done: another order in between, and they look again', async () => {
    const anna = await admin();
    const wanted = order({ percent: 2 });
    const seen = await anna.call('previewAct', { act: wanted, reason });
    assert(seen.ok, 'it is seen');
    await changeOrder(harness(), null, { release: '1.1.0' });
    const { version } = seen.value;
    expect(await anna.call('act', { act: wanted, reason, version })).toMatchObject({ status: 409 });
  });

  it.each(['support', 'finance', 'auditor'] as const)('nobody else decides: %s', async (role) => {
    const anna = await admin();
    const other = (await people().another(anna, 'carl', role)).browser;
    expect(await outcome(other, order())).toBe('403');
    expect(await outcome(other, { kind: 'pause_updates', isPaused: true })).toBe('403');
    expect((await updates(other)).order).toBeNull();
  });

  it.each([
    ['no version', { release: '1.2' }],
    ['more than all', { percent: 101 }],
    ['a part of one', { percent: 0.5 }],
    ['no end', { days: 366 }],
    ['a minute that no day has', { windows: [{ fromMinute: 0, toMinute: 1440 }] }],
    ['no cabinet', { cabinetId: '../x' }],
  ])('%s is no order', async (_, more) => {
    const anna = await admin();
    expect(await outcome(anna, order(more))).toBe('400');
  });

  it('tells how many have it, wait, and failed, by version and by whose turn it is', async () => {
    const anna = await admin();
    const made = ['CAB-A', 'CAB-B', 'CAB-C', 'CAB-D', 'CAB-E'].map((cabinetId) => makeCabinet(cabinetId));
    for (const cabinet of made) await harness().enrol(cabinet);
    const shares = made.map(({ cabinetId }) => rollOutShare('1.2.0', cabinetId));
    await changeOrder(harness(), null, { release: '1.2.0', percent: 100 });
    const [a, b, c, d] = made;
    assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined, 'they are made');
    await report(a, { running: '1.2.0', wanted: '1.2.0' });
    await report(b, { state: 'fetching' });
    await report(c, { state: 'failed', detail: 'disk: full', failures: 2 });
    await report(d, { wanted: '1.1.0', state: 'installed' });
    const told = await updates(anna);
    expect(told).toMatchObject({
      cabinets: 6,
      rollOut: { have: 1, fetching: 1, failed: 1, waiting: 1, silent: 2 },
    });
    expect(told.versions).toEqual([
      { version: '1.2.0', inTurn: 1, others: 0 },
      { version: '1.0.0', inTurn: 3, others: 0 },
      { version: null, inTurn: 2, others: 0 },
    ]);
    expect(told.failures).toMatchObject([{ cabinetId: 'CAB-C', count: 2, detail: 'disk: full' }]);

    const percent = 50;
    await changeOrder(harness(), null, { percent });
    await changeOrder(harness(), 'CAB-A', { release: '1.2.0' });
    const inTurn = shares.slice(1).filter((share) => share < percent * 100).length;
    const own = Number(rollOutShare('1.2.0', 'CAB-1') < percent * 100);
    const half = await updates(anna);
    const reached = Object.values(half.rollOut ?? {}).reduce((sum, count) => sum + count, 0);
    expect(reached).toBe(inTurn + own);
  });
});
