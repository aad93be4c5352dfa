import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sessionLimits } from '../../core/service/session.ts';
import { throttleLimits } from '../../core/service/throttle.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import { type DoorState, deviceSpecSchema } from '../../shared/model/device.ts';
import type { SetupView } from '../../shared/model/device-setup.schema.ts';
import { type PinPad, pinPadSchema } from '../../shared/model/pin-pad.schema.ts';
import { type StaffList, type ServiceView, staffListSchema } from '../../shared/model/service.schema.ts';
import type { SalesView } from '../../shared/model/trends.schema.ts';
import { type ServiceRole, pinActs, serviceActs, staffListLifeMs } from '../../shared/model/service.ts';
import { makeServiceCode } from '../../shared/node/service-code.ts';
import { makeChargeId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { immediatePinTagger } from '../../testkit/main/service/pin-tagger.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import { ServiceStore } from '../storage/service-store.ts';
import { until } from '../../testkit/until.ts';
import { MaintenanceKeeper } from './maintenance-keeper.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { DevicesHeard } from './devices-heard.ts';
import { SelfTests } from './self-tests.ts';
import { PinHasher } from './pin-hasher.ts';
import { ServiceAccess } from './service-access.ts';
import { ServiceActs, type ServiceActsOptions } from './service-acts.ts';
import { ServiceController } from './service-controller.ts';
import { padMaxMs } from './service-entry.ts';
import { ServiceLog } from './service-log.ts';

/** Service mode against whoever has got hold of the page, the clock, the plug or the disk. */

const codeKey = Buffer.alloc(32, 7).toString('base64url');
const pins = { restocker: '73920164', technician: '40981736', administrator: '60418273' } as const;
const numbers = { restocker: '4410', technician: '5520', administrator: '7001' } as const;
const duressPin = '90215574';
const chargeId = makeChargeId(0, new Uint8Array(10));
let clock: FakeClock;
let path: string;
let db: Database;
let removeFolder: () => void;
let list: StaffList | null;
let hasher: PinHasher;
let told: string[];
let unlocks: number;
let performed: string[];
let sent: number;
/** What a device answers instead of at once; null: at once. */
let hangs: Promise<unknown> | null;
let visitState: VisitStateName;
let door: DoorState;
let isSelling: boolean;
let service: ServiceController;
let log: ServiceLog;
/** Hashes take most of the time of this file: made once. */
const hashes: Partial<Record<string, string>> = {};

async function hashOf(pin: string): Promise<string> {
  return (hashes[pin] ??= (await hasher.hash(pin)) ?? '');
}

async function listOf(over: Partial<StaffList> = {}): Promise<StaffList> {
  const roles = ['restocker', 'technician', 'administrator'] as const;
  const staff = await Promise.all(
    roles.map(async (role) => ({
      staffNo: numbers[role],
      name: role,
      role,
      pinHash: await hashOf(pins[role]),
      duressHash: await hashOf(duressPin),
      pinVersion: 1,
    })),
  );
  const times = { issuedAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + staffListLifeMs };
  return staffListSchema.parse({ version: 1, ...times, cabinetId: 'K', codeKey, staff, ...over });
}

/** As at a start: what is known is what lies on the disk. */
function start(): void {
  const store = new ServiceStore(db);
  log = new ServiceLog(db, new Uint8Array(32));
  const about = { clock, logger: silentLogger, nowMs: () => clock.nowMs(), visitState: () => visitState };
  const keeper = new MaintenanceKeeper({
    ...about,
    store,
    availability: {
      startMaintenance: () => {
        isSelling = false;
        visitState = 'outOfService';
        return true;
      },
      endMaintenance: () => {
        isSelling = true;
        visitState = 'attract';
      },
    },
    door: () => door,
    onEvent: () => undefined,
  });
  const devices: ServiceActsOptions['devices'] = {
    doorCount: 1,
    unlock: () => {
      unlocks++;
      return Promise.resolve(ok({ door }));
    },
    perform: (call) => {
      performed.push(call.type);
      if (hangs !== null) return hangs as never;
      return Promise.resolve(ok({ isPassed: true, detail: '' }) as never);
    },
  };
  const tellStaff = (detail: string): void => void told.push(detail);
  const tests = new SelfTests({
    ...{ ...about, devices, doors: () => [door], meta: new MetaStore(db) },
    health: () => [],
    readClosely: () => undefined,
    placing: () => ({ slots: [], nameOf: () => null, skuOf: () => null }),
    probeNetwork: () => {
      performed.push('probe');
      return Promise.resolve({
        nameMs: 1,
        connectMs: 1,
        isTrusted: true,
        answerMs: 1,
        isDeviceOnTheWay: false,
      });
    },
    clockOffMs: () => 0,
    machine: () => Promise.resolve({ diskFreeBytes: 1e10, memoryFreeBytes: 1e9, appBytes: 1 }),
  });
  const cooling = {
    accept: () => {
      performed.push('acceptCooling');
      return true;
    },
    view: () => null,
  };
  const devicesHeard = new DevicesHeard(clock, () => clock.nowMs());
  const acts = new ServiceActs({
    ...{ ...about, log, keeper, devices, devicesHeard, cooling, tests, tellStaff },
    trends: { view: (withSales) => ({ charts: [], sales: withSales ? noSales : null }) },
    orders: {
      perform: ({ act }: { act: string }) => {
        performed.push(act);
        return Promise.resolve({ outcome: 'done' });
      },
    },
    stock: () => new Map([['cola', 2]]),
    ledger: { book: () => null, before: () => ok() },
    goods: {
      begin: () => undefined,
      end: () => undefined,
      perform: ({ act }) => {
        performed.push(act);
        return Promise.resolve({ outcome: 'done' });
      },
      scanned: () => false,
      accept: () => ok({}),
      view: () => ({
        ...{ products: [], lots: [], scanned: null, differences: [], restock: null, plan: null },
        ...{ places: null, photos: null },
      }),
    },
    acceptShelf: () => void performed.push('acceptShelf'),
    catalog: () => null,
    charges: () => null,
    sendCharges: () => void sent++,
    office: () => null,
    setup: { view: () => noSetup, end: () => undefined, isTrying: false },
    settings: { view: () => ({ version: 0, fields: [], values: {}, waiting: [], versions: [] }) },
  });
  const access = new ServiceAccess({
    store,
    hasher,
    list: () => list,
    operatorNowMs: () => clock.nowMs(),
    operatingClock: { nowMs: () => clock.monotonicMs() },
    onFailures: (kind, count) => void told.push(`${kind} ${count}`),
  });
  const screen = {
    door: () => door,
    doors: () => [door],
    isOnline: () => false,
    random: systemRandom,
    tellStaff,
  };
  service = new ServiceController({ ...about, ...screen, access, keeper, acts, tests, log });
  service.start();
}

beforeEach(async () => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  db = mustOpen(path);
  clock = new FakeClock();
  hasher = new PinHasher(immediatePinTagger);
  [told, unlocks, performed, sent, hangs] = [[], 0, [], 0, null];
  [visitState, door, isSelling] = ['attract', 'closed', true];
  list = await listOf();
  start();
});
afterEach(() => {
  service.stop();
  db.close();
  removeFolder();
});

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
async function powerCut(): Promise<void> {
  db.close();
  db = mustOpen(path);
  isSelling = true;
  visitState = 'attract';
  start();
  await turn();
}
/** What stands there: the number pad, else the page. */
const shown = (): PinPad | ServiceView | null => service.padView() ?? service.view();
async function signIn(staffNo: string, secret: string): Promise<PinPad | ServiceView | null> {
  service.knock();
  service.signIn(staffNo, secret);
  await turn();
  return shown();
}
/** What is typed at the pad that asks for the PIN. */
async function typePin(pin: string): Promise<void> {
  service.confirmPin(pin);
  await turn();
}
async function sessionOf(role: ServiceRole): Promise<string> {
  const view = await signIn(numbers[role], pins[role]);
  if (view?.screen !== 'open') throw new Error(JSON.stringify(view));
  return view.sessionId;
}
const noSetup: SetupView = {
  ...{ version: 0, badProfile: null, isDraft: false, devices: [], leftOut: [] },
  ...{ found: null, versions: [] },
};
const tried = deviceSpecSchema.parse({
  ...{ kind: 'light', protocol: 'relay-dcttech', channel: 1 },
  transport: { kind: 'tcp', host: 'evil.example', port: 1, framing: 'report' },
});
const noSales: SalesView = { currency: 'CNY', days: [], weeks: [], endMs: 0 };
const lot = { sku: 'cola', bestBefore: '2099-12-31', count: 1 };
/** Every call of a session that there is, as a page would make it that has been taken over. */
const calls: Readonly<Record<string, (sessionId: string) => IpcResult<null>>> = {
  touch: (id) => service.touch(id),
  leave: (id) => service.leave(id),
  openDoor: (id) => service.openDoor(id),
  acceptStock: (id) => service.acceptStock(id),
  testDevice: (id) => service.testDevice(id, 'lock'),
  acceptCooling: (id) => service.acceptCooling(id),
  startTest: (id) => service.startTest(id, { test: 'network' }),
  answerTest: (id) => service.answerTest(id, 'heard', true),
  setLight: (id) => service.setLight(id, true),
  sendCharges: (id) => service.sendCharges(id),
  changePin: (id) => service.changePin(id),
  readLog: (id) => service.readLog(id),
  addLot: (id) => service.goods(id, { act: 'addLot', lot }),
  beginRestock: (id) => service.goods(id, { act: 'beginRestock' }),
  nextRestock: (id) => service.goods(id, { act: 'nextRestock' }),
  breakOffRestock: (id) => service.goods(id, { act: 'breakOffRestock' }),
  moveProduct: (id) => service.goods(id, { act: 'moveProduct', sku: 'cola', slot: '1-2', swapWith: null }),
  undoMove: (id) => service.goods(id, { act: 'undoMove' }),
  saveDifferences: (id) => service.goods(id, { act: 'saveDifferences' }),
  takePhoto: (id) =>
    service.goods(id, { act: 'takePhoto', camera: 'shelf-1', slot: 0, sku: 'cola', look: 'front' }),
  undoPhoto: (id) => service.goods(id, { act: 'undoPhoto' }),
  removeLot: (id) => service.goods(id, { act: 'removeLot', lot }),
  supportBundle: (id) => service.order(id, { act: 'supportBundle', to: 'operator' }),
  askOffice: (id) => service.order(id, { act: 'askOffice', chargeId, why: 'goods_back' }),
  deleteFaces: (id) => service.order(id, { act: 'deleteFaces', count: 1 }),
  restartApp: (id) => service.order(id, { act: 'restartApp' }),
  shutDown: (id) => service.order(id, { act: 'shutDown' }),
  updateNow: (id) => service.order(id, { act: 'updateNow' }),
  postponeUpdate: (id) => service.order(id, { act: 'postponeUpdate', hours: 4 }),
  changeSettings: (id) =>
    service.order(id, { act: 'changeSettings', seenVersion: 0, changes: { servicePhone: '666' } }),
  findDevices: (id) => service.order(id, { act: 'findDevices' }),
  tryDevice: (id) => service.order(id, { act: 'tryDevice', seenVersion: 0, replaces: null, device: tried }),
  leaveOutDevice: (id) => service.order(id, { act: 'leaveOutDevice', seenVersion: 0, deviceId: 'lock-1' }),
  dropProfile: (id) => service.order(id, { act: 'dropProfile' }),
  saveProfile: (id) => service.order(id, { act: 'saveProfile', seenVersion: 0 }),
  undoProfile: (id) => service.order(id, { act: 'undoProfile', seenVersion: 0, to: 0 }),
  undoSettings: (id) => service.order(id, { act: 'undoSettings', seenVersion: 0, to: 0 }),
};
const nothingHappened = (): void => {
  expect([unlocks, performed, sent]).toEqual([0, [], 0]);
};

