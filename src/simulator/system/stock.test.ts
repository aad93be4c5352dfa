import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { stockReportEveryMs } from '../../main/stock/stock-reporter.ts';
import { cabinetStock, stockDifference } from '../../operator/storage/schema.ts';
import { loadSecrets } from '../../main/platform/secrets.ts';
import { openDatabase } from '../../main/storage/database.ts';
import { MetaStore } from '../../main/storage/meta-store.ts';
import { ok } from '../../shared/result.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { noKeyring } from './kiosk-process.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** What lies in the cabinet: the book follows visits, and what goes behind its back is on nobody's bill. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();
const { db } = operator.storage;

const ledgerOf = (harness: CabinetHarness) => harness.process.kiosk.stockLedger;
const bookedOf = (harness: CabinetHarness, sku: string) => ledgerOf(harness).book()?.counts[sku];
async function buy(harness: CabinetHarness, sku: string): Promise<void> {
  await harness.enter('M1001');
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  await harness.confirmAndLeave();
  await harness.waitSettled();
  harness.finish();
  await harness.waitState('attract');
}

test('what was gone before a visit is shrink with the visits between, and is on no bill', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await harness.until('online', () => harness.snapshot().online);
    await buy(harness, 'cola-can');
    const before = bookedOf(harness, 'cola-can') ?? 0;
    expect(ledgerOf(harness).differences(9)).toEqual([]);
    const [first] = harness.localCharges();
    // Somebody forces the door between two visits, and a piece goes.
    harness.shopper.force();
    await harness.until('door seen open', () => harness.process.kiosk.visitLoop.door === 'open');
    harness.shopper.tryTake('cola-can');
    await harness.sleep(10_000);
    harness.shopper.shut();
    await harness.until('counted', () => harness.process.kiosk.visitLoop.stockCounts !== null);
    await buy(harness, 'milk-box');
    expect(ledgerOf(harness).differences(9)).toMatchObject([
      { sku: 'cola-can', expected: before, counted: before - 1, between: [first?.visitId] },
    ]);
    expect(
      harness
        .localCharges()
        .map(({ totalMinor }) => totalMinor)
        .sort(),
    ).toEqual([harness.priceOf('cola-can'), harness.priceOf('milk-box')].sort());
    // The operator has it, once, and the stock as it is now.
    const isHere = eq(stockDifference.cabinetId, harness.cabinetId);
    await harness.until('told', () => ledgerOf(harness).untold(1).length === 0, stockReportEveryMs);
    expect(await db.select().from(stockDifference).where(isHere)).toMatchObject([
      { sku: 'cola-can', expected: before, counted: before - 1 },
    ]);
    const [said] = await db.select().from(cabinetStock).where(eq(cabinetStock.cabinetId, harness.cabinetId));
    expect(JSON.parse(said?.body ?? '')).toMatchObject({
      lines: expect.arrayContaining([{ sku: 'cola-can', count: before - 1, lane: null }]) as unknown,
    });
  } finally {
    await harness.close();
  }
});

test('a piece past its day: the basket says so, it is held with its reason, and the next one is billed', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await harness.until('online', () => harness.snapshot().online);
    await buy(harness, 'milk-box');
    // It was good when it was put in, long ago.
    const lot = { sku: 'cola-can', bestBefore: '2020-02-01', count: 1 };
    expect(ledgerOf(harness).addLot(lot, '2020-01-01').ok).toBe(true);
    expect(ledgerOf(harness).expired()).toEqual(new Map([['cola-can', 1]]));
    await harness.enter('M1001');
    harness.shopper.take('cola-can');
    await harness.until('said beside the line', () => {
      const { visit } = harness.snapshot();
      return visit.screen === 'shopping' && visit.basket.lines[0]?.expiredCount === 1;
    });
    await harness.waitBasket(0);
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.confirmAndLeave();
    await harness.waitSettled();
    const charges = await harness.charges();
    expect(charges.at(-1)).toMatchObject({
      totalMinor: harness.priceOf('cola-can'),
      heldLines: [{ sku: 'cola-can', count: 1 }],
      review: true,
    });
    expect(ledgerOf(harness).book()?.lots).toEqual([]);
  } finally {
    await harness.close();
  }
});

