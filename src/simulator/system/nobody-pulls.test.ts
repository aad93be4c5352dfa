import { expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { operator } = await startOperatorForFile();

/** Each with the two touches of "unlock again" that the screen offers. The lock lets go each time. */
test('four people in a row who do not pull put no sound cabinet out of service', async () => {
  const harness = await CabinetHarness.open(operator, { limits: visitLimits });
  for (let visit = 1; visit <= 4; visit++) {
    await harness.waitState('attract');
    await harness.until('scanner connected', () => harness.devices.scanner.attached);
    await harness.shopper.present('M1001');
    await harness.waitState('unlocking');
    for (let again = 0; again < 2; again++) {
      await harness.sleep(3_000);
      harness.process.kiosk.visitLoop.dispatch({ type: 'unlockAgain' });
    }
    await harness.waitState('nothingCharged');
    await harness.sleep(10_000);
    expect(harness.outOfService).toBeNull();
  }
  await harness.sleep(600_000);
  expect(harness.outOfService).toBeNull();
  await harness.close();
});
