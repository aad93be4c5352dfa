import { afterEach, beforeEach, expect, test } from 'vitest';
import { ipcCalls } from '../../shared/ipc/table.schema.ts';
import { sessionLimits } from '../../core/service/session.ts';
import { ServiceRig, rigStaff, turn } from '../../testkit/main/service/service-rig.ts';
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

test('without a fresh PIN nothing is changed; with it, it is, and who, before and after are on record', async () => {
  await rig.clock.advance(sessionLimits.freshPinMs);
  const change = { act: 'changeSettings', seenVersion: 0, changes: { servicePhone: '666' } } as const;
  expect(rig.service.order(rig.sessionId, change).ok).toBe(false);
  await turn();
  expect(rig.settings.version).toBe(0);
  rig.service.confirmPin(rig.sessionId, rigStaff.pin);
  await turn();
  expect(rig.service.order(rig.sessionId, change).ok).toBe(true);
  await turn();
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
    rig.service.order(rig.sessionId, made);
    await turn();
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
