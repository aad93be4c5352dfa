import { beforeEach, expect, test, vi } from 'vitest';
import { type Visit, VisitChart } from '../../core/visit/visit.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import { minor } from '../../shared/money.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { kioskHandlers } from './kiosk-handlers.ts';

vi.mock('electron', () => ({}));

/** A touch that comes while the screen is about to change: it is taken, or refused so that the screen says so. */

const chart = new VisitChart();
const product = {
  ...{ sku: 'cola', name: { zh: '可乐', en: 'Cola' }, priceMinor: minor(350), weightG: 1, picture: '' },
};
const baseline = {
  ...{ catalogVersion: 'v', currency: 'CNY', products: [product] },
  lines: [{ sku: 'cola', quantity: 2, confidence: 1, sources: [] }],
};
const colas = (quantity: number) => [{ sku: 'cola', quantity, confidence: 1, sources: [] }];
let visit: Visit;

function dispatch(event: VisitEvent): 'unanswered' | undefined {
  const step = chart.step(visit, event);
  visit = step.visit;
  return step.handled ? undefined : 'unanswered';
}
function call(path: 'visit.reportLine' | 'visit.unlockAgain' | 'visit.cancel', input: object) {
  const handlers = kioskHandlers({ visitLoop: { dispatch }, faces: null } as never, {} as never);
  return (handlers[path] as (input: object) => IpcResult<null>)(input);
}
const settle = (): void => {
  dispatch({ type: 'finalReading', reading: { absent: colas(2), unsure: [] } } as never);
};

beforeEach(() => {
  visit = visitAt('shopping', { baseline, doorWasOpen: true } as never);
  dispatch({ type: 'evidence', taken: colas(2), added: [] } as never);
  dispatch({ type: 'confirm', revision: visit.context.basket.revision });
  expect(visit.state).toBe('confirmed');
});

test('a report in the moment in which the door shuts is taken: its line is held, the confirmation stands', () => {
  dispatch({ type: 'door', door: 'closed', atMs: 1 });
  expect(visit.state).toBe('checking');
  expect(call('visit.reportLine', { sku: 'cola', wrong: true }).ok).toBe(true);
  expect(visit.context.confirmed).toEqual(colas(2));
  settle();
  expect(visit.context.bill).toMatchObject({
    totalMinor: 0,
    lines: [],
    heldLines: [{ sku: 'cola', count: 2 }],
    review: ['recognition.line_reported'],
  });
});

test('a report that is taken back behind the shut door adds nothing to what is billed, and is refused', () => {
  call('visit.reportLine', { sku: 'cola', wrong: true });
  dispatch({ type: 'door', door: 'closed', atMs: 1 });
  expect(call('visit.reportLine', { sku: 'cola', wrong: false })).toMatchObject({ error: { code: 'stale' } });
  settle();
  expect(visit.context.bill).toMatchObject({ totalMinor: 0, heldLines: [{ sku: 'cola' }] });
});

test('after the bill a report of the basket is refused, not answered "done"', () => {
  dispatch({ type: 'door', door: 'closed', atMs: 1 });
  settle();
  expect(visit.state).toBe('receipt');
  expect(call('visit.reportLine', { sku: 'cola', wrong: true })).toMatchObject({ error: { code: 'stale' } });
});

test('"cancel" and "unlock again" in a moment that has no use for them are refused as well', () => {
  expect(call('visit.cancel', {})).toMatchObject({ error: { code: 'stale' } });
  expect(call('visit.unlockAgain', {})).toMatchObject({ error: { code: 'stale' } });
});
