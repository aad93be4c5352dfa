import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SensorOptions } from '../cabinet-sensors.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** One shopper before each kind of tag reader and code scanner: the same visit, the same bill. */
const cabinets: (SensorOptions & { name: string })[] = [
  { name: 'UHFReader18, old form', reader: 'rfid-uhfreader18' },
  { name: 'UHFReader18, new form', reader: 'rfid-uhfreader18-new' },
  { name: '53 57 and a serial scanner', reader: 'rfid-sw5357', scanner: 'scanner-serial' },
];

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

describe.concurrent.each(cabinets)('$name', ({ name: _name, ...devices }) => {
  test(
    'a visit: what was taken is billed once, what was put back is not',
    { timeout: testTimeoutMs },
    async () => {
      const rig = await CabinetRig.open(operator, { simulator: { devices } });
      try {
        await rig.enter();
        rig.shopper.take('cola-can');
        const milk = rig.shopper.take('milk-box');
        await rig.basketShows(rig.priceOf('cola-can') + rig.priceOf('milk-box'));
        rig.shopper.putBack(milk);
        await rig.basketShows(rig.priceOf('cola-can'));
        await rig.confirmAndLeave();
        await rig.settled();
        expect(await rig.audit()).toEqual([]);
        expect(await rig.charges()).toMatchObject([
          { state: 'paid', totalMinor: rig.priceOf('cola-can'), debitCount: 1 },
        ]);
      } finally {
        await rig.close();
      }
    },
  );

  test(
    'the reader is unplugged for 2 s with the door open: the bill is right',
    { timeout: testTimeoutMs },
    async () => {
      const rig = await CabinetRig.open(operator, { simulator: { devices } });
      try {
        await rig.enter();
        rig.unplug('tag-reader');
        rig.shopper.take('cola-can');
        await rig.pass(2_000);
        rig.plug('tag-reader');
        await rig.basketShows(rig.priceOf('cola-can'));
        await rig.confirmAndLeave();
        await rig.settled();
        expect(await rig.audit()).toEqual([]);
      } finally {
        await rig.close();
      }
    },
  );
});
