import { afterAll, beforeAll, expect, test } from 'vitest';
import { lightOnMaxMs } from '../../shared/model/light-spec.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** A cabinet with a light at its camera: it does as it is told, and whatever befalls it, the cabinet sells. */

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

const devices = { lock: 'relay-dcttech', light: 'relay-dcttech' } as const;
const options = { timeout: testTimeoutMs };

async function withLight(run: (rig: CabinetRig) => Promise<void>): Promise<void> {
  const rig = await CabinetRig.open(operator, { simulator: { devices } });
  try {
    await run(rig);
  } finally {
    await rig.close();
  }
}
const lit = (rig: CabinetRig, isOn: boolean): Promise<void> =>
  rig.until(`the light is ${isOn ? 'on' : 'off'}`, () => rig.world.isLightOn === isOn);

test('over the wire: on, off, on again after the host was killed, off by itself', options, () =>
  withLight(async (rig) => {
    const { kiosk } = rig.process;
    await rig.until('the kiosk holds the light', () => rig.devices.view('light')?.attached === true);
    kiosk.devices.setLight(true);
    await lit(rig, true);
    kiosk.devices.setLight(false);
    await lit(rig, false);

    kiosk.devices.setLight(true);
    await lit(rig, true);
    const seen: boolean[] = [];
    const stop = rig.world.onChange(() => seen.push(rig.world.isLightOn));
    rig.process.host.kill();
    await rig.until('off first, then on again', () => seen.includes(false) && seen.at(-1) === true);
    stop();
    // Nobody renews it.
    await rig.pass(lightOnMaxMs - 5_000);
    expect(rig.world.isLightOn).toBe(true);
    await rig.pass(6_000);
    expect(rig.world.isLightOn).toBe(false);
  }),
);

test('the kiosk is killed while the light is on: its next run puts it out', options, () =>
  withLight(async (rig) => {
    rig.process.kiosk.devices.setLight(true);
    await lit(rig, true);
    rig.crash();
    await rig.pass(2_000);
    expect(rig.world.isLightOn).toBe(true);
    rig.start();
    await lit(rig, false);
  }),
);

test.each(['silent', 'garbage', 'bad_checksum', 'late', 'unplugged'] as const)(
  'the light is %s: a visit as ever, one charge',
  options,
  (fault) =>
    withLight(async (rig) => {
      rig.process.kiosk.devices.setLight(true);
      await lit(rig, true);
      if (fault === 'unplugged') rig.unplug('light');
      else rig.fault('light', fault);
      await rig.pass(10_000);
      expect(rig.outOfService).toBeNull();
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.confirmAndLeave();
      await rig.settled();
      expect(rig.releaseCount).toBe(1);
      expect(await rig.audit()).toEqual([]);
      expect(await rig.charges()).toMatchObject([
        { state: 'paid', totalMinor: rig.priceOf('cola-can'), debitCount: 1 },
      ]);

      if (fault === 'unplugged') rig.plug('light');
      else rig.fault('light', 'none');
      await rig.pass(10_000);
      rig.process.kiosk.devices.setLight(true);
      await lit(rig, true);
      rig.process.kiosk.devices.setLight(false);
      await lit(rig, false);
    }),
);
