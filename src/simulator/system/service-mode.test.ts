import { eq } from 'drizzle-orm';
import { beforeAll, expect, test, vi } from 'vitest';
import { sessionLimits } from '../../core/service/session.ts';
import { padMaxMs } from '../../main/service/service-entry.ts';
import { alarm } from '../../operator/storage/schema.ts';
import { syncEveryMs } from '../../main/operator/versioned-sync.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import { putCabinetStaff, serviceCodeFor } from '../../testkit/operator/cabinet-staff.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** Somebody of the staff at the cabinet: whatever they do, nobody is billed for it, and it ends locked. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();
const { db } = operator.storage;
const parts = { db, clock: operator.clock };
const [restocker, admin, newcomer] = ['4410', '7001', '5151'];
const pins: Record<string, string> = { [restocker]: '73920164', [admin]: '60418273' };

beforeAll(async () => {
  await putCabinetStaff(parts, { staffNo: restocker, role: 'restocker', pin: pins[restocker] ?? '' });
  await putCabinetStaff(parts, { staffNo: admin, role: 'administrator', pin: pins[admin] ?? '' });
  await putCabinetStaff(parts, { staffNo: newcomer, role: 'administrator', pin: null });
});

type Open = Extract<ServiceView, { screen: 'open' }>;
const service = (harness: CabinetHarness) => harness.process.kiosk.service;
const viewOf = (harness: CabinetHarness) => service(harness).view();
const padOf = (harness: CabinetHarness) => service(harness).padView();
function openView(harness: CabinetHarness): Open {
  const view = viewOf(harness);
  if (view?.screen !== 'open') throw new Error(`not signed in: ${JSON.stringify(view)}`);
  return view;
}

/** A cabinet that has the list of its staff. */
async function openCabinet(): Promise<CabinetHarness> {
  const harness = await CabinetHarness.open(operator);
  await harness.until('online', () => harness.snapshot().online);
  await harness.until('a staff list', () => harness.eventLog().includes('staff_list.changed'));
  return harness;
}
async function signIn(harness: CabinetHarness, staffNo: string, secret = pins[staffNo] ?? ''): Promise<Open> {
  await harness.waitState('attract', 'outOfService');
  service(harness).knock();
  expect(service(harness).signIn(staffNo, secret).ok).toBe(true);
  await harness.until('signed in', () => viewOf(harness)?.screen === 'open');
  return openView(harness);
}
async function openDoor(harness: CabinetHarness): Promise<void> {
  expect(service(harness).openDoor(openView(harness).sessionId).ok).toBe(true);
  await harness.until('bolt released', () => harness.world.bolt === 'released');
  harness.shopper.pull();
  await harness.until('door seen open', () => harness.process.kiosk.visitLoop.door === 'open');
}
async function shutDoor(harness: CabinetHarness): Promise<void> {
  harness.shopper.shut();
  await harness.until('door seen shut', () => harness.process.kiosk.visitLoop.door === 'closed');
}
/** What staff was told of this cabinet, at the operator. */
async function alarmsOf({ cabinetId }: CabinetHarness): Promise<unknown[]> {
  const rows = await db.select().from(alarm).where(eq(alarm.cabinetId, cabinetId));
  return rows.map(({ detail }) => JSON.parse(detail) as unknown);
}

