import { describe, expect, test, vi } from 'vitest';
import { memberCodeMaxLength } from '../../shared/model/member.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { altered } from '../../testkit/altered.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** What people, scanners, locks and goods do that they should not: nobody is let in wrongly, nobody is billed wrongly. */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

/** Plays on a cabinet of its own; afterwards the books are clean whatever happened. */
async function onRig(play: (harness: CabinetHarness) => Promise<void>): Promise<void> {
  const harness = await CabinetHarness.open(operator);
  try {
    await harness.until('scanner connected', () => harness.devices.scanner.attached);
    await play(harness);
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
}

async function expectRefused(harness: CabinetHarness, reason: ReasonCode): Promise<void> {
  await harness.waitState('refused');
  expect(harness.snapshot().visit).toMatchObject({ screen: 'refused', reason });
  await harness.waitState('attract');
  expect(harness.releaseCount).toBe(0);
  expect(harness.localCharges()).toEqual([]);
}

/** One item, confirmed and paid, to show that the cabinet is in order. */
async function buys(harness: CabinetHarness, sku: string): Promise<void> {
  await harness.enter();
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  await harness.confirmAndLeave();
  await harness.waitSettled();
  expect((await harness.charges()).at(-1)).toMatchObject({ state: 'paid', totalMinor: harness.priceOf(sku) });
}

/** A code of the right form that the operator never signed. */
function forged(code: string): string {
  const signature = code.slice(code.lastIndexOf('.') + 1);
  return code.slice(0, -signature.length) + altered(signature);
}

describe.concurrent('codes', () => {
  const made: [string, ReasonCode, () => Promise<string>][] = [
    ['forged', 'account.code_unknown', async () => forged(await operator.memberCode('M1001'))],
    ['of a member nobody knows', 'account.code_unknown', () => operator.memberCode('M9999')],
    ['expired an hour ago', 'account.code_expired', () => operator.memberCode('M1001', -3_600)],
    ['expired a moment ago', 'account.code_expired', () => operator.memberCode('M1001', -30)],
    ['of a suspended member', 'account.suspended', () => operator.memberCode('M1003')],
    ['of a member with debts', 'account.unpaid_charges', () => operator.memberCode('M1004')],
  ];
  test.for(made)('%s: refused, %s', ([, reason, make]) =>
    onRig(async (harness) => {
      harness.shopper.scan(await make());
      await expectRefused(harness, reason);
    }),
  );

  const texts: [string, string][] = [
    ['one character too long', `KM1.${'x'.repeat(memberCodeMaxLength - 3)}`],
    ['as long as a scanner can read', 'K'.repeat(4_000)],
    ['the bar code of a can', '6901234567892'],
    ['control characters', 'KM1.\u0000\u0007\u001b[2J.zzz'],
    ['an address', 'https://example.com/?code=KM1.M1001'],
    ['SQL', "KM1.M1001'; DROP TABLE charge; --.abc.def.ghi"],
    ['bytes that are no text', '\u0080\u00ff\u00fe KM1'],
  ];
  test.for(texts)('garbage, %s: refused', ([, text]) =>
    onRig(async (harness) => {
      harness.shopper.scan(text);
      await expectRefused(harness, 'account.code_malformed');
    }),
  );

  test('longer than any bound: nobody is let in, and the next code works', () =>
    onRig(async (harness) => {
      harness.shopper.scan('K'.repeat(20_000));
      await harness.sleep(3_000);
      expect(harness.releaseCount).toBe(0);
      await buys(harness, 'cola-can');
    }));

  test('a code works once', () =>
    onRig(async (harness) => {
      const code = await harness.shopper.present();
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      harness.shopper.pull();
      await harness.waitState('shopping');
      harness.shopper.shut();
      await harness.waitState('attract');
      harness.shopper.scan(code);
      await harness.waitState('refused');
      expect(harness.context.refusedReason).toBe('account.code_replayed');
      expect(harness.releaseCount).toBe(1);
    }));

  test('another code while a visit runs changes nothing: who opened pays', () =>
    onRig(async (harness) => {
      await harness.enter('M1001');
      await harness.shopper.present('M1002');
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.shopper.present('M1002');
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([
        { memberId: 'M1001', totalMinor: harness.priceOf('cola-can') },
      ]);
      expect(harness.releaseCount).toBe(1);
    }));

  test('fifty codes in a row: one visit at most, and the cabinet goes on', () =>
    onRig(async (harness) => {
      for (let i = 0; i < 50; i++)
        harness.shopper.scan(i === 20 ? await operator.memberCode('M1001') : `KM1.${i}`);
      await harness.sleep(4_000);
      expect(harness.releaseCount).toBeLessThanOrEqual(1);
      await harness.until('nobody here', () => harness.state === 'attract', 60_000);
      await buys(harness, 'milk-box');
    }));
});

describe.concurrent('a scanner whose reports are', () => {
  for (const fault of ['cut', 'bad_checksum', 'garbage', 'silent', 'doubled'] as const) {
    test(`${fault}: nobody is let in; well again, it works`, () =>
      onRig(async (harness) => {
        harness.fault('code-scanner', fault);
        for (let i = 0; i < 3; i++) {
          await harness.shopper.present();
          await harness.sleep(3_000);
        }
        expect(harness.releaseCount).toBe(0);
        harness.fault('code-scanner', 'none');
        await harness.sleep(2_000);
        await buys(harness, 'cola-can');
      }));
  }
  for (const fault of ['noise', 'dribble'] as const) {
    test(`${fault}: the code still counts, once`, () =>
      onRig(async (harness) => {
        harness.fault('code-scanner', fault);
        await buys(harness, 'cola-can');
        expect(harness.releaseCount).toBe(1);
      }));
  }
});

describe.concurrent('door and lock', () => {
  test('the door is never pulled: after 15 s locked again, nothing charged', () =>
    onRig(async (harness) => {
      await harness.shopper.present();
      await harness.waitState('nothingCharged');
      expect(harness.snapshot().visit).toMatchObject({ why: 'not_opened' });
      expect(harness.world.bolt).toBe('locked');
      await harness.waitState('attract');
      expect(harness.shopper.pull()).toBe(false);
      expect(harness.localCharges()).toMatchObject([{ state: 'voided' }]);
      expect(await harness.charges()).toEqual([]);
    }));

  test('the bolt is jammed: nothing charged, the next one can try', () =>
    onRig(async (harness) => {
      harness.fault('lock', 'jammed');
      await harness.shopper.present();
      await harness.waitState('unlocking');
      await harness.sleep(3_000);
      expect(harness.shopper.pull()).toBe(false);
      await harness.waitState('nothingCharged');
      expect(harness.localCharges()).toMatchObject([{ state: 'voided' }]);
      harness.fault('lock', 'none');
      await buys(harness, 'cola-can');
    }));

  test('opened and shut between two looks at the door: what is gone is held', () =>
    onRig(async (harness) => {
      await harness.shopper.present();
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      harness.shopper.pull();
      harness.shopper.take('rice-ball');
      harness.shopper.take('cola-can');
      harness.shopper.shut();
      await harness.waitState('receipt');
      await harness.waitSettled();
      const [charge] = await harness.charges();
      expect(charge).toMatchObject({
        state: 'needs_attention',
        totalMinor: 0,
        debitCount: 0,
        reviewReasons: ['recognition.door_left_open'],
      });
      expect(charge?.heldLines.map(({ sku }) => sku).sort()).toEqual(['cola-can', 'rice-ball']);
    }));

  test('opened and shut between two looks, nothing taken: nothing charged', () =>
    onRig(async (harness) => {
      await harness.shopper.present();
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      harness.shopper.pull();
      harness.shopper.shut();
      await harness.waitState('nothingCharged');
      expect(harness.localCharges()).toMatchObject([{ state: 'voided' }]);
    }));

  test('shut and pulled again before the latch catches for good: one visit, one bill', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.shopper.shut();
      await harness.waitState('checking');
      // The latch did not catch.
      harness.world.force();
      await harness.waitState('shopping');
      harness.shopper.take('milk-box');
      const totalMinor = harness.priceOf('cola-can') + harness.priceOf('milk-box');
      await harness.waitBasket(totalMinor);
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ state: 'paid', totalMinor }]);
    }));

  for (const during of ['attract', 'receipt', 'identifyingByCode'] as const) {
    test(`forced in ${during}: alarm, nobody billed, in service again once it is shut`, () =>
      onRig(async (harness) => {
        if (during === 'receipt') {
          await harness.enter();
          harness.shopper.take('milk-box');
          await harness.waitBasket(harness.priceOf('milk-box'));
          harness.confirm();
          harness.shopper.shut();
        } else if (during === 'identifyingByCode') harness.chooseCode();
        await harness.waitState(during);
        harness.shopper.force();
        harness.shopper.take('cola-can');
        await harness.until('out of service', () => harness.outOfService === 'door_open_without_visit');
        // A code does not help the burglar to a bill of somebody else.
        await harness.shopper.present('M1002');
        await harness.sleep(2_000);
        expect(harness.outOfService).toBe('door_open_without_visit');
        harness.shopper.take('cola-can');
        harness.shopper.shut();
        await harness.waitState('attract');
        const alarms = await operator.alarmsOf(harness.cabinetId);
        expect(alarms).toMatchObject([{ kind: 'door_open_without_visit', visitId: null }]);
        await harness.sleep(4_000);
        await buys(harness, 'rice-ball');
        const totals = (await harness.charges()).map((c) => c.totalMinor);
        expect(totals).toEqual([
          ...(during === 'receipt' ? [harness.priceOf('milk-box')] : []),
          harness.priceOf('rice-ball'),
        ]);
      }));
  }
});

