import { describe, expect, test, vi } from 'vitest';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';
import type { OrderedFault } from './shared-operator.ts';

/** The operator answers wrongly, late or not at all. One test after the other: its faults are the same for all cabinets. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

async function onRig(play: (harness: CabinetHarness) => Promise<void>): Promise<void> {
  const harness = await CabinetHarness.open(operator);
  try {
    await play(harness);
  } finally {
    await operator.fault({ mode: 'none' });
    await harness.close();
  }
}

async function buys(harness: CabinetHarness, sku: string): Promise<void> {
  await harness.enter();
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  await harness.confirmAndLeave();
}

describe('when asked whether to let somebody in', () => {
  const faults: [OrderedFault['mode'], ReasonCode][] = [
    ['500', 'system.operator_error'],
    ['409', 'system.operator_error'],
    ['garbage', 'system.operator_error'],
    ['drop', 'network.timeout'],
    ['hang', 'network.timeout'],
  ];
  test.for(faults)('%s: refused with %s, the bolt does not move; the next code works', ([mode, reason]) =>
    onRig(async (harness) => {
      await operator.fault({ mode, path: '/v1/visits' });
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await harness.shopper.present();
      await harness.waitState('refused');
      expect(harness.snapshot().visit).toMatchObject({ screen: 'refused', reason });
      await harness.waitState('attract');
      expect(harness.releaseCount).toBe(0);
      await operator.fault({ mode: 'none' });
      await buys(harness, 'cola-can');
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
    }),
  );

  test('an answer that comes after the shopper has been refused opens nothing', () =>
    onRig(async (harness) => {
      await operator.fault({ mode: 'delay', delayMs: 2_950, path: '/v1/visits' });
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await harness.shopper.present();
      await harness.waitState('refused');
      await harness.sleep(5_000);
      expect(harness.state).toBe('attract');
      expect(harness.releaseCount).toBe(0);
    }));

  test('an answer for a shopper who has gone opens nothing for the next', () =>
    onRig(async (harness) => {
      await operator.fault({ mode: 'delay', delayMs: 1_500, path: '/v1/visits', count: 1 });
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await harness.shopper.present('M1001');
      await harness.waitState('authorising');
      harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
      harness.chooseCode();
      await harness.waitState('identifyingByCode');
      await harness.sleep(3_000);
      expect(harness.state).toBe('identifyingByCode');
      expect(harness.releaseCount).toBe(0);
    }));
});

describe('when a charge is sent', () => {
  const faults: OrderedFault[] = [
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
  test.for(faults.slice(0, -1))('$mode $when: paid once in the end', (fault) =>
    onRig(async (harness) => {
      await operator.fault({ ...fault, path: '/v1/charges' });
      await buys(harness, 'orange-juice');
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
      const totalMinor = harness.priceOf('orange-juice');
      expect(await harness.charges()).toMatchObject([{ state: 'paid', totalMinor, debitCount: 1 }]);
      expect(harness.localCharges()).toMatchObject([{ state: 'paid' }]);
    }),
  );

  test('409: a human looks, nothing is sent again', () =>
    onRig(async (harness) => {
      await operator.fault({ mode: '409', path: '/v1/charges', count: 1 });
      await buys(harness, 'orange-juice');
      await harness.waitSettled();
      expect(harness.localCharges()).toMatchObject([{ state: 'needs_attention', reason: 'system.conflict' }]);
      await harness.sleep(30_000);
      expect(await harness.charges()).toEqual([]);
    }));

  test('down for hours while people buy: every charge arrives once when it is back, also after a kill', () =>
    onRig(async (harness) => {
      await operator.fault({ mode: '500', path: '/v1/charges' });
      for (const sku of ['cola-can', 'milk-box', 'rice-ball']) await buys(harness, sku);
      await harness.sleep(600_000);
      harness.crash();
      await harness.sleep(60_000);
      harness.start();
      await harness.waitState('attract');
      await operator.fault({ mode: 'none' });
      await harness.waitSettled(900_000);
      expect(await harness.audit()).toEqual([]);
      const charges = await harness.charges();
      expect(charges.map((c) => c.debitCount)).toEqual([1, 1, 1]);
    }));
});

describe('when the provider', () => {
  test('declines: the cabinet says why; once the account is well it is paid, once', () =>
    onRig(async (harness) => {
      await operator.provider({ mode: 'decline', reason: 'account.expired_card' });
      await buys(harness, 'cola-can');
      await harness.until('told', () => harness.localCharges()[0]?.reason === 'account.expired_card');
      await operator.provider({ mode: 'ok', retryNow: true });
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
      expect(await harness.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
    }));

  test('debits and loses its answer: debited once', () =>
    onRig(async (harness) => {
      await operator.provider({ mode: 'timeout_after_charge' });
      await buys(harness, 'cola-can');
      await harness.sleep(5_000);
      await operator.provider({ mode: 'ok', retryNow: true });
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
      expect(await harness.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
    }));
});

test('garbage for a catalogue and errors for an enrolment: out of service until it answers', async () => {
  await operator.fault({ mode: '500', path: '/v1/cabinets' });
  const harness = await CabinetHarness.open(operator, { waitForAttract: false });
  try {
    await harness.sleep(3_000);
    expect(harness.outOfService).toBe('not_enrolled');
    await operator.fault({ mode: 'garbage', path: '/v1/catalog' });
    await harness.until('enrolled', () => harness.outOfService === 'no_catalog', 90_000);
    await harness.sleep(5_000);
    expect(harness.outOfService).toBe('no_catalog');
    await operator.fault({ mode: 'none' });
    await buys(harness, 'cola-can');
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
  } finally {
    await operator.fault({ mode: 'none' });
    await harness.close();
  }
});
