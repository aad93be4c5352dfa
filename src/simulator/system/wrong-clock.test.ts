import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { SharedOperator } from './shared-operator.ts';

/** A cabinet whose own clock is years off (a dead battery): what is on its disk is dated by the operator's time. */
vi.setConfig({ testTimeout: 120_000 });
const clock = new VirtualClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

test.each([-700, 700])(
  'its clock is %d days ahead: journal and record of charges count from when it was',
  async (days) => {
    const beganMs = clock.nowMs();
    const harness = await CabinetHarness.open(operator, { clockAheadMs: days * 86_400_000 });
    const sku = harness.stockSkus[0] ?? '';
    await harness.enter();
    harness.shopper.take(sku);
    await harness.waitBasket(harness.priceOf(sku));
    await harness.confirmAndLeave();
    await harness.waitSettled();
    const stamps = harness.process
      .journal()
      .map((line) => (JSON.parse(line) as { readonly at_ms: number }).at_ms);
    expect(stamps.length).toBeGreaterThan(10);
    for (const stampMs of stamps) {
      expect(stampMs).toBeGreaterThanOrEqual(beganMs);
      expect(stampMs).toBeLessThanOrEqual(clock.nowMs());
    }
    for (const { openedMs, updatedMs } of harness.localCharges()) {
      expect(openedMs).toBeGreaterThanOrEqual(beganMs);
      expect(updatedMs).toBeLessThanOrEqual(clock.nowMs());
    }
    expect(await harness.audit()).toEqual([]);
    await harness.close();
  },
);
