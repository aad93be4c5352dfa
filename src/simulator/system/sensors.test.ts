import { describe, expect, test } from 'vitest';
import type { SensorOptions } from '../cabinet-sensors.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** One shopper before each kind of tag reader and code scanner: the same visit, the same bill. */
const cabinets: (SensorOptions & { name: string })[] = [
  { name: 'UHFReader18, old form', reader: 'rfid-uhfreader18' },
  { name: 'UHFReader18, new form', reader: 'rfid-uhfreader18-new' },
  { name: '53 57 and a serial scanner', reader: 'rfid-sw5357', scanner: 'scanner-serial' },
];

const testTimeoutMs = 60_000;

const { operator } = await startOperatorForFile();

describe.concurrent.each(cabinets)('$name', ({ name: _name, ...devices }) => {
  test(
    'a visit: what was taken is billed once, what was put back is not',
    { timeout: testTimeoutMs },
    async () => {
      const harness = await CabinetHarness.open(operator, { simulator: { devices } });
      try {
        await harness.enter();
        harness.shopper.take('cola-can');
        const milk = harness.shopper.take('milk-box');
        await harness.waitBasket(harness.priceOf('cola-can') + harness.priceOf('milk-box'));
        harness.shopper.putBack(milk);
        await harness.waitBasket(harness.priceOf('cola-can'));
        await harness.confirmAndLeave();
        await harness.waitSettled();
        expect(await harness.audit()).toEqual([]);
        expect(await harness.charges()).toMatchObject([
          { state: 'paid', totalMinor: harness.priceOf('cola-can'), debitCount: 1 },
        ]);
      } finally {
        await harness.close();
      }
    },
  );

  test(
    'the reader is unplugged for 2 s with the door open: the bill is right',
    { timeout: testTimeoutMs },
    async () => {
      const harness = await CabinetHarness.open(operator, { simulator: { devices } });
      try {
        await harness.enter();
        harness.unplug('tag-reader');
        harness.shopper.take('cola-can');
        await harness.sleep(2_000);
        harness.plug('tag-reader');
        await harness.waitBasket(harness.priceOf('cola-can'));
        await harness.confirmAndLeave();
        await harness.waitSettled();
        expect(await harness.audit()).toEqual([]);
      } finally {
        await harness.close();
      }
    },
  );
});
