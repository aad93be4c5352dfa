import { expect, test, vi } from 'vitest';
import { emptyReport } from '../../testkit/core/faces.ts';
import { frameOf } from '../../testkit/main/face/people.ts';
import { type AccountView } from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** Faces with the real kiosk, vault, operator and network; what the camera's worker would say of each frame is made up. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

const memberId = 'M1001';
/** Time between two frames, as the page sends them. */
const frameMs = 100;
/** Whom the synthetic frames show; somebody else is another number. */
const [person, stranger] = [5, 6];

/** The order for the camera that the face view has now; null: the camera is off. */
function cameraNonce(harness: CabinetHarness): string | null {
  return harness.process.kiosk.faces?.cameraOrder?.nonce ?? null;
}
/** Frames before the camera, for as long as it is on. */
async function show(harness: CabinetHarness, ...reports: FaceReport[]): Promise<void> {
  for (const report of reports) {
    const nonce = cameraNonce(harness);
    if (nonce === null) return;
    harness.process.kiosk.faces?.frame(nonce, report);
    await harness.sleep(frameMs);
  }
}
function accountPhase(harness: CabinetHarness): AccountView['phase'] | null {
  const { visit } = harness.snapshot();
  return visit.screen === 'account' ? visit.account.phase : null;
}

async function enrol(harness: CabinetHarness): Promise<void> {
  const { account } = harness.process.kiosk;
  await harness.waitState('attract');
  await harness.until('online', () => harness.snapshot().online);
  expect(account.choose().ok).toBe(true);
  await harness.shopper.present(memberId, 'enrol');
  await harness.waitState('account');
  expect(account.act({ do: 'enrol' }).ok).toBe(true);
  const agree = { do: 'agree', consentVersion: faceConsentVersion, agreed: true, fourteenOrOlder: true };
  expect(account.act(agree as never).ok).toBe(true);
  await show(harness, ...[0, 0, 0.05, 0.05, -0.05].map((yaw) => frameOf(person, 1, 0.99, yaw)));
  expect(accountPhase(harness)).toBe('trial');
  await show(harness, frameOf(person), frameOf(person));
  await harness.until('enrolled', () => accountPhase(harness) === 'enrolled');
  harness.finish();
  await harness.waitState('attract');
}

/** Chooses the face and stands before the camera. */
async function lookInto(harness: CabinetHarness, who: number): Promise<void> {
  harness.process.kiosk.visitLoop.dispatch({ type: 'chooseFace' });
  await harness.waitState('identifyingByFace');
  expect(harness.process.kiosk.faces?.identification.act({ do: 'start' }).ok).toBe(true);
  await show(harness, ...Array.from({ length: 20 }, () => frameOf(who)));
}

test('a face that was enrolled here opens the door, after a restart too, and its member is charged once', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await enrol(harness);
    for (const sku of ['cola-can', 'milk-box']) {
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await lookInto(harness, person);
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      harness.shopper.pull();
      await harness.waitState('shopping');
      harness.shopper.take(sku);
      await harness.waitBasket(harness.priceOf(sku));
      await harness.confirmAndLeave();
      await harness.waitSettled();
      harness.crash();
      harness.start();
      await harness.waitState('attract');
    }
    const charges = await harness.charges();
    expect(charges).toHaveLength(2);
    for (const charge of charges) {
      expect(charge).toMatchObject({ memberId, state: 'paid', debitCount: 1 });
    }
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
});

test('a stranger and a picture open nothing; the code still does', async () => {
  const harness = await CabinetHarness.open(operator);
  try {
    await enrol(harness);
    await lookInto(harness, stranger);
    expect(harness.snapshot().visit).toMatchObject({ face: { phase: 'ended', why: 'not_recognised' } });
    expect(harness.process.kiosk.faces?.identification.act({ do: 'start' }).ok).toBe(true);
    await show(harness, ...Array.from({ length: 20 }, () => frameOf(person, 1, 0.1)));
    expect(harness.snapshot().visit).toMatchObject({ face: { phase: 'ended', why: 'not_alive' } });
    expect(harness.releaseCount).toBe(0);
    harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
    await harness.enter(memberId);
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect(await harness.charges()).toMatchObject([{ memberId, state: 'paid' }]);
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
});

test('how a turned camera stands is found out once: it is in the settings, and the next start knows it', async () => {
  const harness = await CabinetHarness.open(operator);
  const rotation = (): number => harness.process.kiosk.faces?.cameraOrder?.rotation ?? 0;
  /** Before a camera that stands by 90 degrees. */
  const look = async (): Promise<number> => {
    harness.process.kiosk.visitLoop.dispatch({ type: 'chooseFace' });
    await harness.waitState('identifyingByFace');
    expect(harness.process.kiosk.faces?.identification.act({ do: 'start' }).ok).toBe(true);
    const turnedBy = rotation();
    await show(
      harness,
      ...Array.from({ length: 15 }, () => (turnedBy === 90 ? frameOf(stranger) : emptyReport)),
    );
    harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
    await harness.waitState('attract');
    return turnedBy;
  };
  try {
    await harness.waitState('attract');
    for (let i = 0; i < 5; i++) await look();
    harness.crash();
    harness.start();
    await harness.waitState('attract');
    expect(await look()).toBe(90);
  } finally {
    await harness.close();
  }
});
