import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { memberCodeMaxLength } from '../../shared/model/member.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { CabinetRig } from './cabinet-rig.ts';
import { SteppedClock } from './clocks.ts';
import { SharedOperator } from './shared-operator.ts';

/** What people, scanners, locks and goods do that they should not: nobody is let in wrongly, nobody is billed wrongly. */
vi.setConfig({ maxConcurrency: 10, testTimeout: 120_000 });
const clock = new SteppedClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

/** Plays on a cabinet of its own; afterwards the books are clean whatever happened. */
async function onRig(play: (rig: CabinetRig) => Promise<void>): Promise<void> {
  const rig = await CabinetRig.open(operator);
  try {
    await rig.until('scanner connected', () => rig.devices.scanner.attached);
    await play(rig);
    await rig.settled();
    expect(await rig.audit()).toEqual([]);
  } finally {
    await rig.close();
  }
}

async function expectRefused(rig: CabinetRig, reason: ReasonCode): Promise<void> {
  await rig.waitState('refused');
  expect(rig.snapshot().visit).toMatchObject({ screen: 'refused', reason });
  await rig.waitState('attract');
  expect(rig.releaseCount).toBe(0);
  expect(rig.localCharges()).toEqual([]);
}

/** One item, confirmed and paid, to show that the cabinet is in order. */
async function buys(rig: CabinetRig, sku: string): Promise<void> {
  await rig.enter();
  rig.shopper.take(sku);
  await rig.basketShows(rig.priceOf(sku));
  await rig.confirmAndLeave();
  await rig.settled();
  expect((await rig.charges()).at(-1)).toMatchObject({ state: 'paid', totalMinor: rig.priceOf(sku) });
}

