import { describe, expect, test } from 'vitest';
import { lockProtocols } from '../cabinet-lock.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** One shopper on each kind of lock: the same visit, the same bill, the same door, whatever moves the bolt. */

const testTimeoutMs = 60_000;

const { operator } = await startOperatorForFile();

describe.concurrent.each(lockProtocols)('%s', (lock) => {
  test('a visit: one release, one charge, shut and locked', { timeout: testTimeoutMs }, async () => {
    const harness = await CabinetHarness.open(operator, { simulator: { devices: { lock } } });
    try {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(harness.releaseCount).toBe(1);
      expect([harness.world.door, harness.world.bolt]).toEqual(['closed', 'locked']);
      expect(await harness.audit()).toEqual([]);
      expect(await harness.charges()).toMatchObject([
        { state: 'paid', totalMinor: harness.priceOf('cola-can'), debitCount: 1 },
      ]);
    } finally {
      await harness.close();
    }
  });

  test(
    'the lock is unplugged while the door is open: told, back in service, billed once',
    { timeout: testTimeoutMs },
    async () => {
      const harness = await CabinetHarness.open(operator, { simulator: { devices: { lock } } });
      try {
        await harness.enter();
        harness.shopper.take('milk-box');
        await harness.waitBasket(harness.priceOf('milk-box'));
        harness.unplug('lock');
        await harness.sleep(2_000);
        harness.plug('lock');
        await harness.sleep(2_000);
        harness.shopper.shut();
        await harness.until('in service, nobody here', () => harness.state === 'attract');
        await harness.waitSettled();
        expect(await harness.audit()).toEqual([]);
        expect(await harness.charges()).toMatchObject([
          { state: 'paid', totalMinor: harness.priceOf('milk-box'), debitCount: 1 },
        ]);
      } finally {
        await harness.close();
      }
    },
  );
});

test(
  'a relay whose door sensor is gone: out of service, and the relay is not switched',
  { timeout: testTimeoutMs },
  async () => {
    const harness = await CabinetHarness.open(operator, {
      simulator: { devices: { lock: 'relay-dcttech' } },
    });
    try {
      harness.unplug('door-sensor');
      await harness.until('out of service', () => harness.outOfService === 'lock_unreachable');
      expect(harness.releaseCount).toBe(0);
      harness.plug('door-sensor');
      await harness.waitState('attract');
      await harness.enter();
      harness.shopper.shut();
      await harness.waitState('nothingCharged');
      expect(harness.releaseCount).toBe(1);
      expect(await harness.audit()).toEqual([]);
    } finally {
      await harness.close();
    }
  },
);
