import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { type OrderedFault, SharedOperator } from './shared-operator.ts';

/** The operator answers wrongly, late or not at all. One test after the other: its moods are the same for all cabinets. */
vi.setConfig({ testTimeout: 120_000 });
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
  } finally {
    await operator.fault({ mode: 'none' });
    await rig.close();
  }
}

async function buys(rig: CabinetRig, sku: string): Promise<void> {
  await rig.enter();
  rig.shopper.take(sku);
  await rig.basketShows(rig.priceOf(sku));
  await rig.confirmAndLeave();
}

describe('when asked whether to let somebody in', () => {
  const moods: [OrderedFault['mode'], ReasonCode][] = [
    ['500', 'system.operator_error'],
    ['409', 'system.operator_error'],
    ['garbage', 'system.operator_error'],
    ['drop', 'network.timeout'],
    ['hang', 'network.timeout'],
  ];
  test.for(moods)('%s: refused with %s, the bolt does not move; the next code works', ([mode, reason]) =>
    onRig(async (rig) => {
      await operator.fault({ mode, path: '/v1/visits' });
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      await rig.shopper.present();
      await rig.waitState('refused');
      expect(rig.snapshot().visit).toMatchObject({ screen: 'refused', reason });
      await rig.waitState('attract');
      expect(rig.releaseCount).toBe(0);
      await operator.fault({ mode: 'none' });
      await buys(rig, 'cola-can');
      await rig.settled();
      expect(await rig.audit()).toEqual([]);
    }),
  );

  test('an answer that comes after the shopper has been refused opens nothing', () =>
    onRig(async (rig) => {
      await operator.fault({ mode: 'delay', delayMs: 2_950, path: '/v1/visits' });
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      await rig.shopper.present();
      await rig.waitState('refused');
      await rig.pass(5_000);
      expect(rig.state).toBe('attract');
      expect(rig.releaseCount).toBe(0);
    }));

  test('an answer for a shopper who has gone opens nothing for the next', () =>
    onRig(async (rig) => {
      await operator.fault({ mode: 'delay', delayMs: 1_500, path: '/v1/visits', count: 1 });
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      await rig.shopper.present('M1001');
      await rig.waitState('authorising');
      rig.process.kiosk.runner.dispatch({ type: 'cancel' });
      rig.chooseCode();
      await rig.waitState('identifying');
      await rig.pass(3_000);
      expect(rig.state).toBe('identifying');
      expect(rig.releaseCount).toBe(0);
    }));
});

describe('when a charge is sent', () => {
  const moods: OrderedFault[] = [
    { mode: '500', count: 3 },
    { mode: '500', count: 3, when: 'after' },
    { mode: 'garbage', count: 2 },
    { mode: 'garbage', count: 2, when: 'after' },
    { mode: 'drop', count: 2 },
    { mode: 'drop', count: 2, when: 'after' },
    { mode: 'hang', count: 1 },
    { mode: 'hang', count: 1, when: 'after' },
    { mode: 'delay', delayMs: 4_000, count: 2 },
    { mode: '409', count: 1, when: 'after', path: '/v1/charges' },
  ];
  test.for(moods.slice(0, -1))('$mode $when: paid once in the end', (mood) =>
    onRig(async (rig) => {
      await operator.fault({ ...mood, path: '/v1/charges' });
      await buys(rig, 'orange-juice');
      await rig.settled();
      expect(await rig.audit()).toEqual([]);
      const totalMinor = rig.priceOf('orange-juice');
      expect(await rig.charges()).toMatchObject([{ state: 'paid', totalMinor, debitCount: 1 }]);
      expect(rig.localCharges()).toMatchObject([{ state: 'paid' }]);
    }),
  );

  test('409: a human looks, nothing is sent again', () =>
    onRig(async (rig) => {
      await operator.fault({ mode: '409', path: '/v1/charges', count: 1 });
      await buys(rig, 'orange-juice');
      await rig.settled();
      expect(rig.localCharges()).toMatchObject([{ state: 'needs_attention', reason: 'system.conflict' }]);
      await rig.pass(30_000);
      expect(await rig.charges()).toEqual([]);
    }));

  test('down for hours while people buy: every charge arrives once when it is back, also after a kill', () =>
    onRig(async (rig) => {
      await operator.fault({ mode: '500', path: '/v1/charges' });
      for (const sku of ['cola-can', 'milk-box', 'rice-ball']) await buys(rig, sku);
      await rig.pass(600_000);
      rig.crash();
      await rig.pass(60_000);
      rig.start();
      await rig.waitState('attract');
      await operator.fault({ mode: 'none' });
      await rig.settled(900_000);
      expect(await rig.audit()).toEqual([]);
      const charges = await rig.charges();
      expect(charges.map((c) => c.debitCount)).toEqual([1, 1, 1]);
    }));
});

describe('when the provider', () => {
  test('declines: the cabinet says why; once the account is well it is paid, once', () =>
    onRig(async (rig) => {
      await operator.provider({ mode: 'decline', reason: 'account.expired_card' });
      await buys(rig, 'cola-can');
      await rig.until('told', () => rig.localCharges()[0]?.reason === 'account.expired_card');
      await operator.provider({ mode: 'ok', retryNow: true });
      await rig.settled();
      expect(await rig.audit()).toEqual([]);
      expect(await rig.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
    }));

  test('debits and loses its answer: debited once', () =>
    onRig(async (rig) => {
      await operator.provider({ mode: 'timeout_after_charge' });
      await buys(rig, 'cola-can');
      await rig.pass(5_000);
      await operator.provider({ mode: 'ok', retryNow: true });
      await rig.settled();
      expect(await rig.audit()).toEqual([]);
      expect(await rig.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
    }));
});

test('garbage for a catalogue and errors for an enrolment: out of service until it answers', async () => {
  await operator.fault({ mode: '500', path: '/v1/cabinets' });
  const rig = await CabinetRig.open(operator, { waitForAttract: false });
  try {
    await rig.pass(3_000);
    expect(rig.outOfService).toBe('not_enrolled');
    await operator.fault({ mode: 'garbage', path: '/v1/catalog' });
    await rig.until('enrolled', () => rig.outOfService === 'no_catalog', 90_000);
    await rig.pass(5_000);
    expect(rig.outOfService).toBe('no_catalog');
    await operator.fault({ mode: 'none' });
    await buys(rig, 'cola-can');
    await rig.settled();
    expect(await rig.audit()).toEqual([]);
  } finally {
    await operator.fault({ mode: 'none' });
    await rig.close();
  }
});
