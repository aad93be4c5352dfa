import { expect, it } from 'vitest';
import { onStorage } from '../../testkit/operator/suite.ts';
import { cabinetStock, planogram } from '../storage/schema.ts';
import { LowStock, loadPlansAndStock } from './low-stock.ts';

onStorage('what is scarce in a fleet', (harness) => {
  const day = 86_400_000;
  /** A cabinet that is to have eight A1, and has three, and two more for a day. */
  const put = async (cabinetId: string, version: number, count = 5) => {
    const { db, clock } = harness();
    const nowMs = clock.nowMs();
    const slots = JSON.stringify([{ sku: 'A1', target: 8, lane: null, slot: null }]);
    await db.insert(planogram).values({ cabinetId, version, slots, madeBy: 'anna', madeAtMs: nowMs });
    const bestBefore = new Date(nowMs + day / 2).toISOString().slice(0, 10);
    const body = JSON.stringify({
      ...{ countedAtMs: nowMs, planVersion: null },
      lines: [{ sku: 'A1', count, lane: null }],
      lots: [{ sku: 'A1', bestBefore, count: 2 }],
    });
    const row = { body, signedAtMs: nowMs, receivedAtMs: nowMs };
    await db
      .insert(cabinetStock)
      .values({ cabinetId, ...row })
      .onConflictDoUpdate({ target: cabinetStock.cabinetId, set: row });
  };

  it('is read of those cabinets alone where something is another thing since', async () => {
    const { db, clock } = harness();
    const policy = { timeZone: 'UTC' };
    const loaded: string[][] = [];
    const low = new LowStock((of, ids) => {
      loaded.push([...ids].sort());
      return loadPlansAndStock(of, ids);
    });
    const read = async () => Object.fromEntries(await low.read({ db, clock, policy }));
    for (const id of ['CAB-1', 'CAB-2', 'CAB-3']) await put(id, 1);
    // Without a plan, or without a word about what is there, nothing is scarce.
    await db.insert(planogram).values({
      ...{ cabinetId: 'CAB-4', version: 1, slots: '[]', madeBy: 'anna', madeAtMs: 1 },
    });
    const enough = { 'CAB-1': 0, 'CAB-2': 0, 'CAB-3': 0 };
    expect(await read()).toEqual(enough);
    expect(await read()).toEqual(enough);
    expect(loaded.splice(0)).toEqual([['CAB-1', 'CAB-2', 'CAB-3']]);
    clock.skip(1_000);
    await put('CAB-2', 2, 1);
    expect(await read()).toEqual({ ...enough, 'CAB-2': 1 });
    expect(loaded.splice(0)).toEqual([['CAB-2']]);
    // Two of each are past their day.
    clock.skip(2 * day);
    expect(await read()).toEqual({ 'CAB-1': 1, 'CAB-2': 1, 'CAB-3': 1 });
    expect(await read()).toEqual({ 'CAB-1': 1, 'CAB-2': 1, 'CAB-3': 1 });
    expect(loaded).toEqual([['CAB-1', 'CAB-2', 'CAB-3']]);
  });
});
