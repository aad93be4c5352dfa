import { expect, test, vi } from 'vitest';
import { cabinetInForce, planogram } from '../../operator/storage/schema.ts';
import { putCabinetStaff } from '../../testkit/operator/cabinet-staff.ts';
import { sleep } from '../../shared/clock.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

vi.setConfig({ testTimeout: 60_000 });
const { operator } = await startOperatorForFile();
const { db } = operator.storage;

/** So much of the cabinet's time. */
const pass = (ms: number): Promise<void> => sleep(operator.clock, ms);

test('what the operator changes is known at a cabinet within five seconds, and said back', async () => {
  const harness = await CabinetHarness.open(operator);
  await harness.until('a staff list', () => harness.eventLog().includes('staff_list.changed'));
  const listsBefore = harness.eventLog().split('staff_list.changed').length;
  // The question that is open since the start is held.
  await pass(20_000);
  expect(harness.eventLog().split('staff_list.changed')).toHaveLength(listsBefore);
  await putCabinetStaff({ db, clock: operator.clock }, { staffNo: '5151', role: 'administrator', pin: null });
  await pass(5_000);
  expect(harness.eventLog().split('staff_list.changed')).toHaveLength(listsBefore + 1);

  // A plan for the next restock, too: who stands there to fill it waits for no poll.
  expect(harness.eventLog()).not.toContain('planogram.changed');
  const plan = { cabinetId: harness.cabinetId, version: 1, slots: '[]', madeBy: 'anna' };
  await db.insert(planogram).values({ ...plan, madeAtMs: operator.clock.nowMs() });
  await pass(5_000);
  expect(harness.eventLog()).toContain('planogram.changed');

  // With its next question it says what it has now.
  await pass(50_000);
  const [said] = await db.select().from(cabinetInForce);
  expect(said).toMatchObject({ cabinetId: harness.cabinetId, app: null, updateOrder: null });
  expect(said?.cabinetStaff).not.toBeNull();
  await harness.close();
});
