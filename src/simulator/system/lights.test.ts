import { expect, test } from 'vitest';
import { lightOnMaxMs } from '../../shared/model/light-spec.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A cabinet with a light at its camera: it does as it is told, and whatever befalls it, the cabinet sells. */

const testTimeoutMs = 60_000;

const { operator } = await startOperatorForFile();

const devices = { lock: 'relay-dcttech', light: 'relay-dcttech' } as const;
const options = { timeout: testTimeoutMs };

async function withLight(run: (harness: CabinetHarness) => Promise<void>): Promise<void> {
  const harness = await CabinetHarness.open(operator, { simulator: { devices } });
  try {
    await run(harness);
  } finally {
    await harness.close();
  }
}
const lit = (harness: CabinetHarness, isOn: boolean): Promise<void> =>
  harness.until(`the light is ${isOn ? 'on' : 'off'}`, () => harness.world.isLightOn === isOn);

test('over the wire: on, off, on again after the host was killed, off by itself', options, () =>
  withLight(async (harness) => {
    const { kiosk } = harness.process;
    await harness.until('the kiosk holds the light', () => harness.devices.view('light')?.attached === true);
    kiosk.devices.setLight(true);
    await lit(harness, true);
    kiosk.devices.setLight(false);
    await lit(harness, false);

    kiosk.devices.setLight(true);
    await lit(harness, true);
    const seen: boolean[] = [];
    const stop = harness.world.onChange(() => seen.push(harness.world.isLightOn));
    harness.process.host.kill();
    await harness.until('off first, then on again', () => seen.includes(false) && seen.at(-1) === true);
    stop();
    // Nobody renews it.
    await harness.sleep(lightOnMaxMs - 5_000);
    expect(harness.world.isLightOn).toBe(true);
    await harness.sleep(6_000);
    expect(harness.world.isLightOn).toBe(false);
  }),
);

test('the kiosk is killed while the light is on: its next run puts it out', options, () =>
  withLight(async (harness) => {
    harness.process.kiosk.devices.setLight(true);
    await lit(harness, true);
    harness.crash();
    await harness.sleep(2_000);
    expect(harness.world.isLightOn).toBe(true);
    harness.start();
    await lit(harness, false);
  }),
);

test.each(['silent', 'garbage', 'bad_checksum', 'late', 'unplugged'] as const)(
  'the light is %s: a visit as ever, one charge',
  options,
  (fault) =>
    withLight(async (harness) => {
      harness.process.kiosk.devices.setLight(true);
      await lit(harness, true);
      if (fault === 'unplugged') harness.unplug('light');
      else harness.fault('light', fault);
      await harness.sleep(10_000);
      expect(harness.outOfService).toBeNull();
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(harness.releaseCount).toBe(1);
      expect(await harness.audit()).toEqual([]);
      expect(await harness.charges()).toMatchObject([
        { state: 'paid', totalMinor: harness.priceOf('cola-can'), debitCount: 1 },
      ]);

      if (fault === 'unplugged') harness.plug('light');
      else harness.fault('light', 'none');
      await harness.sleep(10_000);
      harness.process.kiosk.devices.setLight(true);
      await lit(harness, true);
      harness.process.kiosk.devices.setLight(false);
      await lit(harness, false);
    }),
);
