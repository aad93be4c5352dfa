import { describe, expect, test, vi } from 'vitest';
import { qrSignInWaitMs } from '../../main/visit/cabinet-code-screen.ts';
import { cabinetCodeLifetimeMs, cabinetCodeShownMs } from '../../shared/model/cabinet-code.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';
import type { OrderedFault } from './shared-operator.ts';

/** The cabinet's own code, with the real operator, kiosk and network. One test after the other: the operator's faults are for all. */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

/** On a cabinet of its own, whose code screen stands as long as in the shop; afterwards the books are clean whatever happened. */
async function onRig(play: (harness: CabinetHarness) => Promise<void>): Promise<void> {
  const harness = await CabinetHarness.open(operator, { limits: { identifyTimeoutMs: 60_000 } });
  try {
    await play(harness);
    await operator.fault({ mode: 'none' });
    if (!harness.running) harness.start();
    if (harness.state === 'identifyingByCode') await leave(harness);
    await harness.waitState('attract');
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
  } finally {
    await operator.fault({ mode: 'none' });
    await harness.close();
  }
}

/** What a phone sees on the screen; null when no code of the cabinet is there. */
function seen(harness: CabinetHarness): string | null {
  const { visit } = harness.snapshot();
  return visit.screen === 'identifying' && visit.cabinetCode.state === 'shown'
    ? visit.cabinetCode.text
    : null;
}
async function codeScreen(harness: CabinetHarness): Promise<string> {
  await harness.waitState('attract');
  await harness.until('online', () => harness.snapshot().online);
  harness.chooseCode();
  const text = seen(harness);
  if (text === null) throw new Error(`no code on screen at once\n${harness.eventLog()}`);
  return text;
}
async function leave(harness: CabinetHarness): Promise<void> {
  harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
  await harness.waitState('attract');
}
/** From the moment at which the operator has taken the claim. */
async function buys(harness: CabinetHarness): Promise<void> {
  await harness.until('bolt released', () => harness.world.bolt === 'released');
  harness.shopper.pull();
  await harness.waitState('shopping');
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
  await harness.confirmAndLeave();
}

describe('the cabinet’s own code', () => {
  test('scanned by a phone: the door opens for that member, who pays once', () =>
    onRig(async (harness) => {
      expect(await operator.qrSignIn('M1002', await codeScreen(harness))).toEqual({ accepted: true });
      await buys(harness);
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ memberId: 'M1002', state: 'paid', debitCount: 1 }]);
      expect(harness.releaseCount).toBe(1);
    }));

  test('a member who may not shop is refused as with any code', () =>
    onRig(async (harness) => {
      await operator.qrSignIn('M1003', await codeScreen(harness));
      await harness.waitState('refused');
      expect(harness.context.refusedReason).toBe('account.suspended');
      expect(harness.releaseCount).toBe(0);
    }));

  test('changes while it stands; the one before is still taken for a while', () =>
    onRig(async (harness) => {
      const first = await codeScreen(harness);
      await harness.sleep(cabinetCodeShownMs + 1_000);
      const second = seen(harness);
      expect(second).not.toBe(first);
      expect(await operator.qrSignIn('M1001', first)).toEqual({ accepted: true });
      await buys(harness);
    }));

  test('a touch of the glass between scan and claim takes no door away', () =>
    onRig(async (harness) => {
      const text = await codeScreen(harness);
      harness.process.kiosk.visitLoop.dispatch({ type: 'active' });
      expect(seen(harness)).toBe(text);
      expect(await operator.qrSignIn('M1002', text)).toEqual({ accepted: true });
      await buys(harness);
    }));

  test('a photograph lets nobody in: not when it is old, not on a later turn of the screen', () =>
    onRig(async (harness) => {
      const photo = await codeScreen(harness);
      await leave(harness);
      // Somebody else stands there now, and the photograph is still fresh.
      await codeScreen(harness);
      expect(await operator.qrSignIn('M1001', photo)).toEqual({ accepted: true });
      await harness.sleep(5_000);
      expect(harness.state).toBe('identifyingByCode');
      await harness.sleep(cabinetCodeLifetimeMs + 10_000);
      expect(await operator.qrSignIn('M1002', photo)).toEqual({ accepted: false, reason: 'expired' });
      expect(harness.releaseCount).toBe(0);
    }));

  test('scanned, and then the shopper goes: the next one does not open with it', () =>
    onRig(async (harness) => {
      const text = await codeScreen(harness);
      await operator.fault({ mode: 'delay', delayMs: 2_000, path: '/v1/claims', when: 'after', count: 9 });
      await harness.sleep(500);
      expect(await operator.qrSignIn('M1001', text)).toEqual({ accepted: true });
      await leave(harness);
      await codeScreen(harness);
      await harness.sleep(8_000);
      expect(harness.state).toBe('identifyingByCode');
      expect(harness.releaseCount).toBe(0);
      expect(harness.localCharges()).toEqual([]);
    }));

  test('two phones at once: one gets in, the other is told', () =>
    onRig(async (harness) => {
      const text = await codeScreen(harness);
      const [one, two] = await Promise.all([
        operator.qrSignIn('M1001', text),
        operator.qrSignIn('M1002', text),
      ]);
      expect([one.accepted, two.accepted].sort()).toEqual([false, true]);
      await buys(harness);
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ memberId: one.accepted ? 'M1001' : 'M1002' }]);
    }));

  test('a phone and the scanner at once: one visit, whoever was first', () =>
    onRig(async (harness) => {
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      const text = await codeScreen(harness);
      await Promise.all([operator.qrSignIn('M1001', text), harness.shopper.present('M1002')]);
      await buys(harness);
      await harness.waitSettled();
      expect(await harness.charges()).toHaveLength(1);
      expect(harness.releaseCount).toBe(1);
    }));
});

