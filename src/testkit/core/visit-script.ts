import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { minor } from '../../shared/money.ts';
import { baselineOfTags, linesOfTags } from './lines-of-tags.ts';
import type { VisitEffect, VisitEvent } from '../../core/visit/visit-model.ts';
import { type Visit, VisitChart } from '../../core/visit/visit.ts';

/** Events of one visit with four goods in the cabinet, and a chart to play them to. */

const random = new Uint8Array(10).fill(7);
export const visitId = makeVisitId(1, random);
export const chargeId = makeChargeId(1, random);
/** Two colas at 3.50 and two bags of chips at 7.80. */
export const catalog: Catalog = {
  version: 'v1',
  currency: 'CNY',
  products: [
    {
      sku: 'COLA',
      name: { zh: '可乐', en: 'Cola' },
      priceMinor: minor(350),
      weightG: 350,
      picture: 'cola-can',
    },
    { sku: 'CHIP', name: { zh: '薯片', en: 'Chips' }, priceMinor: minor(780), weightG: 75, picture: 'chips' },
  ],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'A002', sku: 'COLA' },
    { epc: 'B001', sku: 'CHIP' },
    { epc: 'F001', sku: 'CHIP' },
  ],
};
export const inventory = baselineOfTags(['A001', 'A002', 'B001', 'CCCC'], catalog);
export const linesOf = (epcs: string[]) => linesOfTags(epcs, catalog);
/** Of no meaning to the chart. */
export const memory = { tags: ['A001'] };
export const chart = new VisitChart();

export const ready: VisitEvent = { type: 'availabilityChanged', available: true, isDoorForced: false };
export const scan: Extract<VisitEvent, { type: 'codeScanned' }> = {
  type: 'codeScanned',
  code: 'KM1.x',
  visitId,
  chargeId,
};
export const allowed: VisitEvent = { type: 'authorised', member: { memberId: 'M-1', display: '王*' } };
export const recognised: VisitEvent = { type: 'faceAccepted', memberId: 'M-1', visitId, chargeId };
export const account = (by: 'code' | 'face'): VisitEvent => ({ type: 'chooseAccount', by });
export const baseline: VisitEvent = { type: 'baseline', inventory, atMs: 10 };
export const opened: VisitEvent = { type: 'door', door: 'open', atMs: 20 };
export const closed: VisitEvent = { type: 'door', door: 'closed', atMs: 90 };
export const evidence = (taken: string[], added: string[] = []): VisitEvent => ({
  type: 'evidence',
  taken: linesOf(taken),
  added: linesOf(added),
});
export const finalReading = (gone: string[], unsure: string[] = []): VisitEvent => ({
  type: 'finalReading',
  reading: { absent: linesOf(gone), unsure: linesOf(unsure) },
});

export function play(
  events: readonly VisitEvent[],
  from: Visit = chart.start(),
): { visit: Visit; effects: VisitEffect[] } {
  const effects: VisitEffect[] = [];
  let visit = from;
  for (const event of events) {
    const step = chart.step(visit, event);
    visit = step.visit;
    effects.push(...step.effects);
  }
  return { visit, effects };
}
export function timer(visit: Visit): VisitEvent {
  return { type: 'timer', seq: visit.context.timer?.seq ?? -1 };
}
export const toShopping: readonly VisitEvent[] = [ready, scan, allowed, baseline, opened];
export const confirmNow = (visit: Visit): VisitEvent => ({
  type: 'confirm',
  revision: visit.context.basket.revision,
});