describe('charts', () => {
  test.each([
    ['restocker', null],
    ['technician', { charts: [], sales: null }],
    ['administrator', { charts: [], sales: noSales }],
  ] as const)('of what %s may see', async (role, trends) => {
    await sessionOf(role);
    expect(service.view()).toMatchObject({ screen: 'open', trends });
  });
});

describe('a page that calls everything', () => {
  test('is tried with every act that there is', () => {
    const acts = serviceActs.map((act) => (act === 'selfTest' ? 'startTest' : act));
    expect(acts.filter((act) => !Object.hasOwn(calls, act))).toEqual([]);
  });

  const guessed = 'A'.repeat(22);
  test.each(Object.keys(calls))('%s without a session: nothing', async (name) => {
    for (const id of ['', guessed]) expect(calls[name]?.(id)).toMatchObject({ ok: false });
    expect(service.setPin('580213', '580213')).toMatchObject({ error: { code: 'forbidden' } });
    expect(service.confirmPin(pins.administrator)).toMatchObject({ error: { code: 'stale' } });
    await turn();
    nothingHappened();
    expect(isSelling).toBe(true);
    expect(service.view()).toBeNull();
  });

  test.each(Object.keys(calls))('%s with the session of somebody before: nothing', async (name) => {
    const before = await sessionOf('administrator');
    service.leave(before);
    await sessionOf('restocker');
    expect(calls[name]?.(before)).toMatchObject({ error: { code: 'forbidden' } });
    await turn();
    nothingHappened();
    expect(service.view()).toMatchObject({ screen: 'open', role: 'restocker', log: null });
  });

  test.each(Object.keys(calls))('%s after the session is over: nothing', async (name) => {
    const id = await sessionOf('administrator');
    await clock.advance(sessionLimits.idleMaxMs);
    expect(calls[name]?.(id)).toMatchObject({ error: { code: 'forbidden' } });
    await turn();
    nothingHappened();
  });

  test.each<[ServiceRole, string]>([
    ['restocker', 'testDevice'],
    ['restocker', 'startTest'],
    ['restocker', 'answerTest'],
    ['restocker', 'setLight'],
    ['restocker', 'sendCharges'],
    ['restocker', 'readLog'],
    ['restocker', 'supportBundle'],
    ...['findDevices', 'tryDevice', 'leaveOutDevice', 'dropProfile', 'saveProfile', 'undoProfile'].map(
      (name): [ServiceRole, string] => ['restocker', name],
    ),
    ...(['restocker', 'technician'] as const).flatMap((role) =>
      [
        ...['askOffice', 'deleteFaces', 'restartApp', 'shutDown', 'updateNow', 'postponeUpdate'],
        ...['changeSettings', 'undoSettings'],
      ].map((name): [ServiceRole, string] => [role, name]),
    ),
    ['technician', 'sendCharges'],
    ['technician', 'readLog'],
  ])('a %s who calls %s: nothing, and it is on record', async (role, name) => {
    const id = await sessionOf(role);
    expect(calls[name]?.(id)).toMatchObject({ error: { code: 'forbidden' } });
    await turn();
    nothingHappened();
    expect(service.view()).toMatchObject({ log: null, charges: null, office: null, settings: null });
    expect(unwrap(log.latest(9)).map(({ act }) => act)).toContain('act_refused');
  });

  test('an act that wants the PIN does not come without it, and a wrong one ends the session', async () => {
    const id = await sessionOf('administrator');
    expect(service.readLog(id)).toMatchObject({ error: { message: 'pin' } });
    expect(service.padView()).toMatchObject({ screen: 'confirm', act: 'readLog', name: 'administrator' });
    await typePin(pins.administrator);
    expect(service.padView()).toBeNull();
    expect(service.view()).toMatchObject({ log: expect.anything() as unknown });
    service.readLog(id);
    await typePin(pins.restocker);
    expect(service.view()).toBeNull();
  });

  test.each(pinActs)('%s wants the PIN each time, however short ago one was typed', async (name) => {
    const id = await sessionOf('administrator');
    for (let time = 0; time < 2; time++) {
      expect(calls[name]?.(id)).toMatchObject({ error: { code: 'forbidden', message: 'pin' } });
      expect(service.padView()).toMatchObject({ screen: 'confirm', act: name });
      await turn();
      nothingHappened();
      service.close();
    }
    expect(service.padView()).toBeNull();
  });

  test('a PIN counts for what the pad has named alone: nothing else is begun, and that as it was ordered', async () => {
    const id = await sessionOf('administrator');
    calls['restartApp']?.(id);
    const { padId } = service.padView()!;
    for (const [name, call] of Object.entries(calls)) {
      if (name === 'touch' || name === 'leave') continue;
      expect(call(id)).toMatchObject({ error: { message: 'somebody is asked for a PIN' } });
    }
    expect(service.padView()).toMatchObject({ padId, act: 'restartApp' });
    await typePin(pins.administrator);
    expect(performed).toEqual(['restartApp']);
    calls['shutDown']?.(id);
    expect(service.padView()).toMatchObject({ act: 'shutDown' });
  });

  test('the picture for the page has nothing of what is asked for at the pad', async () => {
    service.knock();
    expect(service.view()).toEqual({ screen: 'covered', isPadLost: false, isAtWork: false, door: 'closed' });
    service.typed();
    await signIn(numbers.administrator, '11223344');
    expect(service.padView()).toMatchObject({ refusal: 'wrong', staffNo: numbers.administrator });
    expect(service.view()).toEqual({ screen: 'covered', isPadLost: false, isAtWork: false, door: 'closed' });
    const id = await sessionOf('administrator');
    const before = JSON.stringify(service.view());
    service.readLog(id);
    expect(JSON.stringify(service.view())).toBe(before);
  });

  test('the page puts no pad away', async () => {
    service.knock();
    expect(service.putAway()).toMatchObject({ error: { code: 'forbidden' } });
    expect(service.padView()).not.toBeNull();
    const id = await sessionOf('administrator');
    service.readLog(id);
    expect(service.putAway()).toMatchObject({ error: { code: 'forbidden' } });
    expect(service.padView()).not.toBeNull();
  });

  test('a pad is there at no time while somebody is served', async () => {
    service.knock();
    for (const state of ['identifyingByCode', 'shopping', 'checking', 'receipt'] as const) {
      visitState = state;
      service.visitChanged();
      expect(service.padView()).toBeNull();
      expect(service.knock()).toMatchObject({ error: { code: 'stale' } });
      expect(service.padView()).toBeNull();
    }
    visitState = 'attract';
    await turn();
  });

  test('a storm of refused calls adds one line a minute to the record', async () => {
    const id = await sessionOf('restocker');
    for (let i = 0; i < 2_000; i++) service.sendCharges(id);
    const refused = unwrap(log.latest(5_000)).filter(({ act }) => act === 'act_refused');
    expect(refused).toHaveLength(1);
  });
});

