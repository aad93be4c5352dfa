import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionLimits } from '../../core/service/session.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import { makeServiceCode } from '../../shared/node/service-code.ts';
import { ServiceRig, rigCodeKey, rigStaff, turn } from '../../testkit/main/service/service-rig.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { dayMs } from '../../core/service/staff-list.ts';

/** Answers that come late, calls without end, and what is on record of both. */

const lock: DeviceHealth = {
  id: 'lock-1',
  kind: 'lock',
  state: 'ready',
  lastSeenMs: 1,
  ...{ errorCount: 0, resetCount: 0, detail: '' },
};
let rig: ServiceRig;
beforeEach(async () => {
  rig = await new ServiceRig().withList();
});
afterEach(() => {
  rig.remove();
});

test('a PIN that was typed at a pad which is gone opens nothing at the next one', async () => {
  rig.service.knock();
  rig.service.signIn(rigStaff.staffNo, rigStaff.pin);
  // Whoever typed it has changed their mind and left; somebody else knocks before it was looked at.
  rig.service.close();
  rig.service.knock();
  await turn();
  expect(rig.service.padView()).toMatchObject({ screen: 'signIn', isChecking: false });
});

test.each<[string, () => void]>([
  ['the pad is closed', () => rig.service.close()],
  [
    'a shopper is served',
    () => {
      rig.visitState = 'identifyingByCode';
      rig.service.visitChanged();
    },
  ],
])('the PIN for duress is told also when, before it is looked at, %s', async (_, happens) => {
  rig.service.knock();
  rig.service.signIn(rigStaff.staffNo, rigStaff.duressPin);
  happens();
  await turn();
  expect(rig.service.view()).toBeNull();
  expect(rig.told).toEqual([`service_duress: ${rigStaff.staffNo}`]);
});

test.each(['no_list', 'list_old'])(
  'a storm of tries while it is %s pushes nothing off the record',
  async (why) => {
    if (why === 'no_list') rig.list = null;
    else await rig.clock.advance(40 * dayMs);
    for (let i = 0; i < 20; i++) await rig.signIn();
    expect(rig.service.padView()).toMatchObject({ screen: 'signIn', refusal: why });
    expect(unwrap(rig.log.latest(50)).length).toBeLessThan(3);
  },
);

test.each<[string, (id: string) => unknown]>([
  ['acceptStock', (id) => rig.service.acceptStock(id)],
  ['openDoor', (id) => rig.service.openDoor(id)],
])('%s without end, by a page with a session, has an end: the record is not pushed out', async (_, call) => {
  await rig.signIn();
  const id = rig.sessionId;
  for (let i = 0; i < 2 * sessionLimits.actCountMax; i++) {
    call(id);
    await turn();
  }
  expect(rig.service.view()).not.toMatchObject({ screen: 'open' });
  const entries = unwrap(rig.log.latest(20_000));
  expect(entries.length).toBeLessThan(2 * sessionLimits.actCountMax + 10);
  expect(entries.map(({ data }) => data['why'])).toContain('acts');
});

test('a page that asks for the PIN without end puts nothing on record, and no act is done', async () => {
  await rig.signIn();
  const before = unwrap(rig.log.latest(20_000)).length;
  for (let i = 0; i < 2 * sessionLimits.actCountMax; i++) {
    rig.service.readLog(rig.sessionId);
    rig.service.close();
  }
  await turn();
  expect(unwrap(rig.log.latest(20_000))).toHaveLength(before);
  expect(rig.service.view()).toMatchObject({ log: null });
});

test('what lay inside before an opening is not said to be what lay there after it', async () => {
  await rig.signIn();
  // Right after a shopper: not counted yet.
  rig.stock = null;
  rig.service.openDoor(rig.sessionId);
  await turn();
  // One cola is taken, and the door is opened once more.
  rig.stock = new Map([['cola', 1]]);
  rig.service.openDoor(rig.sessionId);
  await turn();
  await rig.clock.advance(30_000);
  rig.service.acceptStock(rig.sessionId);
  await turn();
  const accepted = unwrap(rig.log.latest(1))[0];
  expect(accepted).toMatchObject({ act: 'acceptStock', data: { state: 'done', before: null } });
});

test('a one-time code that was used stays used when the cabinet is made known to its operator anew', async () => {
  const parts = { serial: 490_000, lastDay: Math.floor(rig.clock.nowMs() / dayMs) };
  const code = makeServiceCode({ codeKey: rigCodeKey, cabinetId: 'K', staffNo: rigStaff.staffNo }, parts);
  await rig.signIn(rigStaff.staffNo, code);
  expect(rig.service.padView()).toMatchObject({ screen: 'newPin' });
  await rig.clock.advance(60_000);
  unwrap(rig.store.forgetList());
  await rig.signIn(rigStaff.staffNo, code);
  expect(rig.service.padView()).toMatchObject({ screen: 'signIn', refusal: 'wrong' });
});