describe('trouble while the code stands', () => {
  test('network cut: the code goes, the screen stays; back again, it works', () =>
    onRig(async (harness) => {
      await codeScreen(harness);
      harness.setNetwork('cut');
      await harness.until('the code is gone', () => seen(harness) === null);
      expect(harness.state).toBe('identifyingByCode');
      harness.setNetwork('up');
      await harness.until('the code is back', () => seen(harness) !== null);
      await operator.qrSignIn('M1001', seen(harness) ?? '');
      await buys(harness);
    }));

  test('a network that swallows everything: noticed within one question', () =>
    onRig(async (harness) => {
      await codeScreen(harness);
      harness.setNetwork('blackhole');
      await harness.until('the code is gone', () => seen(harness) === null, qrSignInWaitMs + 8_000);
      harness.setNetwork('up');
      await harness.until('the code is back', () => seen(harness) !== null);
    }));

  test('offline it is not there at all', () =>
    onRig(async (harness) => {
      await harness.waitState('attract');
      harness.setNetwork('cut');
      await harness.until('offline', () => !harness.snapshot().online);
      harness.chooseCode();
      await harness.sleep(3_000);
      expect(seen(harness)).toBeNull();
      expect(harness.state).toBe('identifyingByCode');
      await leave(harness);
      harness.setNetwork('up');
    }));

  test('the answer about the claim is lost: asked again, the same member gets in, once', () =>
    onRig(async (harness) => {
      const text = await codeScreen(harness);
      await harness.sleep(500);
      harness.setNetwork('drop-replies');
      await operator.qrSignIn('M1001', text);
      await harness.sleep(500);
      harness.setNetwork('up');
      await buys(harness);
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ memberId: 'M1001', debitCount: 1 }]);
    }));

  const faults: OrderedFault['mode'][] = ['500', '409', 'garbage', 'drop', 'hang'];
  test.for(faults)('the operator answers %s: no code that does not work; well again, it does', (mode) =>
    onRig(async (harness) => {
      await operator.fault({ mode, path: '/v1/claims' });
      await codeScreen(harness);
      await harness.until('the code is gone', () => seen(harness) === null, qrSignInWaitMs + 8_000);
      expect(harness.releaseCount).toBe(0);
      // The other way in is as it was.
      await operator.fault({ mode: 'none' });
      await harness.until('the code is back', () => seen(harness) !== null);
      await operator.qrSignIn('M1001', seen(harness) ?? '');
      await buys(harness);
    }),
  );

  test('the operator does not answer about codes: the scanner works', () =>
    onRig(async (harness) => {
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await operator.fault({ mode: '500', path: '/v1/claims' });
      await codeScreen(harness);
      await harness.shopper.present('M1001');
      await buys(harness);
    }));

  test('killed with a claim on its way: nobody is let in after the restart, and the next turn works', () =>
    onRig(async (harness) => {
      const text = await codeScreen(harness);
      await operator.fault({ mode: 'delay', delayMs: 3_000, path: '/v1/claims', when: 'after', count: 1 });
      await harness.sleep(500);
      await operator.qrSignIn('M1001', text);
      harness.crash();
      await harness.sleep(1_000);
      harness.start();
      await harness.waitState('attract');
      await harness.sleep(5_000);
      expect(harness.state).toBe('attract');
      expect(harness.releaseCount).toBe(0);
      await operator.qrSignIn('M1002', await codeScreen(harness));
      await buys(harness);
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ memberId: 'M1002' }]);
    }));
});
