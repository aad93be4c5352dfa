import { expect, test, vi } from 'vitest';
import { eq } from 'drizzle-orm';
import { chainEnd, incident } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** The cabinet's record of charges, and what the operator knows of where it ends. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

/** `meanwhile`: while the goods are in hand. */
async function buys(
  harness: CabinetHarness,
  number: number,
  meanwhile = (): void => undefined,
): Promise<void> {
  const sku = harness.stockSkus[number] ?? '';
  await harness.enter();
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  meanwhile();
  await harness.confirmAndLeave();
}
const incidentsOf = async (cabinetId: string): Promise<string[]> => {
  const rows = await operator.storage.db.select().from(incident).where(eq(incident.cabinetId, cabinetId));
  return rows.filter(({ kind }) => kind === 'record_differs').map(({ detail }) => detail);
};

test('visits, a kill, lost answers: the operator has the end of the record, and nothing to say of it', async () => {
  const harness = await CabinetHarness.open(operator);
  await buys(harness, 0);
  await harness.waitSettled();
  harness.crash();
  harness.start();
  await harness.waitState('attract');
  await buys(harness, 1, () => harness.network.set('drop-replies', 0));
  await harness.sleep(20_000);
  harness.network.set('up', 0);
  await buys(harness, 2);
  await harness.waitSettled();
  await harness.sleep(120_000);
  expect(await harness.audit()).toEqual([]);
  const ends = await operator.storage.db
    .select()
    .from(chainEnd)
    .where(eq(chainEnd.cabinetId, harness.cabinetId));
  expect(ends.length).toBeGreaterThan(0);
  expect(await incidentsOf(harness.cabinetId)).toEqual([]);
  await harness.close();
});

test('a disk that is put back to how it was before a purchase: the operator says so, once', async () => {
  const harness = await CabinetHarness.open(operator);
  await buys(harness, 0);
  await harness.waitSettled();
  await harness.sleep(120_000);
  const copy = harness.copyDisk();
  await buys(harness, 1);
  await harness.waitSettled();
  await harness.sleep(120_000);
  harness.crash(copy);
  harness.start();
  await harness.waitState('attract');
  await buys(harness, 2);
  await harness.waitSettled();
  await harness.sleep(120_000);
  expect(await incidentsOf(harness.cabinetId)).toHaveLength(1);
  await harness.close();
});

test('the operator’s database is put back to yesterday’s: no cabinet’s record is doubted for it', async () => {
  const harness = await CabinetHarness.open(operator);
  const { db } = operator.storage;
  const buysOne = async (number: number): Promise<void> => {
    await buys(harness, number);
    await harness.waitSettled();
    await harness.sleep(120_000);
  };
  await buysOne(0);
  const backup = await db.select().from(chainEnd);
  await buysOne(1);
  await buysOne(2);
  await db.delete(chainEnd);
  await db.insert(chainEnd).values(backup);
  await buysOne(3);
  expect(await harness.audit()).toEqual([]);
  expect(await incidentsOf(harness.cabinetId)).toEqual([]);
  const kinds = (await db.select().from(incident)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'database_put_back')).toHaveLength(1);
  await harness.close();
});