test('another operator’s codes are good, however far the numbers of the one before went', async () => {
  const of = { cabinetId: 'K', staffNo: rigStaff.staffNo };
  const lastDay = Math.floor(rig.clock.nowMs() / dayMs);
  await rig.signIn(
    rigStaff.staffNo,
    makeServiceCode({ ...of, codeKey: rigCodeKey }, { serial: 999_999, lastDay }),
  );
  await rig.clock.advance(60_000);
  unwrap(rig.store.forgetList());
  const codeKey = Buffer.alloc(32, 9).toString('base64url');
  rig.list = rig.list && { ...rig.list, codeKey };
  await rig.signIn(rigStaff.staffNo, makeServiceCode({ ...of, codeKey }, { serial: 5, lastDay }));
  expect(rig.service.padView()).toMatchObject({ screen: 'newPin' });
});

test('nor does a code become good again when the cabinet goes from one operator to another and back', async () => {
  const of = { cabinetId: 'K', staffNo: rigStaff.staffNo };
  const lastDay = Math.floor(rig.clock.nowMs() / dayMs);
  const keys = [rigCodeKey, Buffer.alloc(32, 9).toString('base64url'), rigCodeKey];
  const seen: unknown[] = [];
  for (const codeKey of keys) {
    rig.list = rig.list && { ...rig.list, codeKey };
    await rig.signIn(rigStaff.staffNo, makeServiceCode({ ...of, codeKey }, { serial: 5, lastDay }));
    seen.push(rig.service.padView()?.screen);
    await rig.clock.advance(60_000);
    unwrap(rig.store.forgetList());
  }
  expect(seen).toEqual(['newPin', 'newPin', 'signIn']);
});

test('a count of tries that cannot be read shuts out as very many do, and not for ever', async () => {
  unwrap(
    rig.db.transaction(() => {
      rig.db.prepare(`INSERT INTO service_throttle VALUES ('pin', -1, -1)`).run();
      return ok();
    }),
  );
  await rig.signIn();
  expect(rig.service.padView()).toMatchObject({ screen: 'signIn', refusal: 'wait' });
  await rig.clock.advance(2 * 3_600_000);
  await rig.signIn();
  expect(rig.service.view()).toMatchObject({ screen: 'open' });
});

function spoil(sql: string): void {
  unwrap(
    rig.db.transaction(() => {
      rig.db.prepare('DROP TRIGGER IF EXISTS service_act_said').run();
      rig.db.prepare(sql).run();
      return ok();
    }),
  );
}
async function workMuch(): Promise<void> {
  await rig.signIn();
  for (let i = 0; i < 100; i++) {
    rig.service.acceptStock(rig.sessionId);
    await turn();
  }
}

test('a start looks at the end of the record alone: the rest is read in slices while the cabinet works', async () => {
  await workMuch();
  spoil(`UPDATE service_act SET actor = '5520' WHERE seq = 150`);
  rig.service.stop();
  rig.told.length = 0;
  rig.service.start();
  expect(rig.told.filter((one) => one.includes('log_broken'))).toEqual([]);
  await rig.clock.advance(60_000);
  expect(rig.told).toContain('service_log_broken: 150');
});

test('an end of the record that was cut off is told at the start, before the next entry hides it', async () => {
  await workMuch();
  rig.service.stop();
  spoil('DELETE FROM service_act WHERE seq > 120');
  rig.told.length = 0;
  rig.service.start();
  expect(rig.told).toContain('service_log_broken: end');
});

test('an order that ends the program ends the session first, in order, and that is on record', async () => {
  await rig.signIn();
  const then: unknown[] = [];
  rig.ordered = { outcome: 'done', onLeft: () => void then.push(rig.service.view()) };
  rig.service.order(rig.sessionId, { act: 'restartApp' });
  await rig.typePin();
  expect(then).toHaveLength(1);
  expect(then[0]).not.toMatchObject({ screen: 'open' });
  const acts = unwrap(rig.log.latest(4)).map(({ act }) => act);
  expect(acts).toEqual(expect.arrayContaining(['restartApp', 'session_ended']));
});

test('an order is cut off by the power: what was begun is on record, and nothing else is', async () => {
  await rig.signIn();
  rig.ordered = new Promise(() => undefined);
  rig.service.order(rig.sessionId, { act: 'deleteFaces', count: 3 });
  await rig.typePin();
  rig.restart();
  const begun = unwrap(rig.log.latest(10)).find(({ act }) => act === 'deleteFaces');
  expect(begun?.data).toMatchObject({ count: 3, state: 'begins' });
  expect(rig.service.view()).not.toMatchObject({ screen: 'open' });
});

test.each<[string, () => Promise<void>]>([
  [
    'the door is opened',
    async () => {
      rig.service.openDoor(rig.sessionId);
      await turn();
    },
  ],
  [
    'the door is tried',
    async () => {
      rig.service.startTest(rig.sessionId, { test: 'door' });
      await turn();
      rig.service.answerTest(rig.sessionId, 'is_shut', true);
      await turn();
    },
  ],
])(
  'what staff takes while %s is on record with whoever had it, and not with the shoppers',
  async (_, opens) => {
    rig.health = [lock];
    unwrap(rig.ledger.accept(new Map([['cola', 2]]), () => ok()));
    await rig.signIn();
    await opens();
    expect(rig.unlocks).toBe(1);
    rig.stock = new Map([['cola', 1]]);
    unwrap(rig.ledger.before('V2'));
    expect(rig.ledger.differences(9)).toMatchObject([
      { sku: 'cola', expected: 2, counted: 1, between: [`service:${rigStaff.staffNo}`] },
    ]);
  },
);
