import { describe, expect, test } from 'vitest';
import { thermometerProtocols } from '../devices/thermometer.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** Thermometers that speak their bytes, and a whole cabinet that does not sell what was too warm. */

const testTimeoutMs = 180_000;
const { operator } = await startOperatorForFile();

describe.each(thermometerProtocols)('%s', (thermometer) => {
  test(
    'too warm for too long: nothing is sold, and cold again does not change that',
    { timeout: testTimeoutMs },
    async () => {
      const harness = await CabinetHarness.open(operator, {
        simulator: { devices: { thermometer } },
        cooling: { maxMilliC: 8_000, forMinutes: 5 },
      });
      try {
        const device = harness.devices.thermometer?.port.device;
        if (device === undefined) throw new Error('no thermometer');
        await harness.sleep(60_000);
        expect(harness.outOfService).toBeNull();
        device.milliC = 15_000;
        await harness.until('nothing is sold', () => harness.outOfService === 'too_warm', 20 * 60_000);
        device.milliC = 3_000;
        await harness.sleep(60_000);
        expect(harness.outOfService).toBe('too_warm');
      } finally {
        await harness.close();
      }
    },
  );
});