describe('one act at a time', () => {
  const none: readonly string[] = ['touch', 'leave', 'answerTest'];
  const begun = Object.keys(calls).filter((name) => !none.includes(name));

  test.each(begun)('%s while another is under way: told so, and nothing is done', async (name) => {
    const id = await sessionOf('administrator');
    hangs = new Promise(() => undefined);
    expect(service.testDevice(id, 'reader').ok).toBe(true);
    expect(service.view()).toMatchObject({ isBusy: true });
    expect(calls[name]?.(id)).toMatchObject({ error: { code: 'stale', message: 'busy' } });
    await turn();
    expect([unlocks, performed, sent]).toEqual([0, ['selfTest'], 0]);
  });

  test('whoever comes next begins none beside the one that is under way still', async () => {
    const before = await sessionOf('technician');
    let end: (value: unknown) => void = () => undefined;
    hangs = new Promise((resolve) => (end = resolve));
    service.testDevice(before, 'reader');
    service.leave(before);
    const id = await sessionOf('administrator');
    expect(service.view()).toMatchObject({ isBusy: true, last: null });
    expect(service.openDoor(id)).toMatchObject({ error: { message: 'busy' } });
    end(ok({ isPassed: true, detail: '' }));
    await turn();
    expect(service.openDoor(id).ok).toBe(true);
    await turn();
    expect(unlocks).toBe(1);
  });

  test('an act that fails as nobody thought it would has an end', async () => {
    const id = await sessionOf('administrator');
    hangs = Promise.reject(new Error('nobody thought of it'));
    service.testDevice(id, 'reader');
    await turn();
    expect(service.view()).toMatchObject({ isBusy: false, last: { outcome: 'failed', detail: 'internal' } });
    expect(service.openDoor(id).ok).toBe(true);
  });
});

