import { expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { operator } = await startOperatorForFile();

test.each([
  ['the disk has room: the bolt lets go at once', false],
  [
    'the disk is full for ten minutes: it is refused, and the bolt never lets go for whoever comes later',
    true,
  ],
])('"unlock once more": %s', async (_, isFull) => {
  const harness = await CabinetHarness.open(operator, { limits: visitLimits });
  await harness.waitState('attract');
  await harness.until('scanner connected', () => harness.devices.scanner.attached);
  await harness.shopper.present('M1001');
  await harness.waitState('unlocking');
  await harness.until('bolt released', () => harness.world.bolt === 'released');
  await harness.until('the bolt has caught again', () => harness.world.bolt !== 'released');
  expect(harness.state).toBe('unlocking');
  const before = harness.releaseCount;
  harness.disk.full = isFull;
  const answer = harness.process.kiosk.visitLoop.dispatch({ type: 'unlockAgain' });
  await harness.sleep(isFull ? 600_000 : 3_000);
  harness.disk.full = false;
  await harness.sleep(10_000);
  expect({ answer, releases: harness.releaseCount - before }).toEqual(
    isFull ? { answer: 'unanswered', releases: 0 } : { answer: undefined, releases: 1 },
  );
  await harness.close();
});
