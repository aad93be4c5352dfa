import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockProtocols } from '../cabinet-lock.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** One shopper on each kind of lock: the same visit, the same bill, the same door, whatever moves the bolt. */

const testTimeoutMs = 60_000;

const clock = new SteppedClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

describe.concurrent.each(lockProtocols)('%s', (lock) => {
  test('a visit: one release, one charge, shut and locked', { timeout: testTimeoutMs }, async () => {
    const rig = await CabinetRig.open(operator, { simulator: { devices: { lock } } });
    try {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.confirmAndLeave();
      await rig.settled();
      expect(rig.releaseCount).toBe(1);
      expect([rig.world.door, rig.world.bolt]).toEqual(['closed', 'locked']);
      expect(await rig.audit()).toEqual([]);
      expect(await rig.charges()).toMatchObject([
        { state: 'paid', totalMinor: rig.priceOf('cola-can'), debitCount: 1 },
      ]);
    } finally {
      await rig.close();
    }
  });

  test(
    'the lock is unplugged while the door is open: told, back in service, billed once',
    { timeout: testTimeoutMs },
    async () => {
      const rig = await CabinetRig.open(operator, { simulator: { devices: { lock } } });
      try {
        await rig.enter();
        rig.shopper.take('milk-box');
        await rig.basketShows(rig.priceOf('milk-box'));
        rig.unplug('lock');
        await rig.pass(2_000);
        rig.plug('lock');
        await rig.pass(2_000);
        rig.shopper.shut();
        await rig.until('in service, nobody here', () => rig.state === 'attract');
        await rig.settled();
        expect(await rig.audit()).toEqual([]);
        expect(await rig.charges()).toMatchObject([
          { state: 'paid', totalMinor: rig.priceOf('milk-box'), debitCount: 1 },
        ]);
      } finally {
        await rig.close();
      }
    },
  );
});

test(
  'a relay whose door sensor is gone: out of service, and the relay is not switched',
  { timeout: testTimeoutMs },
  async () => {
    const rig = await CabinetRig.open(operator, { simulator: { devices: { lock: 'relay-dcttech' } } });
    try {
      rig.unplug('door-sensor');
      await rig.until('out of service', () => rig.outOfService === 'lock_unreachable');
      expect(rig.releaseCount).toBe(0);
      rig.plug('door-sensor');
      await rig.waitState('attract');
      await rig.enter();
      rig.shopper.shut();
      await rig.waitState('nothing_charged');
      expect(rig.releaseCount).toBe(1);
      expect(await rig.audit()).toEqual([]);
    } finally {
      await rig.close();
    }
  },
);
