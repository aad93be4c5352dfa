import { expect, it } from 'vitest';
import { measureReaderCpu } from './reader-cpu.ts';

it('all that the reader sends comes out, and the shares are shares', async () => {
  const { idleShare, share, readsPerSecond } = await measureReaderCpu(60, 600);
  // Timers of a busy machine are late; what they send must still arrive.
  expect(readsPerSecond).toBeGreaterThan(10);
  for (const one of [idleShare, share]) expect(one >= 0 && Number.isFinite(one)).toBe(true);
});
