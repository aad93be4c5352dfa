import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** Commits fail. Before the unlock nobody is let in; after it nothing is lost, however long it takes. */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const clock = new SteppedClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

async function onRig(play: (rig: CabinetRig) => Promise<void>): Promise<void> {
  const rig = await CabinetRig.open(operator);
  try {
    await play(rig);
    await rig.until('in service again', () => rig.running && rig.state === 'attract', 120_000);
    await rig.settled(120_000);
    expect(await rig.audit()).toEqual([]);
    // And the next one can buy.
    await rig.enter('M1002');
    rig.shopper.take('milk-box');
    await rig.basketShows(rig.priceOf('milk-box'));
    await rig.confirmAndLeave();
    await rig.settled();
    expect(await rig.audit()).toEqual([]);
    expect((await rig.charges()).at(-1)).toMatchObject({ memberId: 'M1002', state: 'paid' });
  } finally {
    await rig.close();
  }
}

function fill(rig: CabinetRig): void {
  rig.tell('disk full');
  rig.disk.full = true;
}
function free(rig: CabinetRig): void {
  rig.tell('disk has room');
  rig.disk.full = false;
}

async function paidExactly(rig: CabinetRig, ...skus: string[]): Promise<void> {
  await rig.settled(120_000);
  const totalMinor = skus.reduce((sum, sku) => sum + rig.priceOf(sku), 0);
  const [charge, ...more] = await rig.charges();
  expect(charge, rig.story()).toMatchObject({ state: 'paid', totalMinor, debitCount: 1, heldLines: [] });
  expect(more).toEqual([]);
}

describe.concurrent('a full disk', () => {
  test('before the unlock: refused with the reason, the bolt never moves, no sale until there is room', () =>
    onRig(async (rig) => {
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      fill(rig);
      await rig.shopper.present();
      await rig.waitState('refused', 'out_of_service');
      expect(rig.disk.refusedCount).toBeGreaterThan(0);
      await rig.until('out of service', () => rig.outOfService === 'storage_failed');
      await rig.shopper.present();
      await rig.pass(5_000);
      expect(rig.releaseCount).toBe(0);
      expect(rig.outOfService).toBe('storage_failed');
      expect(await rig.charges()).toEqual([]);
      free(rig);
    }));

  test('when the door is pulled: the visit goes on once there is room', () =>
    onRig(async (rig) => {
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      await rig.shopper.present();
      await rig.until('bolt released', () => rig.world.bolt === 'released');
      fill(rig);
      rig.shopper.pull();
      await rig.pass(4_000);
      rig.shopper.take('cola-can');
      await rig.pass(4_000);
      free(rig);
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.confirmAndLeave();
      await paidExactly(rig, 'cola-can');
    }));

  test('while goods are taken, and the door is shut meanwhile: all of it is billed', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      fill(rig);
      rig.shopper.take('rice-ball');
      await rig.pass(3_000);
      rig.shopper.shut();
      await rig.pass(5_000);
      expect(await rig.charges()).toEqual([]);
      free(rig);
      await rig.waitState('receipt');
      await paidExactly(rig, 'cola-can', 'rice-ball');
    }));

  test('for minutes, with the door open all the while: the shut door is not overlooked', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      fill(rig);
      rig.shopper.take('rice-ball');
      await rig.pass(180_000);
      rig.shopper.shut();
      await rig.pass(3_000);
      free(rig);
      await rig.waitState('receipt');
      await paidExactly(rig, 'cola-can', 'rice-ball');
    }));

  for (const state of ['confirmed', 'checking'] as const) {
    test(`from ${state} on: settled once there is room`, () =>
      onRig(async (rig) => {
        await rig.enter();
        rig.shopper.take('orange-juice');
        await rig.basketShows(rig.priceOf('orange-juice'));
        rig.when(state, () => {
          fill(rig);
        });
        rig.confirm();
        await rig.pass(500);
        rig.shopper.shut();
        await rig.pass(12_000);
        expect(rig.disk.refusedCount).toBeGreaterThan(3);
        expect(await rig.charges()).toEqual([]);
        free(rig);
        await rig.waitState('receipt');
        await paidExactly(rig, 'orange-juice');
      }));
  }

  test('and then a kill: the visit is taken up from the last commit', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('orange-juice');
      await rig.basketShows(rig.priceOf('orange-juice'));
      fill(rig);
      rig.shopper.take('cola-can');
      await rig.pass(3_000);
      rig.crash();
      rig.shopper.shut();
      rig.start(false);
      await rig.pass(5_000);
      expect(rig.process.kiosk.runner.idle).toBe(false);
      free(rig);
      await rig.waitState('receipt');
      await paidExactly(rig, 'orange-juice', 'cola-can');
    }));

  test('when a charge is being sent: it is delivered once, without a restart', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      rig.when('receipt', () => {
        fill(rig);
      });
      rig.confirm();
      rig.shopper.shut();
      await rig.waitState('receipt');
      await rig.pass(10_000);
      expect(rig.localCharges()[0]?.state).not.toBe('paid');
      free(rig);
      await paidExactly(rig, 'cola-can');
    }));

  test('when the answer about a charge is to be kept: asked again, debited once', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      rig.confirm();
      rig.net('up', 1_000);
      rig.shopper.shut();
      await rig.waitState('receipt');
      await rig.until('on its way', () => rig.localCharges()[0]?.state === 'submitting');
      fill(rig);
      await rig.pass(8_000);
      rig.net('up');
      free(rig);
      await paidExactly(rig, 'cola-can');
    }));
});
