import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimWaitMs } from '../../main/visit/cabinet-code-screen.ts';
import { cabinetCodeLifetimeMs, cabinetCodeShownMs } from '../../shared/model/cabinet-code.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { type OrderedFault, SharedOperator } from './shared-operator.ts';

/** The cabinet's own code, with the real operator, kiosk and network. One test after the other: the operator's moods are for all. */
vi.setConfig({ testTimeout: 120_000 });
const clock = new SteppedClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

/** On a cabinet of its own, whose code screen stands as long as in the shop; afterwards the books are clean whatever happened. */
async function onRig(play: (rig: CabinetRig) => Promise<void>): Promise<void> {
  const rig = await CabinetRig.open(operator, { limits: { identifyTimeoutMs: 60_000 } });
  try {
    await play(rig);
    await operator.fault({ mode: 'none' });
    if (!rig.running) rig.start();
    if (rig.state === 'identifying') await leave(rig);
    await rig.waitState('attract');
    await rig.settled();
    expect(await rig.audit()).toEqual([]);
  } finally {
    await operator.fault({ mode: 'none' });
    await rig.close();
  }
}

/** What a phone sees on the screen; null when no code of the cabinet is there. */
function seen(rig: CabinetRig): string | null {
  const { visit } = rig.snapshot();
  return visit.screen === 'identifying' && visit.cabinetCode.state === 'shown'
    ? visit.cabinetCode.text
    : null;
}
async function codeScreen(rig: CabinetRig): Promise<string> {
  await rig.waitState('attract');
  await rig.until('online', () => rig.snapshot().online);
  rig.chooseCode();
  const text = seen(rig);
  if (text === null) throw new Error(`no code on screen at once\n${rig.story()}`);
  return text;
}
async function leave(rig: CabinetRig): Promise<void> {
  rig.process.kiosk.runner.dispatch({ type: 'cancel' });
  await rig.waitState('attract');
}
/** From the moment at which the operator has taken the claim. */
async function buys(rig: CabinetRig): Promise<void> {
  await rig.until('bolt released', () => rig.world.bolt === 'released');
  rig.shopper.pull();
  await rig.waitState('shopping');
  rig.shopper.take('cola-can');
  await rig.basketShows(rig.priceOf('cola-can'));
  await rig.confirmAndLeave();
}

describe('the cabinet’s own code', () => {
  test('scanned by a phone: the door opens for that member, who pays once', () =>
    onRig(async (rig) => {
      expect(await operator.claim('M1002', await codeScreen(rig))).toEqual({ accepted: true });
      await buys(rig);
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ memberId: 'M1002', state: 'paid', debitCount: 1 }]);
      expect(rig.releaseCount).toBe(1);
    }));

  test('a member who may not shop is refused as with any code', () =>
    onRig(async (rig) => {
      await operator.claim('M1003', await codeScreen(rig));
      await rig.waitState('refused');
      expect(rig.context.refusedReason).toBe('account.suspended');
      expect(rig.releaseCount).toBe(0);
    }));

  test('changes while it stands; the one before is still taken for a while', () =>
    onRig(async (rig) => {
      const first = await codeScreen(rig);
      await rig.pass(cabinetCodeShownMs + 1_000);
      const second = seen(rig);
      expect(second).not.toBe(first);
      expect(await operator.claim('M1001', first)).toEqual({ accepted: true });
      await buys(rig);
    }));

  test('a photograph lets nobody in: not when it is old, not on a later turn of the screen', () =>
    onRig(async (rig) => {
      const photo = await codeScreen(rig);
      await leave(rig);
      // Somebody else stands there now, and the photograph is still fresh.
      await codeScreen(rig);
      expect(await operator.claim('M1001', photo)).toEqual({ accepted: true });
      await rig.pass(5_000);
      expect(rig.state).toBe('identifying');
      await rig.pass(cabinetCodeLifetimeMs + 10_000);
      expect(await operator.claim('M1002', photo)).toEqual({ accepted: false, reason: 'expired' });
      expect(rig.releaseCount).toBe(0);
    }));

  test('scanned, and then the shopper goes: the next one does not open with it', () =>
    onRig(async (rig) => {
      const text = await codeScreen(rig);
      await operator.fault({ mode: 'delay', delayMs: 2_000, path: '/v1/claims', when: 'after', count: 9 });
      await rig.pass(500);
      expect(await operator.claim('M1001', text)).toEqual({ accepted: true });
      await leave(rig);
      await codeScreen(rig);
      await rig.pass(8_000);
      expect(rig.state).toBe('identifying');
      expect(rig.releaseCount).toBe(0);
      expect(rig.localCharges()).toEqual([]);
    }));

  test('two phones at once: one gets in, the other is told', () =>
    onRig(async (rig) => {
      const text = await codeScreen(rig);
      const [one, two] = await Promise.all([operator.claim('M1001', text), operator.claim('M1002', text)]);
      expect([one.accepted, two.accepted].sort()).toEqual([false, true]);
      await buys(rig);
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ memberId: one.accepted ? 'M1001' : 'M1002' }]);
    }));

  test('a phone and the scanner at once: one visit, whoever was first', () =>
    onRig(async (rig) => {
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      const text = await codeScreen(rig);
      await Promise.all([operator.claim('M1001', text), rig.shopper.present('M1002')]);
      await buys(rig);
      await rig.settled();
      expect(await rig.charges()).toHaveLength(1);
      expect(rig.releaseCount).toBe(1);
    }));
});

