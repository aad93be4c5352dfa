import { expect, test } from 'vitest';
import { and, eq } from 'drizzle-orm';
import { visit, visitClosing } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** Each visit that the operator has allowed ends there: by a charge, or by the word that nothing was taken. */
const { operator } = await startOperatorForFile();

/** How the visits of this cabinet have ended, in their order, as the operator knows it; null: it has not heard. */
async function endsOf({ cabinetId }: CabinetHarness): Promise<(string | null)[]> {
  const rows = await operator.storage.db
    .select({ ended: visitClosing.ended, chargeId: visit.chargeId, saidOf: visitClosing.chargeId })
    .from(visit)
    .leftJoin(
      visitClosing,
      and(eq(visitClosing.visitId, visit.visitId), eq(visitClosing.cabinetId, visit.cabinetId)),
    )
    .where(and(eq(visit.cabinetId, cabinetId), eq(visit.allowed, true)))
    .orderBy(visit.id);
  // The charge that was named before the door is the one that is spoken of after it.
  for (const { chargeId, saidOf } of rows) if (saidOf !== null) expect(saidOf).toBe(chargeId);
  return rows.map(({ ended }) => ended);
}

async function untilEnds(harness: CabinetHarness, ends: readonly (string | null)[]): Promise<void> {
  for (let i = 0; i < 120; i++) {
    if (JSON.stringify(await endsOf(harness)) === JSON.stringify(ends)) return;
    await harness.sleep(1_000);
  }
  expect(await endsOf(harness)).toEqual(ends);
}

/** Shows a code and goes no further. */
async function showCode(harness: CabinetHarness): Promise<void> {
  await harness.waitState('attract');
  await harness.until('scanner connected', () => harness.devices.scanner.attached);
  await harness.shopper.present('M1001');
}

test('an empty visit, a purchase and a door that nobody opens are told, over network and power cuts', async () => {
  const harness = await CabinetHarness.open(operator);
  await harness.enter();
  harness.shopper.shut();
  await harness.waitState('nothingCharged');
  await untilEnds(harness, ['nothing_taken']);
  harness.finish();

  await harness.enter();
  harness.setNetwork('cut');
  const [sku = ''] = harness.stockSkus;
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  harness.confirm();
  harness.shopper.shut();
  await harness.waitState('receipt');
  expect(await endsOf(harness)).toEqual(['nothing_taken', null]);
  // What is to be told is on the disk with the charge.
  harness.crash();
  harness.setNetwork('up');
  harness.start();
  await untilEnds(harness, ['nothing_taken', 'charge']);
  await harness.waitSettled();

  await showCode(harness);
  await harness.waitState('nothingCharged');
  await untilEnds(harness, ['nothing_taken', 'charge', 'not_opened']);
  await harness.close();
});

test('let in, and gone before the bolt moved: told as never unlocked, after a power cut as well', async () => {
  const harness = await CabinetHarness.open(operator);
  await showCode(harness);
  // The answer "allowed" is there, and the program is not.
  harness.onState('preparing', () => harness.crash());
  await harness.until('power cut', () => !harness.running);
  harness.start();
  await untilEnds(harness, ['never_unlocked']);
  await harness.close();
});
