import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { stateReportSchema } from '../../shared/model/state-report.schema.ts';
import { cabinetState } from '../../operator/storage/schema.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { operator } = await startOperatorForFile();

test('the operator knows that a cabinet sells, that its lock is gone, and that it sells again', async () => {
  const harness = await CabinetHarness.open(operator);
  const said = async () => {
    const isOf = eq(cabinetState.cabinetId, harness.cabinetId);
    const [row] = await operator.storage.db.select().from(cabinetState).where(isOf);
    return row === undefined ? null : stateReportSchema.parse(JSON.parse(row.body));
  };
  try {
    await harness.sleep(60_000);
    expect(await said()).toMatchObject({ state: 'available', reason: null, undelivered: { count: 0 } });
    harness.unplug('lock');
    await harness.sleep(60_000);
    expect(await said()).toMatchObject({ state: 'outOfService', reason: 'lock_unreachable' });
    const lock = (await said())?.devices.find(({ kind }) => kind === 'lock');
    expect(lock?.trouble).toBe('device.disconnected');
    harness.plug('lock');
    await harness.sleep(60_000);
    expect(await said()).toMatchObject({ state: 'available' });
    expect((await said())?.devices.every(({ trouble }) => trouble === null)).toBe(true);
  } finally {
    await harness.close();
  }
});
