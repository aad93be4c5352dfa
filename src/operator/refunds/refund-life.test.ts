import fc from 'fast-check';
import { expect, it } from 'vitest';
import { refundPending, refundPendingMaxMs, refundRetry, refundTriesMax } from '../limits.ts';
import type { RefundAnswer, RefundStand } from './refund-life.ts';
import { afterAnswer, refundDueMaxMs } from './refund-life.ts';

const nowMs = 1_800_000_000_000;
const asked: RefundStand = { state: 'asked', failureCount: 0, askedAtMs: nowMs };
const message = fc.constant('m');
const answer: fc.Arbitrary<RefundAnswer> = fc.oneof(
  fc.record({ kind: fc.constantFrom('refunded' as const, 'pending' as const) }),
  fc.record({
    kind: fc.constantFrom('rejected' as const, 'not_sent' as const, 'unknown' as const),
    message,
  }),
);

it('whatever a provider answers, for however long: it ends, once, and each wait is bounded', () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(answer),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (all, random01) => {
        let stand = asked;
        let atMs = nowMs;
        // Pending for 20 days, each time with two days of no answer before it: no more than this.
        for (let i = 0; i < 20_000; i++) {
          const next = all.next();
          if (next.done === true) return;
          const { value } = next;
          const { dueAtMs, ...step } = afterAnswer(stand, value, { nowMs: atMs, random01 });
          expect(dueAtMs === null).toBe(['refunded', 'people'].includes(step.state));
          expect(step.state === 'refunded').toBe(value.kind === 'refunded');
          if (dueAtMs === null) return;
          expect(dueAtMs).toBeGreaterThan(atMs);
          expect(dueAtMs - atMs).toBeLessThanOrEqual(refundDueMaxMs);
          stand = { ...stand, ...step };
          atMs = dueAtMs;
        }
        throw new Error('it never ends');
      },
    ),
    { numRuns: 50 },
  );
});

it('no answer: asked about again ever more seldom, and at last people do it, who are told what was said', () => {
  let stand = asked;
  const waits: number[] = [];
  for (;;) {
    const step = afterAnswer(stand, { kind: 'unknown', message: 'cut' }, { nowMs, random01: 1 });
    if (step.dueAtMs === null) {
      expect(step).toMatchObject({ state: 'people', detail: 'unknown: cut' });
      break;
    }
    waits.push(step.dueAtMs - nowMs);
    stand = { ...stand, ...step };
  }
  expect(waits).toHaveLength(refundTriesMax - 1);
  expect(waits.at(-1)).toBeLessThanOrEqual(refundRetry.capMs);
  expect(waits[0]!).toBeLessThan(waits[5]!);
});

it('on its way: asked about by how long it has been, and after that long people look', () => {
  const after = (ms: number) => afterAnswer(asked, { kind: 'pending' }, { nowMs: nowMs + ms, random01: 0 });
  expect(after(0)).toMatchObject({ state: 'pending', dueAtMs: nowMs + refundPending.firstMs });
  expect(after(-5_000).dueAtMs).toBe(nowMs - 5_000 + refundPending.firstMs);
  expect(after(3_600_000).dueAtMs).toBe(nowMs + 7_200_000);
  expect(after(refundPendingMaxMs)).toMatchObject({ state: 'people', dueAtMs: null });
  // What was taken there stays taken, also when nobody answers for a while.
  const stand: RefundStand = { ...asked, state: 'pending' };
  expect(afterAnswer(stand, { kind: 'unknown', message: '' }, { nowMs, random01: 0 }).state).toBe('pending');
});
