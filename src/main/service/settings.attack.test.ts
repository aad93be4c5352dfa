import { afterEach, beforeEach, expect, test } from 'vitest';
import { ipcCalls } from '../../shared/ipc/table.schema.ts';
import { sessionLimits } from '../../core/service/session.ts';
import { ServiceRig, rigStaff, turn } from '../../testkit/main/service/service-rig.ts';
import { type DeviceSpec, deviceSpecSchema } from '../../shared/model/device.ts';
import { unwrap } from '../../testkit/unwrap.ts';

/** The settings by a page that has been taken over; who may call at all: service.attack.test.ts. */

let rig: ServiceRig;
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
});
const order = ipcCalls.find(({ path }) => path === 'service.order')!;
const asPage = (changes: unknown) =>
  order.input.safeParse({
    sessionId: rig.sessionId,
    order: { act: 'changeSettings', seenVersion: 0, changes },
  }).success;

test.each([
  ['operatorUrl', 'https://evil.example'],
  ['shopperUrl', 'https://evil.example'],
  ['enrolToken', 'x'.repeat(32)],
  ['cabinetId', 'KM-8'],
  ['cabinet', { simulated: true, devices: [] }],
  ['shelf', {}],
  ['changes', { version: 0, here: {}, answer: null, list: [] }],
  ['face', { enabled: false }],
  ['version', 2],
])('%s cannot be sent at all', (name, value) => {
  expect(asPage({ [name]: value })).toBe(false);
  expect(asPage({ soundPercent: 10, [name]: value })).toBe(false);
  expect(asPage({ soundPercent: 10 })).toBe(true);
});

/** Orders, and types the PIN that is asked for. */
async function withPin(made: Parameters<typeof rig.service.order>[1]): Promise<void> {
  expect(rig.service.order(rig.sessionId, made)).toMatchObject({ error: { message: 'pin' } });
  expect(rig.service.padView()).toMatchObject({ screen: 'confirm', act: made.act });
  await rig.typePin();
}

test('without the PIN nothing is changed; with it, it is, and who, before and after are on record', async () => {
  const change = { act: 'changeSettings', seenVersion: 0, changes: { servicePhone: '666' } } as const;
  expect(rig.service.order(rig.sessionId, change).ok).toBe(false);
  await turn();
  expect(rig.settings.version).toBe(0);
  rig.service.close();
  await withPin(change);
  expect(rig.settings.values.servicePhone).toBe('666');
  expect(unwrap(rig.log.latest(2)).find(({ data }) => data['state'] === 'done')).toMatchObject({
    ...{ actor: rigStaff.staffNo, act: 'changeSettings' },
    data: { before: { servicePhone: '000' }, after: { servicePhone: '666' }, version: 1 },
  });
  // A power cut, and everything is there.
  rig.restart();
  expect(rig.settings.view().versions[0]).toMatchObject({ by: rigStaff.staffNo, why: 'here' });
});

test('an older page, and going back to what is not there, change nothing and say why', async () => {
  const ordered = async (made: Parameters<typeof rig.service.order>[1]) => {
    await withPin(made);
    const view = rig.service.view();
    return view?.screen === 'open' ? view.last : null;
  };
  await ordered({ act: 'changeSettings', seenVersion: 0, changes: { soundPercent: 50 } });
  expect(
    await ordered({ act: 'changeSettings', seenVersion: 0, changes: { soundPercent: 60 } }),
  ).toMatchObject({
    ...{ outcome: 'refused', detail: 'settings_changed' },
  });
  expect(await ordered({ act: 'undoSettings', seenVersion: 1, to: 12 })).toMatchObject({
    ...{ outcome: 'refused', detail: 'settings_no_such_version' },
  });
  expect(await ordered({ act: 'undoSettings', seenVersion: 1, to: 0 })).toMatchObject({ outcome: 'done' });
  expect(rig.settings.values.soundPercent).toBe(100);
});

const light = (port: number): DeviceSpec =>
  deviceSpecSchema.parse({
    ...{ kind: 'light', protocol: 'relay-dcttech', channel: 1 },
    transport: { kind: 'tcp', host: '10.0.0.5', port, framing: 'report' },
  });
const tryLight = { act: 'tryDevice', seenVersion: 0, replaces: null, device: light(1) } as const;

test.each<[string, object]>([
  ['no device', { ...tryLight, device: { kind: 'robot' } }],
  ['a device that is none of its kind', { ...tryLight, device: { ...light(1), protocol: 'lock-8a' } }],
  ['something beside it', { ...tryLight, operatorUrl: 'https://evil.example' }],
  ['a whole profile', { act: 'saveProfile', seenVersion: 0, cabinet: { simulated: true, devices: [] } }],
])('set-up: %s cannot be sent at all', (_, made) => {
  const call = (one: object) => order.input.safeParse({ sessionId: rig.sessionId, order: one }).success;
  expect([call(made), call(tryLight)]).toEqual([false, true]);
});

test('only tried: nobody leaves, without the PIN nothing is saved, and it ends with the session', async () => {
  rig.service.order(rig.sessionId, tryLight);
  await turn();
  expect(rig.configs.at(-1)?.devices).toHaveLength(1);
  expect(rig.service.leave(rig.sessionId)).toMatchObject({ error: { message: 'setup_open' } });
  expect(rig.service.order(rig.sessionId, { act: 'saveProfile', seenVersion: 0 })).toMatchObject({
    error: { message: 'pin' },
  });
  await turn();
  await rig.clock.advance(sessionLimits.idleMaxMs);
  await turn();
  expect(rig.service.view()).toBeNull();
  expect([rig.configs.at(-1)?.devices, rig.setup.isTrying, rig.reopened]).toEqual([[], false, 0]);
});

test('saved: who, before and after are on record, the session is over, and the program begins anew', async () => {
  rig.service.order(rig.sessionId, tryLight);
  await turn();
  rig.setup.healthChanged([
    {
      ...{ id: 'light-1', kind: 'light', state: 'ready', lastSeenMs: 1 },
      ...{ errorCount: 0, resetCount: 0, detail: '' },
    },
  ]);
  rig.service.order(rig.sessionId, { act: 'saveProfile', seenVersion: 0 });
  await rig.typePin();
  await turn();
  expect([rig.reopened, rig.service.view()]).toEqual([1, null]);
  expect(unwrap(rig.log.latest(6)).find(({ data }) => data['version'] === 1)).toMatchObject({
    ...{ actor: rigStaff.staffNo, act: 'saveProfile' },
    data: { state: 'done', before: { devices: [] }, after: { devices: [{ id: 'light-1' }] } },
  });
});
