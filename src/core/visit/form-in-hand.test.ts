import { describe, expect, test } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { visitLimits } from './limits.ts';
import { answerToScan } from './scan-answer.ts';
import type { VisitEvent } from './visit-model.ts';
import { type Visit, VisitChart } from './visit.ts';

const chart = new VisitChart();
const play = (visit: Visit, ...events: VisitEvent[]): Visit =>
  events.reduce((now, event) => chart.step(now, event).visit, visit);
const waited = (visit: Visit): Visit => play(visit, { type: 'timer', seq: visit.context.timer?.seq ?? -1 });
const ids = {
  visitId: makeVisitId(2, new Uint8Array(10)),
  chargeId: makeChargeId(2, new Uint8Array(10)),
};
const memberCode: VisitEvent = { type: 'codeScanned', code: 'KM1.x', ...ids };
const enrolCode: VisitEvent = { type: 'codeScanned', code: 'KE1.x', ...ids };

describe.each(['receipt', 'account'] as const)('a form in hand on the %s', (state) => {
  const before = visitAt(state, { available: true });
  const { chargeId } = before.context;
  if (chargeId === null) throw new Error('a charge');
  const form = (skus: string[]): VisitEvent => ({ type: 'formChanged', chargeId, skus });
  const filled = play(before, form([]), form(['COLA']));

  test('a minute without a touch: warned; half a minute more: gone', () => {
    expect(filled.context).toMatchObject({
      form: { chargeId, skus: ['COLA'], isWarned: false },
      timer: { durationMs: 60_000 },
    });
    const warned = waited(filled);
    expect(warned).toMatchObject({
      state,
      context: { form: { skus: ['COLA'], isWarned: true }, timer: { durationMs: 30_000 } },
    });
    expect(waited(warned)).toMatchObject({ state: 'attract', context: { form: null } });
  });

  test('a touch takes the warning back, as often as it takes', () => {
    let visit = filled;
    for (let i = 0; i < 12; i++) visit = play(waited(visit), form(['COLA']));
    expect(visit).toMatchObject({
      state,
      context: { form: { isWarned: false }, timer: { durationMs: 60_000 } },
    });
  });

  test.each([memberCode, enrolCode, { type: 'codeRefused', reason: 'account.code_malformed' } as const])(
    'is not taken away by a scan: $type $code',
    (scan) => {
      const after = chart.step(filled, scan).visit;
      expect(after).toEqual(filled);
      expect(answerToScan(filled, after, scan)).toEqual({ why: 'form', reason: null });
    },
  );

  test('closed, and sent: the screen has its usual time, and a scan is taken again', () => {
    for (const type of ['formClosed', 'disputed'] as const) {
      const { context } = play(filled, { type });
      expect(context.form).toBeNull();
      const usualMs = state === 'receipt' ? visitLimits.receiptMs : visitLimits.accountIdleMs;
      expect(context.timer?.durationMs).toBe(usualMs);
    }
    const after = play(filled, { type: 'formClosed' }, state === 'receipt' ? memberCode : enrolCode);
    expect(after.state).toBe('authorising');
  });
});

test('on the receipt a form is about its own charge', () => {
  const { chargeId } = ids;
  const visit = visitAt('receipt');
  expect(chart.step(visit, { type: 'formChanged', chargeId, skus: [] }).handled).toBe(false);
});

test('no form on any other screen', () => {
  const visit = visitAt('shopping');
  const { chargeId } = visit.context;
  if (chargeId === null) throw new Error('a charge');
  expect(chart.step(visit, { type: 'formChanged', chargeId, skus: [] }).handled).toBe(false);
  expect(chart.step(visit, { type: 'formClosed' }).handled).toBe(false);
});

test('a receipt stays while it is touched, not for ever', () => {
  let visit = visitAt('receipt', { available: true });
  let count = 0;
  while (count < 1_000 && chart.step(visit, { type: 'holdReceipt' }).handled) {
    visit = play(visit, { type: 'holdReceipt' });
    expect(visit.context.timer?.durationMs).toBe(visitLimits.receiptHoldMs);
    count++;
  }
  expect(count).toBe(20);
  expect(waited(visit).state).toBe('attract');
});