test('a restock is no purchase: goods go, a member scans before the open door, and nobody is billed', async () => {
  const harness = await openCabinet();
  try {
    await signIn(harness, restocker);
    expect(harness.state).toBe('outOfService');
    expect(harness.process.kiosk.quiescence.activity()).toBe('service');
    await openDoor(harness);
    expect(openView(harness)).toMatchObject({ isUnbilled: true, whyNotLeave: 'door_open' });
    harness.shopper.tryTake('cola-can');
    // Somebody holds a phone there meanwhile, and touches what they can.
    await harness.shopper.present('M1001');
    harness.chooseCode();
    await harness.sleep(5_000);
    expect(harness.state).toBe('outOfService');
    expect(service(harness).leave(openView(harness).sessionId)).toMatchObject({ error: { code: 'stale' } });
    await shutDoor(harness);
    await harness.until('the goods are counted', () => openView(harness).stock !== null);
    expect(service(harness).acceptStock(openView(harness).sessionId).ok).toBe(true);
    await harness.until('accepted', () => openView(harness).last?.outcome === 'done');
    expect(service(harness).leave(openView(harness).sessionId).ok).toBe(true);
    await harness.waitState('attract');
    expect(viewOf(harness)).toBeNull();
    expect(harness.localCharges()).toEqual([]);
    // The next shopper pays for what they take, and for nothing else.
    await harness.enter('M1001');
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect(harness.localCharges()).toMatchObject([{ totalMinor: harness.priceOf('cola-can') }]);
    expect(await alarmsOf(harness)).not.toContain('goods_vanished');
  } finally {
    await harness.close();
  }
});

test('nobody leaves before a loose bolt, and who goes away signs nobody else in', async () => {
  const harness = await openCabinet();
  try {
    const { sessionId } = await signIn(harness, restocker);
    service(harness).openDoor(sessionId);
    await harness.until('bolt released', () => harness.world.bolt === 'released');
    expect(service(harness).leave(sessionId)).toMatchObject({ error: { message: 'bolt_loose' } });
    // Nobody pulls. Idle, it locks itself, and sells again once the bolt has caught.
    await harness.sleep(sessionLimits.idleMaxMs + 1_000);
    expect(service(harness).openDoor(sessionId)).toMatchObject({ error: { code: 'forbidden' } });
    await harness.waitState('attract');
    expect(harness.world.bolt).toBe('locked');
  } finally {
    await harness.close();
  }
});

test('away from the open door: the screen is locked, staff is told, nothing is sold until it is shut', async () => {
  const harness = await openCabinet();
  try {
    await signIn(harness, restocker);
    await openDoor(harness);
    await harness.sleep(sessionLimits.idleMaxMs + padMaxMs + 1_000);
    expect(padOf(harness)).toMatchObject({ screen: 'signIn', isAtWork: true, door: 'open' });
    await harness.until('told', () => harness.eventLog().includes('service.session_ended'));
    expect(harness.state).toBe('outOfService');
    await shutDoor(harness);
    await harness.waitState('attract');
    expect(harness.localCharges()).toEqual([]);
    await harness.sleep(10_000);
    expect(await alarmsOf(harness)).toEqual([`service_left_open: ${restocker}`]);
  } finally {
    await harness.close();
  }
});

test.each<[string, (harness: CabinetHarness) => Promise<void>]>([
  ['signed in', () => Promise.resolve()],
  [
    'as the bolt moves',
    async (harness) => {
      service(harness).openDoor(openView(harness).sessionId);
      await harness.until('bolt released', () => harness.world.bolt === 'released');
    },
  ],
  ['before the open door', openDoor],
  [
    'with goods in hand, and shut since',
    async (harness) => {
      await openDoor(harness);
      harness.shopper.tryTake('cola-can');
      await shutDoor(harness);
    },
  ],
])(
  'a power cut %s: up again it is out of service, with the work on record, and ends locked',
  async (_, act) => {
    const harness = await openCabinet();
    try {
      const { sessionId } = await signIn(harness, restocker);
      await act(harness);
      harness.crash();
      harness.start();
      // It is no shopper's door, and nobody is signed in.
      expect(padOf(harness)).toMatchObject({ screen: 'signIn', isAtWork: true });
      expect(service(harness).openDoor(sessionId).ok).toBe(false);
      await harness.sleep(3_000);
      expect(harness.state).not.toBe('attract');
      await harness.shopper.present('M1001');
      await harness.sleep(3_000);
      expect(harness.localCharges()).toEqual([]);
      if (harness.world.door === 'open') await shutDoor(harness);
      await harness.waitState('attract');
      expect(harness.world.bolt).toBe('locked');
      const log = harness.process.serviceLog();
      expect(log).toContain('maintenance_interrupted');
      expect(log).toContain('maintenance_over');
      await harness.sleep(15_000);
      expect(await alarmsOf(harness)).toContain(`service_interrupted: ${restocker}`);
      expect(await alarmsOf(harness)).not.toContain('shopping');
      expect(await harness.audit()).toEqual([]);
    } finally {
      await harness.close();
    }
  },
);

