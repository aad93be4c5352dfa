import { expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness, wedgeSpec } from '../../testkit/devices/device-harness.ts';

const code = 'KM1.m0042.sxyz12.AbCdEf';
const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' } as const;
const serial: DeviceSpec = { kind: 'code-scanner', protocol: 'scanner-serial', transport, suffix: 'cr' };

/** As from the factory, or reset by a programming bar code: no Enter and no CR behind a code. Every scan is dropped. */
it.each<readonly [string, DeviceSpec, (harness: DeviceHarness) => Promise<void>]>([
  [
    'serial',
    serial,
    (harness) => {
      harness.transport('code-scanner').send(new TextEncoder().encode(code));
      return Promise.resolve();
    },
  ],
  [
    'keys',
    { ...wedgeSpec, minLength: 1 },
    async (harness) => {
      for (const report of typeCode(code, 'none')) {
        await harness.clock.advance(4);
        harness.transport('code-scanner').send(report);
      }
    },
  ],
])(
  '%s: a scanner that sends no suffix gives no code in 50 scans: an error that says so',
  async (_name, spec, scan) => {
    const harness = new DeviceHarness();
    await harness.up([spec]);
    for (let i = 0; i < 50; i++) {
      await scan(harness);
      await harness.clock.advance(10_000);
    }
    expect(harness.of('code')).toEqual([]);
    expect(harness.supervisor.health()[0]).toMatchObject({
      state: 'error',
      detail: expect.stringMatching(/cannot be read/) as string,
    });
  },
);
