import { expect, test } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { VisitChart } from './visit.ts';

const chart = new VisitChart();
const ids = { visitId: makeVisitId(2, new Uint8Array(10)), chargeId: makeChargeId(2, new Uint8Array(10)) };

test('a code that can let nobody in takes no receipt away', () => {
  const receipt = visitAt('receipt', { available: false });
  const after = chart.step(receipt, { type: 'codeScanned', code: 'KM1.x', ...ids });
  expect(after.visit.state).toBe('receipt');
});