describe('whoever guesses PINs', () => {
  test('gets the same answer and the same work for a wrong PIN and for a number that nobody has', async () => {
    const costs: number[] = [];
    const answers: unknown[] = [];
    for (const [staffNo, pin] of [
      [numbers.technician, '11223344'],
      ['9999', '11223344'],
      [numbers.technician, pins.technician],
    ] as const) {
      const before = hasher.hashCount;
      const view = await signIn(staffNo, pin);
      costs.push(hasher.hashCount - before);
      if (view?.screen === 'signIn') answers.push(view.refusal);
    }
    expect(costs).toEqual([2, 2, 2]);
    expect(answers).toEqual(['wrong', 'wrong']);
  });

  test('has fewer than 40 tries on the first day, also with the plug pulled; staff is told', async () => {
    let tries = 0;
    const untilMs = 24 * 3_600_000;
    while (clock.monotonicMs() < untilMs) {
      const before = hasher.hashCount;
      await signIn(numbers.administrator, String(10_000_000 + tries));
      const isTried = hasher.hashCount > before;
      if (isTried) tries++;
      const view = service.padView();
      const waitMs = view?.screen === 'signIn' ? view.waitMs : 0;
      if (isTried && tries % 3 === 0) await powerCut();
      await clock.advance(Math.max(waitMs, 1_000));
    }
    expect(tries).toBeLessThan(40);
    expect(told).toEqual(expect.arrayContaining(['pin 5', 'pin 10', 'pin 20']));
    expect(isSelling).toBe(true);
  });

  test('and works here gets no more tries by typing the own PIN, or the one for duress, between them', async () => {
    let tries = 0;
    const untilMs = clock.monotonicMs() + 3_600_000;
    while (clock.monotonicMs() < untilMs && tries < 15) {
      const before = hasher.hashCount;
      await signIn(numbers.administrator, String(10_000_000 + tries));
      if (hasher.hashCount > before) tries++;
      else await clock.advance(10_000);
      if (tries % 2 === 1) continue;
      const own = await signIn(numbers.restocker, tries % 4 === 0 ? pins.restocker : duressPin);
      if (own?.screen === 'open') unwrap(service.leave(own.sessionId));
    }
    expect(tries).toBeLessThan(12);
    expect(told).toContain('pin 5');
  });

  test('at an own number by a slip of the finger pays nothing for it once it is right', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 2; i++) await signIn(numbers.technician, '11223344');
      const own = await signIn(numbers.technician, pins.technician);
      expect(own).toMatchObject({ screen: 'open' });
      if (own?.screen === 'open') unwrap(service.leave(own.sessionId));
    }
  });

  test('has lost the try when the plug is pulled before the answer', async () => {
    for (let i = 0; i < throttleLimits.freeCount; i++) {
      service.knock();
      service.signIn(numbers.administrator, pins.administrator);
      // Not even a right one: the answer never came.
      db.close();
      db = mustOpen(path);
      start();
    }
    expect(await signIn(numbers.administrator, pins.administrator)).toMatchObject({ refusal: 'wait' });
  });

  test('wins nothing by the wall clock', async () => {
    for (let i = 0; i < 4; i++) await signIn(numbers.administrator, '11223344');
    expect(service.padView()).toMatchObject({ refusal: 'wait' });
    clock.jumpWall(20 * 86_400_000);
    expect(await signIn(numbers.administrator, pins.administrator)).toMatchObject({ refusal: 'wait' });
  });

  test('shuts out nobody who has a one-time code', async () => {
    for (let i = 0; i < 9; i++) await signIn(numbers.administrator, '11223344');
    const code = codeOf(numbers.administrator, 1);
    expect(await signIn(numbers.administrator, code)).toMatchObject({ screen: 'newPin' });
  });
});