test('a shopper who is served is not disturbed, and no service pad stands before them', async () => {
  const harness = await openCabinet();
  try {
    await harness.enter('M1001');
    expect(service(harness).knock()).toMatchObject({ error: { code: 'stale' } });
    harness.shopper.scan(`KMS:${restocker}`);
    await harness.sleep(1_000);
    expect(viewOf(harness)).toBeNull();
    expect(harness.state).toBe('shopping');
    harness.shopper.shut();
    await harness.waitState('attract');
  } finally {
    await harness.close();
  }
});

test('offline: the kept list lets staff in; a one-time code does once, and sets a PIN', async () => {
  const harness = await openCabinet();
  try {
    const { cabinetId } = harness;
    const code = await serviceCodeFor(parts, { cabinetId, staffNo: newcomer, serial: 3 });
    const earlier = await serviceCodeFor(parts, { cabinetId, staffNo: newcomer, serial: 2 });
    harness.setNetwork('cut');
    await harness.until('offline', () => !harness.snapshot().online);
    const { sessionId } = await signIn(harness, restocker);
    expect(service(harness).leave(sessionId).ok).toBe(true);
    await harness.waitState('attract');
    // Held before the scanner, or typed: the same.
    harness.shopper.scan(`KMS:${newcomer}.${code}`);
    await harness.until('asked for a PIN', () => padOf(harness)?.screen === 'newPin');
    service(harness).setPin('123456', '123456');
    await harness.until('refused', () => {
      const pad = padOf(harness);
      return pad?.screen === 'newPin' && pad.fault === 'trivial' && !pad.isChecking;
    });
    service(harness).setPin('580213', '580213');
    await harness.until('signed in', () => viewOf(harness)?.screen === 'open');
    expect(openView(harness).role).toBe('administrator');
    service(harness).leave(openView(harness).sessionId);
    await harness.waitState('attract');
    for (const used of [code, earlier]) {
      service(harness).knock();
      service(harness).signIn(newcomer, used);
      await harness.until('refused', () => {
        const pad = padOf(harness);
        return pad?.screen === 'signIn' && pad.refusal === 'wrong';
      });
      service(harness).close();
    }
    const own = await signIn(harness, newcomer, '580213');
    service(harness).leave(own.sessionId);
    await harness.waitState('attract');
  } finally {
    await harness.close();
  }
});

test('a role that is taken, and somebody who has left: their session ends with the next list', async () => {
  const harness = await openCabinet();
  try {
    const staffNo = '8080';
    await putCabinetStaff(parts, { staffNo, role: 'technician', pin: '40981736' });
    await harness.sleep(syncEveryMs);
    await signIn(harness, staffNo, '40981736');
    const keepAlive = setTouching(harness);
    await putCabinetStaff(parts, { staffNo, role: 'technician', pin: null, isActive: false });
    await harness.until('signed out', () => viewOf(harness)?.screen !== 'open', syncEveryMs + 60_000);
    keepAlive();
    await harness.waitState('attract');
    expect(harness.process.serviceLog()).toContain('role_changed');
  } finally {
    await harness.close();
  }
});

/** Somebody touches the screen again and again. */
function setTouching(harness: CabinetHarness): () => void {
  let isOn = true;
  const touch = (): void => {
    const view = isOn ? viewOf(harness) : null;
    if (view?.screen !== 'open') return;
    service(harness).touch(view.sessionId);
    harness.clock.after(30_000, touch);
  };
  touch();
  return () => {
    isOn = false;
  };
}
