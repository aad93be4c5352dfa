import { afterEach, describe, expect, test } from 'vitest';
import type { ScaleManners } from '../devices/scale-manners.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** What scales, tags and shoppers do that nobody told the cabinet of: right, or doubt, and never a bill for what was not taken. */

const testTimeoutMs = 60_000;
const { operator } = await startOperatorForFile();

let harness: CabinetHarness;
afterEach(() => harness.close());

async function open(isScalePhysical = false): Promise<ScaleManners> {
  harness = await CabinetHarness.open(operator, {
    simulator: { devices: { scale: 'scale-modbus', isScalePhysical } },
    isWeighed: true,
  });
  await harness.until('the kiosk holds the scale', () => harness.devices.view('scale')?.attached === true);
  await harness.sleep(2_000);
  return harness.devices.scale!.manners;
}

const shelfOf = (sku: string): number =>
  harness.world.planogram.find(({ skus }) => skus.includes(sku))!.shelf;

/** What was billed and held, in words, once the visit is over; and that the money goes with what was taken. */
async function leave(): Promise<{ billed: string[]; held: string[] }> {
  harness.shopper.shut();
  await harness.waitState('receipt', 'nothingCharged');
  const { bill } = harness.context;
  const of = (lines: readonly { sku: string; count: number }[] = []): string[] =>
    lines.map(({ sku, count }) => `${count} ${sku}`).sort();
  const left = { billed: of(bill?.lines), held: of(bill?.heldLines) };
  await harness.waitState('attract', 'outOfService');
  return left;
}

describe('what people do', () => {
  test(
    'noise, drift and wrong values of cheap cells: right all the same',
    { timeout: testTimeoutMs },
    async () => {
      await open(true);
      for (const sku of ['cola-can', 'rice-ball', 'milk-box']) {
        await harness.enter();
        harness.shopper.take(sku);
        await harness.waitBasket(harness.priceOf(sku));
        expect(await leave()).toEqual({ billed: [`1 ${sku}`], held: [] });
      }
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
    },
  );

  test('put back on another shelf: nothing was bought', { timeout: testTimeoutMs }, async () => {
    await open();
    await harness.enter();
    const item = harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    const other = harness.world.planogram.find(({ shelf }) => shelf !== shelfOf('cola-can'))!.shelf;
    expect(harness.world.putBack({ epc: item.epc, shelf: other }).ok).toBe(true);
    harness.shopper.noLongerHeld(item);
    await harness.waitBasket(0);
    expect((await leave()).billed).toEqual([]);
  });

  test('two taken, one returned', { timeout: testTimeoutMs }, async () => {
    await open();
    await harness.enter();
    harness.shopper.take('cola-can');
    const second = harness.shopper.take('cola-can');
    await harness.waitBasket(2 * harness.priceOf('cola-can'));
    harness.shopper.putBack(second);
    await harness.waitBasket(harness.priceOf('cola-can'));
    expect(await leave()).toEqual({ billed: ['1 cola-can'], held: [] });
  });

  test('somebody puts their own thing in, and takes it out again', { timeout: testTimeoutMs }, async () => {
    const scale = await open();
    await harness.enter();
    scale.lean(shelfOf('cola-can'), 333);
    await harness.sleep(2_000);
    harness.shopper.take('cola-can');
    await harness.sleep(2_000);
    scale.lean(shelfOf('cola-can'), 0);
    await harness.waitBasket(harness.priceOf('cola-can'));
    expect(await leave()).toEqual({ billed: ['1 cola-can'], held: [] });
  });

  test('a quick hand: taken and shut at once, and nothing is lost', { timeout: testTimeoutMs }, async () => {
    await open();
    await harness.enter();
    harness.shopper.take('rice-ball');
    await harness.sleep(200);
    const { billed, held } = await leave();
    expect([...billed, ...held]).toEqual(['1 rice-ball']);
  });

  test('a hand leans on the shelf, and nothing is taken', { timeout: testTimeoutMs }, async () => {
    const scale = await open();
    await harness.enter();
    scale.lean(shelfOf('cola-can'), 1_400);
    await harness.sleep(1_500);
    scale.lean(shelfOf('cola-can'), 0);
    await harness.sleep(1_500);
    expect(await leave()).toEqual({ billed: [], held: [] });
  });
});

describe('what scales do', () => {
  test(
    'half of the tags fall silent at once, and every scale rests: no bill',
    { timeout: testTimeoutMs },
    async () => {
      await open();
      await harness.enter();
      for (const sku of harness.stockSkus) expect(harness.world.cover({ sku }).ok).toBe(true);
      await harness.sleep(3_000);
      expect((await leave()).billed).toEqual([]);
    },
  );

  test.each(['before', 'after'] as const)(
    'frozen %s something is taken: held, neither billed nor forgotten',
    { timeout: testTimeoutMs },
    async (when) => {
      const scale = await open();
      await harness.enter();
      if (when === 'after') harness.shopper.take('rice-ball');
      if (when === 'after') await harness.waitBasket(harness.priceOf('rice-ball'));
      scale.freeze(shelfOf('cola-can'), true);
      await harness.sleep(500);
      harness.shopper.take('cola-can');
      await harness.sleep(3_000);
      const { billed, held } = await leave();
      expect(billed).toEqual(when === 'after' ? ['1 rice-ball'] : []);
      expect(held).toEqual(['1 cola-can']);
    },
  );

  test('wrong values now and then are nobody\u2019s goods', { timeout: testTimeoutMs }, async () => {
    const scale = await open();
    await harness.enter();
    const grams = harness.world.gramsInside(shelfOf('cola-can'));
    for (let n = 0; n < 10; n++) {
      scale.spike(shelfOf('cola-can'), n % 2 === 0 ? -350 : grams);
      await harness.sleep(400);
    }
    expect(await leave()).toEqual({ billed: [], held: [] });
  });

  test(
    'a scale that never rests says nothing against a tag, and makes no bill',
    { timeout: testTimeoutMs },
    async () => {
      const scale = await open();
      await harness.enter();
      scale.shake(shelfOf('cola-can'), true);
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      const { billed, held } = await leave();
      expect({ billed, held }).toEqual({ billed: [], held: ['1 cola-can'] });
    },
  );

  test('a scale that slips away by grams a second is no sale', { timeout: testTimeoutMs }, async () => {
    const scale = await open();
    await harness.enter();
    scale.drift(shelfOf('cola-can'), -1_200);
    await harness.sleep(10_000);
    scale.drift(shelfOf('cola-can'), 0);
    await harness.sleep(1_000);
    expect((await leave()).billed).toEqual([]);
  });

  test.each(['unlocking', 'shopping', 'checking'] as const)(
    'unplugged as the visit is %s: nothing false, nothing forgotten',
    { timeout: testTimeoutMs },
    async (state) => {
      await open();
      harness.onState(state, () => {
        harness.unplug('scale');
      });
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      const { billed, held } = await leave();
      expect([...billed, ...held]).toEqual(['1 cola-can']);
      if (state !== 'unlocking') expect(billed).toEqual(state === 'checking' ? billed : []);
    },
  );
});