const codeOf = (staffNo: string, serial: number, over: { cabinetId?: string; codeKey?: string } = {}) =>
  makeServiceCode(
    { codeKey, cabinetId: 'K', staffNo, ...over },
    { serial, lastDay: Math.floor(clock.nowMs() / 86_400_000) },
  );

describe('a one-time code', () => {
  test('of another cabinet, person, key or day, or with a digit changed, lets nobody in', async () => {
    const staffNo = numbers.technician;
    const yesterday = makeServiceCode(
      { codeKey, cabinetId: 'K', staffNo },
      { serial: 9, lastDay: Math.floor(clock.nowMs() / 86_400_000) - 1 },
    );
    const good = codeOf(staffNo, 9);
    const changed = good.slice(0, -1) + String((Number(good.at(-1)) + 1) % 10);
    for (const code of [
      codeOf(staffNo, 9, { cabinetId: 'L' }),
      codeOf(numbers.restocker, 9),
      codeOf(staffNo, 9, { codeKey: Buffer.alloc(32, 8).toString('base64url') }),
      yesterday,
      changed,
    ]) {
      expect(await signIn(staffNo, code)).toMatchObject({ screen: 'signIn', refusal: 'wrong' });
      await clock.advance(3_600_000);
    }
    expect(isSelling).toBe(true);
  });

  test('is used up before anybody is let in: not again after a power cut then, nor one before it', async () => {
    const staffNo = numbers.technician;
    const [first, second] = [codeOf(staffNo, 4), codeOf(staffNo, 5)];
    expect(await signIn(staffNo, second)).toMatchObject({ screen: 'newPin' });
    await powerCut();
    for (const used of [second, first]) {
      expect(await signIn(staffNo, used)).toMatchObject({ screen: 'signIn', refusal: 'wrong' });
      await clock.advance(60_000);
    }
  });

  test('opens nothing before a PIN is set that may be one', async () => {
    await signIn(numbers.technician, codeOf(numbers.technician, 1));
    for (const pin of ['123456', '5520', '552091', '', 'abcdef']) {
      service.setPin(pin, pin);
      await turn();
      expect(shown()).toMatchObject({ screen: 'newPin' });
    }
    service.setPin('580213', '580214');
    await turn();
    expect(shown()).toMatchObject({ screen: 'newPin', fault: 'differ' });
    expect(isSelling).toBe(true);
    service.setPin('580213', '580213');
    await turn();
    expect(service.view()).toMatchObject({ screen: 'open', role: 'technician' });
  });
});

