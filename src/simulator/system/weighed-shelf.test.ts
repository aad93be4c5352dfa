import { expect, test } from 'vitest';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A cabinet whose shelves are weighed: goods are known by tags and weights together (ADR 0143). */

const testTimeoutMs = 60_000;
const { operator } = await startOperatorForFile();

async function weighed(): Promise<CabinetHarness> {
  const harness = await CabinetHarness.open(operator, {
    simulator: { devices: { scale: 'scale-modbus' } },
    isWeighed: true,
  });
  await harness.until('the kiosk holds the scale', () => harness.devices.view('scale')?.attached === true);
  // Every lane has rested before somebody comes.
  await harness.sleep(2_000);
  return harness;
}

const linesOf = (lines: readonly { sku: string; count: number }[] = []): string[] =>
  lines.map(({ sku, count }) => `${count} ${sku}`).sort();

test('what is taken is on the screen by weight, and billed unasked', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await harness.enter();
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    harness.shopper.shut();
    await harness.waitState('receipt');
    const { bill } = harness.context;
    expect(linesOf(bill?.lines)).toEqual(['1 cola-can']);
    expect(bill).toMatchObject({ heldLines: [], review: [] });
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect(await harness.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
  } finally {
    await harness.close();
  }
});

test('a tag that is shielded while its weight is there is no sale', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await harness.enter();
    expect(harness.world.cover({ sku: 'milk-box' }).ok).toBe(true);
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.sleep(3_000);
    expect(harness.context.basket.lines.map(({ sku }) => sku)).toEqual(['cola-can']);
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect(await harness.charges()).toMatchObject([{ totalMinor: harness.priceOf('cola-can') }]);
  } finally {
    await harness.close();
  }
});

test(
  'the scale is unplugged with the door open: people look, and nothing is billed',
  { timeout: testTimeoutMs },
  async () => {
    const harness = await weighed();
    try {
      await harness.enter();
      harness.unplug('scale');
      harness.shopper.take('cola-can');
      // By its tag, as in a cabinet without scales.
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.shopper.shut();
      await harness.waitState('receipt');
      const { bill } = harness.context;
      expect(linesOf(bill?.lines)).toEqual([]);
      expect(linesOf(bill?.heldLines)).toEqual(['1 cola-can']);
    } finally {
      await harness.close();
    }
  },
);

test(
  'the program ends in the middle: what each scale rested at is remembered',
  { timeout: testTimeoutMs },
  async () => {
    const harness = await weighed();
    try {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.crash();
      harness.shopper.take('rice-ball');
      harness.start();
      await harness.waitBasket(harness.priceOf('cola-can') + harness.priceOf('rice-ball'));
      harness.shopper.shut();
      await harness.waitState('receipt');
      const { bill } = harness.context;
      expect([...linesOf(bill?.lines), ...linesOf(bill?.heldLines)].sort()).toEqual([
        '1 cola-can',
        '1 rice-ball',
      ]);
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
    } finally {
      await harness.close();
    }
  },
);