/** A code of the right form that the operator never signed. */
function forged(code: string): string {
  const signature = code.slice(code.lastIndexOf('.') + 1);
  return `${code.slice(0, -signature.length)}${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
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
    onRig(async (rig) => {
      rig.shopper.scan(await make());
      await expectRefused(rig, reason);
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
    onRig(async (rig) => {
      rig.shopper.scan(text);
      await expectRefused(rig, 'account.code_malformed');
    }),
  );

  test('longer than any bound: nobody is let in, and the next code works', () =>
    onRig(async (rig) => {
      rig.shopper.scan('K'.repeat(20_000));
      await rig.pass(3_000);
      expect(rig.releaseCount).toBe(0);
      await buys(rig, 'cola-can');
    }));

  test('a code works once', () =>
    onRig(async (rig) => {
      const code = await rig.shopper.present();
      await rig.until('bolt released', () => rig.world.bolt === 'released');
      rig.shopper.pull();
      await rig.waitState('shopping');
      rig.shopper.shut();
      await rig.waitState('attract');
      rig.shopper.scan(code);
      await rig.waitState('refused');
      expect(rig.context.refusedReason).toBe('account.code_replayed');
      expect(rig.releaseCount).toBe(1);
    }));

  test('another code while a visit runs changes nothing: who opened pays', () =>
    onRig(async (rig) => {
      await rig.enter('M1001');
      await rig.shopper.present('M1002');
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.shopper.present('M1002');
      await rig.confirmAndLeave();
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ memberId: 'M1001', totalMinor: rig.priceOf('cola-can') }]);
      expect(rig.releaseCount).toBe(1);
    }));

  test('fifty codes in a row: one visit at most, and the cabinet goes on', () =>
    onRig(async (rig) => {
      for (let i = 0; i < 50; i++)
        rig.shopper.scan(i === 20 ? await operator.memberCode('M1001') : `KM1.${i}`);
      await rig.pass(4_000);
      expect(rig.releaseCount).toBeLessThanOrEqual(1);
      await rig.until('nobody here', () => rig.state === 'attract', 60_000);
      await buys(rig, 'milk-box');
    }));
});

describe.concurrent('a scanner whose reports are', () => {
  for (const fault of ['cut', 'bad_checksum', 'garbage', 'silent', 'doubled'] as const) {
    test(`${fault}: nobody is let in; well again, it works`, () =>
      onRig(async (rig) => {
        rig.fault('code-scanner', fault);
        for (let i = 0; i < 3; i++) {
          await rig.shopper.present();
          await rig.pass(3_000);
        }
        expect(rig.releaseCount).toBe(0);
        rig.fault('code-scanner', 'none');
        await rig.pass(2_000);
        await buys(rig, 'cola-can');
      }));
  }
  for (const fault of ['noise', 'dribble'] as const) {
    test(`${fault}: the code still counts, once`, () =>
      onRig(async (rig) => {
        rig.fault('code-scanner', fault);
        await buys(rig, 'cola-can');
        expect(rig.releaseCount).toBe(1);
      }));
  }
});

describe.concurrent('door and lock', () => {
  test('the door is never pulled: after 15 s locked again, nothing charged', () =>
    onRig(async (rig) => {
      await rig.shopper.present();
      await rig.waitState('nothing_charged');
      expect(rig.snapshot().visit).toMatchObject({ why: 'not_opened' });
      expect(rig.world.bolt).toBe('locked');
      await rig.waitState('attract');
      expect(rig.shopper.pull()).toBe(false);
      expect(rig.localCharges()).toMatchObject([{ state: 'voided' }]);
      expect(await rig.charges()).toEqual([]);
    }));

  test('the bolt is jammed: nothing charged, the next one can try', () =>
    onRig(async (rig) => {
      rig.fault('lock', 'jammed');
      await rig.shopper.present();
      await rig.waitState('unlocking');
      await rig.pass(3_000);
      expect(rig.shopper.pull()).toBe(false);
      await rig.waitState('nothing_charged');
      expect(rig.localCharges()).toMatchObject([{ state: 'voided' }]);
      rig.fault('lock', 'none');
      await buys(rig, 'cola-can');
    }));

  test('opened and shut between two looks at the door: what is gone is billed', () =>
    onRig(async (rig) => {
      await rig.shopper.present();
      await rig.until('bolt released', () => rig.world.bolt === 'released');
      rig.shopper.pull();
      rig.shopper.take('rice-ball');
      rig.shopper.take('cola-can');
      rig.shopper.shut();
      await rig.waitState('receipt');
      await rig.settled();
      const totalMinor = rig.priceOf('rice-ball') + rig.priceOf('cola-can');
      expect(await rig.charges()).toMatchObject([{ state: 'paid', totalMinor, debitCount: 1 }]);
    }));

  test('opened and shut between two looks, nothing taken: nothing charged', () =>
    onRig(async (rig) => {
      await rig.shopper.present();
      await rig.until('bolt released', () => rig.world.bolt === 'released');
      rig.shopper.pull();
      rig.shopper.shut();
      await rig.waitState('nothing_charged');
      expect(rig.localCharges()).toMatchObject([{ state: 'voided' }]);
    }));

  test('shut and pulled again before the latch catches for good: one visit, one bill', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      rig.shopper.shut();
      await rig.waitState('checking');
      // The latch did not catch.
      rig.world.force();
      await rig.waitState('shopping');
      rig.shopper.take('milk-box');
      const totalMinor = rig.priceOf('cola-can') + rig.priceOf('milk-box');
      await rig.basketShows(totalMinor);
      await rig.confirmAndLeave();
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ state: 'paid', totalMinor }]);
    }));

  for (const during of ['attract', 'receipt', 'identifying'] as const) {
    test(`forced in ${during}: alarm, nobody billed, in service again once it is shut`, () =>
      onRig(async (rig) => {
        if (during === 'receipt') {
          await rig.enter();
          rig.shopper.take('milk-box');
          await rig.basketShows(rig.priceOf('milk-box'));
          rig.confirm();
          rig.shopper.shut();
        } else if (during === 'identifying') rig.chooseCode();
        await rig.waitState(during);
        rig.shopper.force();
        rig.shopper.take('cola-can');
        await rig.until('out of service', () => rig.outOfService === 'door_open_without_visit');
        // A code does not help the burglar to a bill of somebody else.
        await rig.shopper.present('M1002');
        await rig.pass(2_000);
        expect(rig.outOfService).toBe('door_open_without_visit');
        rig.shopper.take('cola-can');
        rig.shopper.shut();
        await rig.waitState('attract');
        const alarms = await operator.alarmsOf(rig.cabinetId);
        expect(alarms).toMatchObject([{ kind: 'door_open_without_visit', visitId: null }]);
        await rig.pass(4_000);
        await buys(rig, 'rice-ball');
        const totals = (await rig.charges()).map((c) => c.totalMinor);
        expect(totals).toEqual([
          ...(during === 'receipt' ? [rig.priceOf('milk-box')] : []),
          rig.priceOf('rice-ball'),
        ]);
      }));
  }
});

describe.concurrent('alarms', () => {
  test('forced while the network is away: the operator learns of it when it is back', () =>
    onRig(async (rig) => {
      rig.net('cut');
      await rig.pass(3_000);
      rig.shopper.force();
      await rig.until('out of service', () => rig.outOfService === 'door_open_without_visit');
      await rig.pass(20_000);
      rig.shopper.shut();
      await rig.waitState('attract');
      rig.net('up');
      await rig.pass(4_000);
      const alarms = await operator.alarmsOf(rig.cabinetId);
      expect(alarms).toMatchObject([{ kind: 'door_open_without_visit' }]);
    }));

  test('left open: staff is told once, and what leaves after that is nobody’s bill without a human', () =>
    onRig(async (rig) => {
      await rig.enter();
      rig.shopper.take('cola-can');
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.until('staff told', () => rig.context.ajarLevel === 3);
      rig.shopper.take('rice-ball');
      await rig.pass(3_000);
      rig.shopper.shut();
      await rig.waitState('receipt');
      await rig.settled();
      const alarms = await operator.alarmsOf(rig.cabinetId);
      expect(alarms.map((a) => a.kind)).toEqual(['door_left_open']);
      expect(alarms[0]?.visitId).toBe(rig.shopper.truths()[0]?.visitId);
      expect(await rig.charges()).toMatchObject([
        { totalMinor: rig.priceOf('cola-can'), heldLines: [{ sku: 'rice-ball', count: 1 }] },
      ]);
    }));
});

describe.concurrent('goods', () => {
  test('put in: shown, never billed', () =>
    onRig(async (rig) => {
      await rig.enter();
      const own = rig.shopper.putForeign();
      rig.shopper.take('cola-can');
      await rig.until('the foreign thing is on screen', () =>
        rig.context.basket.foreign.some((f) => f.epc === own.epc),
      );
      await rig.basketShows(rig.priceOf('cola-can'));
      await rig.confirmAndLeave();
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ totalMinor: rig.priceOf('cola-can'), heldLines: [] }]);
    }));

  test('put in by one and taken by the next: billed to neither', () =>
    onRig(async (rig) => {
      await rig.enter('M1001');
      const own = rig.shopper.putForeign();
      await rig.until('seen', () => rig.context.basket.foreign.length === 1);
      rig.shopper.shut();
      await rig.waitState('attract');
      await rig.enter('M1002');
      rig.world.take({ epc: own.epc });
      await rig.until('seen to leave', () => rig.context.basket.unknownTakenCount === 1);
      rig.shopper.shut();
      await rig.waitState('nothing_charged');
      expect(await rig.charges()).toEqual([]);
    }));

  test('not there when the bolt moved: never billed, wherever it goes', () =>
    onRig(async (rig) => {
      rig.shopper.force();
      const stolen = rig.shopper.take('rice-ball');
      await rig.until('out of service', () => rig.outOfService === 'door_open_without_visit');
      await rig.pass(4_000);
      rig.shopper.shut();
      await rig.waitState('attract');
      await rig.pass(6_000);
      await rig.enter();
      // Comes back during the visit, is taken again.
      rig.shopper.putBack(stolen);
      await rig.until('seen to come', () => rig.context.basket.foreign.length === 1);
      rig.world.take({ epc: stolen.epc });
      await rig.until('seen to go', () => rig.context.basket.foreign.length === 0);
      rig.shopper.shut();
      await rig.waitState('nothing_charged');
      expect(await rig.charges()).toEqual([]);
    }));

  test('put back on the wrong shelf is put back', () =>
    onRig(async (rig) => {
      await rig.enter();
      const item = rig.shopper.take('milk-box');
      await rig.basketShows(rig.priceOf('milk-box'));
      rig.world.putBack({ epc: item.epc, shelf: 1 });
      rig.shopper.forget(item);
      await rig.basketShows(0);
      rig.shopper.shut();
      await rig.waitState('nothing_charged');
    }));

  test('everything taken at once, half of it put back', () =>
    onRig(async (rig) => {
      await rig.enter();
      const items = rig.stockSkus.flatMap((sku) => [rig.shopper.take(sku), rig.shopper.take(sku)]);
      const allMinor = rig.stockSkus.reduce((sum, sku) => sum + 2 * rig.priceOf(sku), 0);
      await rig.basketShows(allMinor);
      for (const [i, item] of items.entries()) if (i % 2 === 0) rig.shopper.putBack(item);
      await rig.basketShows(allMinor / 2);
      await rig.confirmAndLeave();
      await rig.settled();
      expect(await rig.charges()).toMatchObject([{ state: 'paid', totalMinor: allMinor / 2, heldLines: [] }]);
    }));
});