test('whoever types a long code slowly keeps the pad; who stops does not', async () => {
  service.knock();
  for (let i = 0; i < 20; i++) {
    await clock.advance(padMaxMs - 1);
    expect(service.knock().ok).toBe(true);
  }
  expect(shown()).toMatchObject({ screen: 'signIn' });
  await clock.advance(padMaxMs);
  expect(service.view()).toBeNull();
});

describe('a pad that is lost', () => {
  test('on the way in: nobody comes in, it is said, and the next gesture opens a new one', async () => {
    service.knock();
    const before = service.padView()?.padId;
    service.signIn(numbers.restocker, pins.restocker);
    service.padLost();
    await turn();
    expect(shown()).toEqual({ screen: 'covered', isPadLost: true, isAtWork: false, door: 'closed' });
    expect(isSelling).toBe(true);
    expect(service.knock().ok).toBe(true);
    expect(service.padView()).toMatchObject({ screen: 'signIn', staffNo: null, refusal: null });
    expect(service.padView()?.padId).not.toBe(before);
    service.padLost();
    expect(service.putAway().ok).toBe(true);
    expect(shown()).toBeNull();
    service.knock();
    service.padLost();
    await clock.advance(padMaxMs);
    expect(shown()).toBeNull();
  });

  test('after a one-time code: no PIN is set', async () => {
    await signIn(numbers.technician, codeOf(numbers.technician, 1));
    service.setPin('580213', '580213');
    service.padLost();
    await turn();
    expect(shown()).toMatchObject({ screen: 'covered', isPadLost: true });
    expect(service.setPin('580213', '580213')).toMatchObject({ error: { code: 'forbidden' } });
  });

  test('in a session: what it was for is not done, and the work goes on', async () => {
    const id = await sessionOf('administrator');
    calls['restartApp']?.(id);
    service.confirmPin(pins.administrator);
    service.padLost();
    await turn();
    nothingHappened();
    expect(shown()).toMatchObject({ screen: 'open', isPadLost: true });
    service.readLog(id);
    await typePin(pins.administrator);
    expect(shown()).toMatchObject({ screen: 'open', isPadLost: false, log: expect.anything() as unknown });
  });

  test('with the door left open: the page says so, and the pad comes back', async () => {
    const id = await sessionOf('restocker');
    service.openDoor(id);
    await turn();
    door = 'open';
    service.doorMoved();
    await clock.advance(sessionLimits.idleMaxMs);
    expect(service.padView()).toMatchObject({ screen: 'signIn', isAtWork: true });
    service.padLost();
    expect(shown()).toEqual({ screen: 'covered', isPadLost: true, isAtWork: true, door: 'open' });
    await clock.advance(padMaxMs);
    expect(service.padView()).toMatchObject({ screen: 'signIn', isAtWork: true });
  });
});

