import { afterAll } from 'vitest';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { SharedOperator } from './shared-operator.ts';

/** A clock and an operator for all tests of one file; both end with it. To be awaited where the file begins. */
export async function startOperatorForFile(): Promise<{ clock: VirtualClock; operator: SharedOperator }> {
  const clock = new VirtualClock();
  const operator = await SharedOperator.start(clock);
  afterAll(async () => {
    await operator.close();
    clock.stop();
  });
  return { clock, operator };
}