describe.concurrent('alarms', () => {
  test('forced while the network is away: the operator learns of it when it is back', () =>
    onRig(async (harness) => {
      harness.setNetwork('cut');
      await harness.sleep(3_000);
      harness.shopper.force();
      await harness.until('out of service', () => harness.outOfService === 'door_open_without_visit');
      await harness.sleep(20_000);
      harness.shopper.shut();
      await harness.waitState('attract');
      harness.setNetwork('up');
      await harness.sleep(4_000);
      const alarms = await operator.alarmsOf(harness.cabinetId);
      expect(alarms).toMatchObject([{ kind: 'door_open_without_visit' }]);
    }));

  test('left open: staff is told once, and what leaves after that is nobody’s bill without a human', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.until('staff told', () => harness.context.ajarLevel === 3);
      harness.shopper.take('rice-ball');
      await harness.sleep(3_000);
      harness.shopper.shut();
      await harness.waitState('receipt');
      await harness.waitSettled();
      const alarms = await operator.alarmsOf(harness.cabinetId);
      expect(alarms.map((a) => a.kind)).toEqual(['door_left_open']);
      expect(alarms[0]?.visitId).toBe(harness.shopper.groundTruths()[0]?.visitId);
      expect(await harness.charges()).toMatchObject([
        { totalMinor: harness.priceOf('cola-can'), heldLines: [{ sku: 'rice-ball', count: 1 }] },
      ]);
    }));
});

