import { beforeAll, expect, test, vi } from 'vitest';
import { onlineProbeEveryMs } from '../../main/operator/network-link-monitor.ts';
import { member } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** The whole system while the cabinet has no network (docs/payments.md#opening-while-offline). */
vi.setConfig({ testTimeout: 120_000 });
const { operator } = await startOperatorForFile();

beforeAll(async () => {
  // The operator has let them in lately, somewhere.
  await operator.storage.db.update(member).set({ verifiedAtMs: operator.clock.nowMs() });
});

/** A cabinet that has the operator's policy and, since the first look at the link after its enrolment, its time. */
async function openWithPolicy(): Promise<CabinetHarness> {
  const harness = await CabinetHarness.open(operator);
  await harness.until('online', () => harness.snapshot().online);
  await harness.sleep(onlineProbeEveryMs);
  await harness.until('a policy', () => harness.eventLog().includes('offline_policy.changed'));
  return harness;
}
async function cut(harness: CabinetHarness): Promise<void> {
  harness.setNetwork('cut');
  await harness.until('offline', () => !harness.snapshot().online);
}
/** What the receipt says of the money when it comes up, and a little later. */
async function buy(harness: CabinetHarness, sku: string, memberId: string): Promise<unknown[]> {
  const statuses: unknown[] = [];
  await harness.enter(memberId);
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  const note = (): void => {
    const { visit } = harness.snapshot();
    if (visit.screen === 'receipt') statuses.push(visit.receipt.status);
  };
  harness.onState('receipt', () => {
    note();
    harness.clock.after(1_000, note);
  });
  await harness.confirmAndLeave();
  return statuses;
}
async function refusedFor(harness: CabinetHarness, show: () => Promise<unknown>): Promise<unknown> {
  await harness.waitState('attract');
  await show();
  await harness.waitState('refused');
  const { refusedReason } = harness.context;
  await harness.waitState('attract');
  return refusedReason;
}

test('cut off: it opens, within the caps of each person, and all of it is debited once afterwards', async () => {
  const harness = await openWithPolicy();
  try {
    await cut(harness);
    expect(harness.snapshot()).toMatchObject({ online: false, offlineBlock: null });
    // The receipt says honestly that the charge follows.
    expect(await buy(harness, 'cola-can', 'M1001')).toEqual(['sending', 'follows']);
    await buy(harness, 'milk-box', 'M1001');
    expect(await refusedFor(harness, () => harness.shopper.present('M1001'))).toBe(
      'account.offline_member_cap',
    );
    // Only that person.
    await buy(harness, 'rice-ball', 'M1002');
    expect(await refusedFor(harness, () => harness.shopper.present('M1003'))).toBe('account.offline_denied');
    const releases = harness.releaseCount;
    expect(releases).toBe(3);
    expect(await harness.charges()).toEqual([]);
    harness.setNetwork('up');
    await harness.waitSettled();
    const charges = await harness.charges();
    expect(charges.map(({ memberId, state, debitCount }) => ({ memberId, state, debitCount }))).toEqual(
      expect.arrayContaining(
        ['M1001', 'M1001', 'M1002'].map((memberId) => ({ memberId, state: 'paid', debitCount: 1 })),
      ),
    );
    expect(charges).toHaveLength(3);
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
});

test('a code opens once, whoever judges it: the cabinet, or the operator before the network went', async () => {
  const harness = await openWithPolicy();
  try {
    let code = '';
    const enterBy = async (): Promise<void> => {
      code = await harness.shopper.present('M1001');
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      harness.shopper.pull();
      await harness.waitState('shopping');
      harness.shopper.shut();
      await harness.waitState('attract');
    };
    const again = () => {
      harness.shopper.scan(code);
      return Promise.resolve();
    };
    await harness.waitState('attract');
    await enterBy();
    await cut(harness);
    expect(await refusedFor(harness, again)).toBe('account.code_replayed');
    await enterBy();
    expect(await refusedFor(harness, again)).toBe('account.code_replayed');
    expect(harness.releaseCount).toBe(2);
    expect(harness.localCharges().map(({ state }) => state)).toEqual(['voided', 'voided']);
  } finally {
    await harness.close();
  }
});

test('the power goes between code on record and bolt: the code is used up, nobody is charged', async () => {
  const harness = await openWithPolicy();
  try {
    // Right after a start the shelf takes some seconds to be read, and the bolt waits for that.
    harness.crash();
    harness.start();
    await harness.waitState('attract');
    await harness.until('online', () => harness.snapshot().online);
    await harness.until('scanner connected', () => harness.devices.scanner.attached);
    harness.setNetwork('cut');
    let isKilled = false;
    harness.onState('preparing', () => {
      harness.crash();
      isKilled = true;
    });
    const code = await harness.shopper.present('M1001');
    await harness.until('killed', () => isKilled);
    harness.start();
    await harness.waitState('attract');
    // Nobody has told it the time since: yesterday's code would look fresh.
    await harness.until('offline', () => harness.snapshot().offlineBlock === 'network.offline_time_unknown');
    expect(await refusedFor(harness, () => harness.shopper.present('M1002'))).toBe(
      'network.offline_time_unknown',
    );
    harness.setNetwork('up');
    await harness.until('online', () => harness.snapshot().online);
    // Whatever was answered first need not tell the time; the next look at the operator does, once it is answered.
    await harness.sleep(onlineProbeEveryMs + 1_000);
    await cut(harness);
    expect(harness.snapshot().offlineBlock).toBeNull();
    const scan = () => {
      harness.shopper.scan(code);
      return Promise.resolve();
    };
    expect(await refusedFor(harness, scan)).toBe('account.code_replayed');
    expect([harness.releaseCount, harness.localCharges()]).toEqual([0, []]);
  } finally {
    await harness.close();
  }
});

test('asked, and no answer came back: whatever was decided there, it is one visit and one charge', async () => {
  const harness = await openWithPolicy();
  try {
    await harness.waitState('attract');
    // The link does not know yet that nothing comes back.
    harness.setNetwork('blackhole');
    expect(await buy(harness, 'cola-can', 'M1001')).toEqual(['sending', expect.anything()]);
    harness.setNetwork('up');
    await harness.waitSettled();
    expect(await harness.charges()).toMatchObject([{ memberId: 'M1001', state: 'paid', debitCount: 1 }]);
    expect(harness.releaseCount).toBe(1);
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
});

test('more than such a visit may cost: all of it is charged, and the operator is asked next time', async () => {
  const harness = await openWithPolicy();
  try {
    await cut(harness);
    await harness.enter('M1002');
    expect(harness.context.maxMinor).toBe(3_000);
    let totalMinor = 0;
    for (const sku of harness.stockSkus.flatMap((one) => [one, one]).slice(0, 9)) {
      harness.shopper.take(sku);
      totalMinor += harness.priceOf(sku);
    }
    expect(totalMinor).toBeGreaterThan(3_000);
    await harness.waitBasket(totalMinor);
    await harness.confirmAndLeave();
    expect(await refusedFor(harness, () => harness.shopper.present('M1002'))).toBe('account.offline_denied');
    harness.setNetwork('up');
    await harness.waitSettled();
    expect(await harness.charges()).toMatchObject([{ memberId: 'M1002', state: 'paid', totalMinor }]);
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
});