test('known by its tag: the other pieces are billed while it lies there, and it is held when it is taken', async () => {
  const harness = await CabinetHarness.open(operator);
  const { shopper } = harness;
  const staff = async (act: () => void): Promise<void> => {
    shopper.force();
    await harness.until('door seen open', () => harness.process.kiosk.visitLoop.door === 'open');
    act();
    await harness.sleep(10_000);
    shopper.shut();
    await harness.until('counted', () => harness.process.kiosk.visitLoop.stockCounts !== null);
  };
  try {
    await harness.until('online', () => harness.snapshot().online);
    await buy(harness, 'milk-box');
    // One piece is put in after a count without it, with its day.
    let old = null as ReturnType<typeof shopper.tryTake>;
    await staff(() => (old = shopper.take('cola-can')));
    await buy(harness, 'milk-box');
    await staff(() => {
      if (old !== null) shopper.putBack(old);
    });
    const lot = { sku: 'cola-can', bestBefore: '2020-02-01', count: 1 };
    expect(ledgerOf(harness).addLot(lot, '2020-01-01').ok).toBe(true);
    await buy(harness, 'rice-ball');
    expect(ledgerOf(harness).pastDay()).toEqual(new Map([['cola-can', new Set([old?.epc])]]));
    await harness.enter('M1001');
    // The good one is bought, and the old one comes back.
    const both = [shopper.take('cola-can'), shopper.take('cola-can')];
    expect(both.filter(({ epc }) => epc === old?.epc)).toHaveLength(1);
    if (old !== null) shopper.putBack(old);
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.until('one alone', () => {
      const { visit } = harness.snapshot();
      return visit.screen === 'shopping' && visit.basket.itemCount === 1;
    });
    await harness.confirmAndLeave();
    await harness.waitSettled();
    const bought = (await harness.charges()).at(-1);
    expect(bought).toMatchObject({ lines: [{ sku: 'cola-can', count: 1 }], heldLines: [] });
    harness.finish();
    await harness.waitState('attract');
    await harness.enter('M1001');
    expect(shopper.take('cola-can').epc).toBe(old?.epc);
    await harness.waitBasket(0);
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect((await harness.charges()).at(-1)).toMatchObject({
      ...{ totalMinor: 0, heldLines: [{ sku: 'cola-can', count: 1 }], review: true },
    });
  } finally {
    await harness.close();
  }
});

test('what another operator has planned counts no more once the cabinet is made known anew', async () => {
  const harness = await CabinetHarness.open(operator, { waitForAttract: false });
  const plansOn = (folder: string) => {
    const { databaseKeyHex: keyHex } = unwrap(loadSecrets({ dir: folder, safeStorage: noKeyring }));
    const path = join(folder, 'kaimen.db');
    const database = unwrap(openDatabase({ path, keyHex, clock: harness.clock }));
    return { database, meta: new MetaStore(database) };
  };
  try {
    const copy = harness.copyDisk();
    const before = plansOn(copy);
    // Of a version that no operator ever reaches.
    const times = { version: 9e15, issuedAtMs: 0, expiresAtMs: 9e15 };
    const plan = { ...times, cabinetId: harness.cabinetId, slots: [] };
    before.meta.set('planogram', JSON.stringify(plan));
    before.meta.set('planogram_draft', JSON.stringify({ etag: null, value: plan }));
    before.database.close();
    harness.crash(copy);
    harness.start();
    await harness.waitState('attract');
    const after = plansOn(harness.copyDisk());
    const kept = [after.meta.get('planogram'), after.meta.get('planogram_draft')];
    after.database.close();
    expect(kept).toEqual([ok(''), ok('')]);
  } finally {
    await harness.close();
  }
});
