import { beforeAll, expect, test, vi } from 'vitest';
import { onlineProbeEveryMs } from '../../main/operator/network-link-monitor.ts';
import { member } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/**
 * A shopper who can pull the network cable shows one code twice within its minute: what the second showing opens, the operator
 * cannot debit, or what the first has opened (docs/payments.md#opening-while-offline).
 */
vi.setConfig({ testTimeout: 60_000 });
const { operator } = await startOperatorForFile();

beforeAll(async () => {
  // The operator has let them in lately, somewhere.
  await operator.storage.db.update(member).set({ verifiedAtMs: operator.clock.nowMs() });
});

let harness: CabinetHarness;
async function withCabinet(attack: () => Promise<void>): Promise<void> {
  harness = await CabinetHarness.open(operator);
  try {
    await harness.until('online', () => harness.snapshot().online);
    await harness.sleep(onlineProbeEveryMs);
    await harness.until('a policy', () => harness.eventLog().includes('offline_policy.changed'));
    await harness.waitState('attract');
    await attack();
    harness.setNetwork('up');
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
  } finally {
    await harness.close();
  }
}
async function cut(): Promise<void> {
  harness.setNetwork('cut');
  await harness.until('offline', () => !harness.snapshot().online);
}
/** The bolt lets go, somebody takes this and shuts the door. */
async function takes(sku: string): Promise<void> {
  await harness.until('bolt released', () => harness.world.bolt === 'released');
  harness.shopper.pull();
  await harness.waitState('shopping');
  harness.shopper.take(sku);
  await harness.waitBasket(harness.priceOf(sku));
  harness.shopper.shut();
  await harness.waitState('receipt');
}
async function isRefusedFor(code: string): Promise<unknown> {
  harness.shopper.scan(code);
  await harness.until('answered', () => ['refused', 'unlocking'].includes(harness.state));
  return harness.context.refusedReason;
}

test('"my data" by a code, then the cable: the same code opens no door', () =>
  withCabinet(async () => {
    harness.process.kiosk.visitLoop.dispatch({ type: 'chooseAccount', by: 'code' });
    const code = await harness.shopper.present('M1001');
    await harness.waitState('account');
    harness.process.kiosk.visitLoop.dispatch({ type: 'cancel' });
    await harness.waitState('attract');
    await cut();
    expect(await isRefusedFor(code)).toBe('account.code_replayed');
    expect(harness.releaseCount).toBe(0);
  }));

test('let in offline, and the cable is put in again: the same code opens no second visit', () =>
  withCabinet(async () => {
    await cut();
    const code = await harness.shopper.present('M1001');
    await takes('cola-can');
    harness.setNetwork('up');
    expect(await isRefusedFor(code)).toBe('account.code_replayed');
    await harness.waitSettled();
    expect(await harness.charges()).toMatchObject([{ memberId: 'M1001', state: 'paid', debitCount: 1 }]);
    expect(harness.releaseCount).toBe(1);
  }));