test('whoever is asked for the PIN and goes away leaves no pad, and the act is not done', async () => {
  const id = await sessionOf('administrator');
  calls['shutDown']?.(id);
  for (let i = 0; i < 3; i++) {
    await clock.advance(padMaxMs - 1);
    service.typed();
  }
  expect(service.padView()).toMatchObject({ screen: 'confirm' });
  await clock.advance(padMaxMs);
  expect(service.padView()).toBeNull();
  expect(service.confirmPin(pins.administrator)).toMatchObject({ error: { code: 'stale' } });
  nothingHappened();
});

test.each(['first', 'change'] as const)(
  'a new PIN that the disk does not take (%s) is said at the pad',
  async (which) => {
    if (which === 'first') await signIn(numbers.technician, codeOf(numbers.technician, 1));
    else {
      service.changePin(await sessionOf('technician'));
      await typePin(pins.technician);
    }
    expect(service.padView()).toMatchObject({ screen: 'newPin', mayGoBack: which === 'change' });
    db.close();
    service.setPin('580213', '580213');
    await until('it is looked at', () => !service.padView()?.isChecking || null);
    expect(pinPadSchema.parse(service.padView())).toMatchObject({ screen: 'newPin', fault: 'storage' });
    db = mustOpen(path);
  },
);

