import { beforeEach, describe, expect, it } from 'vitest';
import { type DeviceAdminCall, deviceAdminReplySchemas } from '../shared/model/device-admin.ts';
import { DeviceAdministration } from './device-administration.ts';
import { DeviceHarness, lockSpec, readerSpec, scannerSpec } from '../testkit/devices/device-harness.ts';

let harness: DeviceHarness;
let admin: DeviceAdministration;

beforeEach(async () => {
  harness = new DeviceHarness();
  admin = new DeviceAdministration(harness.supervisor);
  await harness.up([lockSpec, readerSpec, scannerSpec]);
});

/** What the call comes to, on the fake clock. */
async function performed(call: DeviceAdminCall, thenMs = 1000): Promise<unknown> {
  const outcome = admin.perform(call).then((result) => (result.ok ? result.value : result.error.code));
  await harness.clock.advance(thenMs);
  return Promise.race([outcome, Promise.resolve('pending')]);
}

describe('administration', () => {
  it('identifies a device: what is configured, and what it is connected to', async () => {
    expect(await performed({ type: 'identify', deviceId: 'lock-1' })).toEqual({
      deviceId: 'lock-1',
      kind: 'lock',
      protocol: 'lock-8a',
      transport: 'lock',
    });
    expect(await performed({ type: 'identify', deviceId: 'lock-2' })).toBe('device.missing');
  });

  it('a self-test asks the device now: a board that has just fallen silent fails it', async () => {
    const test = { type: 'selfTest', deviceId: 'lock-1' } as const;
    expect(await performed(test)).toEqual({ isPassed: true, detail: '' });
    harness.board.silent = true;
    expect(await performed(test)).toMatchObject({ isPassed: false });
  });

  it('says what is plugged in, cut to its length whatever a device calls itself, the useful first', async () => {
    const match = { vendorId: 1, productId: 2 };
    const one = { ids: '', portPath: null, nodes: [], drivers: [], serialNumber: null, match };
    const named = (role: 'other' | 'serial', count: number) =>
      Array.from({ length: count }, () => {
        const product = 'x'.repeat(500);
        return { ...one, role, what: product, product, problems: [product] };
      });
    const devices = [...named('other', 60), ...named('serial', 1)];
    admin = new DeviceAdministration(harness.supervisor, () => Promise.resolve({ devices, problems: [] }));
    const found = deviceAdminReplySchemas.findDevices.parse(await performed({ type: 'findDevices' }));
    expect(found.devices).toHaveLength(40);
    expect(found.devices.map(({ role }) => role).slice(0, 2)).toEqual(['serial', 'other']);
  });

  it('raw state: the contact as the board reports it', async () => {
    expect(await performed({ type: 'readRawState', deviceId: 'lock-1' })).toMatchObject({
      state: 'ready',
      feedback: 1,
      door: 'closed',
    });
  });

  it('tests the lock: one open frame, the door before and after', async () => {
    expect(await performed({ type: 'testLock' })).toEqual({ doorBefore: 'closed', doorAfter: 'closed' });
    expect(harness.openCount()).toBe(1);
  });

  it('sets a reader up anew with another power, and refuses one that it cannot have', async () => {
    const setPower = (deviceId: string, powerCentiDbm: number): Promise<unknown> =>
      performed({ type: 'setReaderPower', deviceId, powerCentiDbm });
    expect(await setPower('tag-reader-1', 2000)).toEqual({});
    expect(harness.reader.received.findLast((one) => one.type === 'setPower')).toMatchObject({
      centiDbm: 2000,
    });
    expect(harness.health('tag-reader')).toBe('ready');
    expect(await setPower('tag-reader-1', 9999)).toBe('device.refused');
    expect(await setPower('lock-1', 2000)).toBe('device.missing');
    harness.supervisor.setPollMode('active');
    harness.reader.tags = ['3035A537C837754000000001'];
    await harness.clock.advance(500);
    expect(harness.of('tags').some((one) => one.reads.length > 0)).toBe(true);
  });

  it('lanes that no scale has are missing', async () => {
    expect(await performed({ type: 'zeroScale', lane: 1 })).toBe('device.missing');
    expect(await performed({ type: 'tareScale', lane: 1 })).toBe('device.missing');
  });

  it('while a visit has the door nothing is done, whatever it is', async () => {
    const calls: DeviceAdminCall[] = [
      { type: 'identify', deviceId: 'lock-1' },
      { type: 'selfTest', deviceId: 'lock-1' },
      { type: 'readRawState', deviceId: 'lock-1' },
      { type: 'testLock' },
      { type: 'setLight', on: true },
      { type: 'setReaderPower', deviceId: 'tag-reader-1', powerCentiDbm: 2000 },
      { type: 'zeroScale', lane: 1 },
      { type: 'tareScale', lane: 1 },
    ];
    harness.supervisor.setPollMode('active');
    for (const call of calls) expect(await performed(call)).toBe('device.in_visit');
    expect(harness.openCount()).toBe(0);
    harness.supervisor.setPollMode('idle');
    expect(await performed({ type: 'setLight', on: true })).toEqual({});
  });
});