describe.concurrent('goods', () => {
  test('put in: shown, never billed', () =>
    onRig(async (harness) => {
      await harness.enter();
      harness.shopper.putForeign();
      harness.shopper.take('cola-can');
      await harness.until(
        'the foreign thing is on screen',
        () => harness.context.basket.foreign.length === 1,
      );
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([
        { totalMinor: harness.priceOf('cola-can'), heldLines: [] },
      ]);
    }));

  test('put in by one and taken by the next: billed to neither', () =>
    onRig(async (harness) => {
      await harness.enter('M1001');
      const own = harness.shopper.putForeign();
      await harness.until('seen', () => harness.context.basket.foreign.length === 1);
      harness.shopper.shut();
      await harness.waitState('attract');
      await harness.enter('M1002');
      harness.world.take({ epc: own.epc });
      await harness.until('seen to leave', () => harness.context.basket.unknownTakenCount === 1);
      harness.shopper.shut();
      await harness.waitState('nothingCharged');
      expect(await harness.charges()).toEqual([]);
    }));

  test('not there when the bolt moved: never billed, wherever it goes', () =>
    onRig(async (harness) => {
      harness.shopper.force();
      const stolen = harness.shopper.take('rice-ball');
      await harness.until('out of service', () => harness.outOfService === 'door_open_without_visit');
      await harness.sleep(4_000);
      harness.shopper.shut();
      await harness.waitState('attract');
      await harness.sleep(6_000);
      await harness.enter();
      // Comes back during the visit, is taken again.
      harness.shopper.putBack(stolen);
      await harness.until('seen to come', () => harness.context.basket.foreign.length === 1);
      harness.world.take({ epc: stolen.epc });
      await harness.until('seen to go', () => harness.context.basket.foreign.length === 0);
      harness.shopper.shut();
      await harness.waitState('nothingCharged');
      expect(await harness.charges()).toEqual([]);
    }));

  test('put back on the wrong shelf is put back', () =>
    onRig(async (harness) => {
      await harness.enter();
      const item = harness.shopper.take('milk-box');
      await harness.waitBasket(harness.priceOf('milk-box'));
      harness.world.putBack({ epc: item.epc, shelf: 1 });
      harness.shopper.noLongerHeld(item);
      await harness.waitBasket(0);
      harness.shopper.shut();
      await harness.waitState('nothingCharged');
    }));

  test('everything taken at once, half of it put back', () =>
    onRig(async (harness) => {
      await harness.enter();
      const items = harness.stockSkus.flatMap((sku) => [
        harness.shopper.take(sku),
        harness.shopper.take(sku),
      ]);
      const allMinor = harness.stockSkus.reduce((sum, sku) => sum + 2 * harness.priceOf(sku), 0);
      await harness.waitBasket(allMinor);
      for (const [i, item] of items.entries()) if (i % 2 === 0) harness.shopper.putBack(item);
      await harness.waitBasket(allMinor / 2);
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([
        { state: 'paid', totalMinor: allMinor / 2, heldLines: [] },
      ]);
    }));
});