describe('the list', () => {
  test('that is out of date lets no PIN in, whatever the clock was put back to before; a code still does', async () => {
    await clock.advance(staffListLifeMs);
    expect(await signIn(numbers.restocker, pins.restocker)).toMatchObject({ refusal: 'list_old' });
    expect(await signIn(numbers.restocker, codeOf(numbers.restocker, 1))).toMatchObject({ screen: 'newPin' });
  });

  test('that is not there: no default PIN opens anything', async () => {
    list = null;
    for (const [no, pin] of [
      ['0000', '000000'],
      ['1234', '12345678'],
    ] as const)
      expect(await signIn(no, pin)).toMatchObject({ refusal: 'no_list', needsCode: true });
    nothingHappened();
  });
});

test('under duress it opens as always, and the operator is told at once', async () => {
  expect(await signIn(numbers.restocker, duressPin)).toMatchObject({ screen: 'open', role: 'restocker' });
  expect(told).toEqual([`service_duress: ${numbers.restocker}`]);
});

test('under duress nothing on the screen says so, the record neither; who reads that afterwards is told', async () => {
  expect(await signIn(numbers.administrator, duressPin)).toMatchObject({ screen: 'open' });
  const { sessionId } = service.view() as { sessionId: string };
  service.readLog(sessionId);
  service.confirmPin(duressPin);
  await until('the PIN is looked at', () => told.length > 1 || null);
  await turn();
  const seen = service.view();
  expect(seen).toMatchObject({ screen: 'open', log: expect.any(Array) as unknown });
  expect(JSON.stringify(seen)).not.toMatch(/duress/i);
  expect(JSON.stringify(unwrap(log.latest(10)))).toContain('"isForced":true');
});

test('the PIN for duress cannot become the usual one: it would be told to nobody any more', async () => {
  const id = await sessionOf('administrator');
  service.changePin(id);
  await typePin(pins.administrator);
  service.setPin(duressPin, duressPin);
  await until('it is judged', () => {
    const view = service.view();
    return view?.screen === 'open' && view.last !== null && view.last.outcome !== 'running' ? true : null;
  });
  expect(service.view()).toMatchObject({ last: { act: 'changePin', outcome: 'refused' } });
  await until('the pad says so', () => !service.padView()?.isChecking || null);
  expect(service.padView()).toMatchObject({ screen: 'newPin', fault: 'trivial' });
});

test('what was done cannot be changed, taken out or cut off unseen, nor stand in the record of charges', async () => {
  const id = await sessionOf('restocker');
  service.openDoor(id);
  await turn();
  service.leave(id);
  expect(unwrap(log.broken())).toBeNull();
  const spoil = (sql: string): void => {
    unwrap(
      db.transaction(() => {
        db.prepare('DROP TRIGGER IF EXISTS service_act_said').run();
        db.prepare(sql).run();
        return ok();
      }),
    );
  };
  spoil(`UPDATE service_act SET actor = '5520' WHERE seq = 2`);
  expect(unwrap(log.broken())).toBe(2);
  spoil(`UPDATE service_act SET actor = '4410' WHERE seq = 2`);
  expect(unwrap(log.broken())).toBeNull();
  spoil('DELETE FROM service_act WHERE seq = (SELECT MAX(seq) FROM service_act)');
  expect(unwrap(log.broken())).not.toBeNull();
  expect(unwrap(new ServiceLog(db, new Uint8Array(32).fill(1)).broken())).toBe(1);
});

test('a disk that does not take the record lets nobody open the door', async () => {
  const id = await sessionOf('restocker');
  db.close();
  service.openDoor(id);
  await turn();
  expect(unlocks).toBe(0);
  db = mustOpen(path);
});