describe('trouble while the code stands', () => {
  test('network cut: the code goes, the screen stays; back again, it works', () =>
    onRig(async (rig) => {
      await codeScreen(rig);
      rig.net('cut');
      await rig.until('the code is gone', () => seen(rig) === null);
      expect(rig.state).toBe('identifying');
      rig.net('up');
      await rig.until('the code is back', () => seen(rig) !== null);
      await operator.claim('M1001', seen(rig) ?? '');
      await buys(rig);
    }));

  test('a network that swallows everything: noticed within one question', () =>
    onRig(async (rig) => {
      await codeScreen(rig);
      rig.net('blackhole');
      await rig.until('the code is gone', () => seen(rig) === null, claimWaitMs + 8_000);
      rig.net('up');
      await rig.until('the code is back', () => seen(rig) !== null);
    }));

  test('offline it is not there at all', () =>
    onRig(async (rig) => {
      await rig.waitState('attract');
      rig.net('cut');
      await rig.until('offline', () => !rig.snapshot().online);
      rig.chooseCode();
      await rig.pass(3_000);
      expect(seen(rig)).toBeNull();
      expect(rig.state).toBe('identifying');
      await leave(rig);
      rig.net('up');
    }));

  test('the answer about the claim is lost: asked again, the same member gets in, once', () =>
    onRig(async (rig) => {
      const text = await codeScreen(rig);
      await rig.pass(500);
      rig.net('drop-replies');
      await operator.claim('M1001', text);
      await rig.pass(500);
      rig.net('up');
      await buys(rig);
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ memberId: 'M1001', debitCount: 1 }]);
    }));

  const moods: OrderedFault['mode'][] = ['500', '409', 'garbage', 'drop', 'hang'];
  test.for(moods)('the operator answers %s: no code that does not work; well again, it does', (mode) =>
    onRig(async (rig) => {
      await operator.fault({ mode, path: '/v1/claims' });
      await codeScreen(rig);
      await rig.until('the code is gone', () => seen(rig) === null, claimWaitMs + 8_000);
      expect(rig.releaseCount).toBe(0);
      // The other way in is as it was.
      await operator.fault({ mode: 'none' });
      await rig.until('the code is back', () => seen(rig) !== null);
      await operator.claim('M1001', seen(rig) ?? '');
      await buys(rig);
    }),
  );

  test('the operator does not answer about codes: the scanner works', () =>
    onRig(async (rig) => {
      await rig.until('scanner connected', () => rig.devices.scanner.attached);
      await operator.fault({ mode: '500', path: '/v1/claims' });
      await codeScreen(rig);
      await rig.shopper.present('M1001');
      await buys(rig);
    }));

  test('killed with a claim on its way: nobody is let in after the restart, and the next turn works', () =>
    onRig(async (rig) => {
      const text = await codeScreen(rig);
      await operator.fault({ mode: 'delay', delayMs: 3_000, path: '/v1/claims', when: 'after', count: 1 });
      await rig.pass(500);
      await operator.claim('M1001', text);
      rig.crash();
      await rig.pass(1_000);
      rig.start();
      await rig.waitState('attract');
      await rig.pass(5_000);
      expect(rig.state).toBe('attract');
      expect(rig.releaseCount).toBe(0);
      await operator.claim('M1002', await codeScreen(rig));
      await buys(rig);
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ memberId: 'M1002' }]);
    }));
});
