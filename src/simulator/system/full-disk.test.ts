import { describe, expect, test, vi } from 'vitest';
import { mustSurvive } from '../../core/visit/visit.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** Commits fail. Before the unlock nobody is let in; after it nothing is lost, however long it takes. */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

async function onRig(play: (harness: CabinetHarness) => Promise<void>): Promise<void> {
  const harness = await CabinetHarness.open(operator);
  try {
    await play(harness);
    await harness.until('in service again', () => harness.running && harness.state === 'attract', 120_000);
    await harness.waitSettled(120_000);
    expect(await harness.audit()).toEqual([]);
    // And the next one can buy.
    await harness.enter('M1002');
    harness.shopper.take('milk-box');
    await harness.waitBasket(harness.priceOf('milk-box'));
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect((await harness.charges()).at(-1)).toMatchObject({ memberId: 'M1002', state: 'paid' });
  } finally {
    await harness.close();
  }
}

function fill(harness: CabinetHarness): void {
  harness.record('disk full');
  harness.disk.full = true;
}
function free(harness: CabinetHarness): void {
  harness.record('disk has room');
  harness.disk.full = false;
}

async function paidExactly(harness: CabinetHarness, ...skus: string[]): Promise<void> {
  await paidAndHeld(harness, skus, []);
}
async function paidAndHeld(
  harness: CabinetHarness,
  skus: readonly string[],
  held: readonly string[],
): Promise<void> {
  await harness.waitSettled(120_000);
  const totalMinor = skus.reduce((sum, sku) => sum + harness.priceOf(sku), 0);
  const [charge, ...more] = await harness.charges();
  expect(charge, harness.eventLog()).toMatchObject({
    state: 'paid',
    totalMinor,
    debitCount: 1,
    heldLines: held.map((sku) => ({ sku, count: 1 })),
  });
  expect(more).toEqual([]);
}

describe.concurrent('a full disk', () => {
  test('before the unlock: refused with the reason, the bolt never moves, no sale until there is room', () =>
    onRig(async (harness) => {
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      fill(harness);
      await harness.shopper.present();
      await harness.waitState('refused', 'outOfService');
      expect(harness.disk.refusedCount).toBeGreaterThan(0);
      await harness.until('out of service', () => harness.outOfService === 'storage_failed');
      await harness.shopper.present();
      await harness.sleep(5_000);
      expect(harness.releaseCount).toBe(0);
      expect(harness.outOfService).toBe('storage_failed');
      expect(await harness.charges()).toEqual([]);
      free(harness);
    }));

  test('when the door is pulled: the visit goes on once there is room', () =>
    onRig(async (harness) => {
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await harness.shopper.present();
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      fill(harness);
      harness.shopper.pull();
      await harness.sleep(4_000);
      harness.shopper.take('cola-can');
      await harness.sleep(4_000);
      free(harness);
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.confirmAndLeave();
      await paidExactly(harness, 'cola-can');
    }));

  test('while goods are taken, and the door is shut meanwhile: what stood on the screen is billed', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      fill(harness);
      harness.shopper.take('rice-ball');
      await harness.sleep(3_000);
      harness.shopper.shut();
      await harness.sleep(5_000);
      expect(await harness.charges()).toEqual([]);
      free(harness);
      await harness.waitState('receipt');
      await paidAndHeld(harness, ['cola-can'], ['rice-ball']);
    }));

  test('for minutes, with the door open all the while: the shut door is not overlooked', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      fill(harness);
      harness.shopper.take('rice-ball');
      await harness.sleep(180_000);
      harness.shopper.shut();
      await harness.sleep(3_000);
      free(harness);
      await harness.waitState('receipt');
      await paidAndHeld(harness, ['cola-can'], ['rice-ball']);
    }));

  for (const state of ['confirmed', 'checking'] as const) {
    test(`from ${state} on: settled once there is room`, () =>
      onRig(async (harness) => {
        await harness.enter();
        harness.shopper.take('orange-juice');
        await harness.waitBasket(harness.priceOf('orange-juice'));
        harness.onState(state, () => {
          fill(harness);
        });
        harness.confirm();
        await harness.sleep(500);
        harness.shopper.shut();
        await harness.sleep(12_000);
        expect(harness.disk.refusedCount).toBeGreaterThan(3);
        expect(await harness.charges()).toEqual([]);
        free(harness);
        await harness.waitState('receipt');
        await paidExactly(harness, 'orange-juice');
      }));
  }

  test('and then a kill: the visit is taken up from the last commit', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('orange-juice');
      await harness.waitBasket(harness.priceOf('orange-juice'));
      fill(harness);
      harness.shopper.take('cola-can');
      await harness.sleep(3_000);
      harness.crash();
      harness.shopper.shut();
      harness.start(false);
      await harness.sleep(5_000);
      expect(mustSurvive(harness.process.kiosk.visitLoop.visit)).toBe(true);
      free(harness);
      await harness.waitState('receipt');
      await paidExactly(harness, 'orange-juice', 'cola-can');
    }));

  test('when a charge is being sent: it is delivered once, without a restart', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.onState('receipt', () => {
        fill(harness);
      });
      harness.confirm();
      harness.shopper.shut();
      await harness.waitState('receipt');
      await harness.sleep(10_000);
      expect(harness.localCharges()[0]?.state).not.toBe('paid');
      free(harness);
      await paidExactly(harness, 'cola-can');
    }));

  test('when the answer about a charge is to be kept: asked again, debited once', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.confirm();
      harness.setNetwork('up', 1_000);
      harness.shopper.shut();
      await harness.waitState('receipt');
      await harness.until('on its way', () => harness.localCharges()[0]?.state === 'submitting');
      fill(harness);
      await harness.sleep(8_000);
      harness.setNetwork('up');
      free(harness);
      await paidExactly(harness, 'cola-can');
    }));
});
