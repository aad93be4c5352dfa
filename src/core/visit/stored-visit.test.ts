import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../shared/model/catalog.schema.ts';
import { type Currency, minor } from '../../shared/money.ts';
import { quantityOf } from '../recognition/inventory.ts';
import { TagInventoryEstimator } from '../recognition/tag-inventory-estimator.ts';
import { readStoredVisit, storedVisitVersion, toStoredVisit } from './stored-visit.ts';
import type { VisitContext, VisitEvent } from './visit-model.ts';
import { type Visit, VisitChart, mustSurvive } from './visit.ts';

interface OldVisit {
  readonly name: string;
  readonly visitId: string;
  readonly chargeId: string;
  readonly active: boolean;
  readonly state: { readonly state: string; readonly context: Readonly<Record<string, unknown>> };
}

interface OldInventory {
  readonly catalogVersion: string;
  readonly products: readonly unknown[];
  readonly tags: readonly { readonly epc: string; readonly sku: string | null }[];
}

/** Written by the last version of the program that stored visits in this form: one in each state that is stored. */
const visitsOf = (version: number): readonly OldVisit[] =>
  JSON.parse(
    readFileSync(new URL(`./fixtures/visits-version-${version}.json`, import.meta.url), 'utf8'),
  ) as readonly OldVisit[];
const oldVisits = [...visitsOf(1), ...visitsOf(2), ...visitsOf(3), ...visitsOf(4)];
const chart = new VisitChart();

/** `HKD`: so their charges are on record; what names its currency by itself is in yuan. */
function mustRead(stored: unknown): { visit: Visit; estimator: unknown } {
  const read = readStoredVisit(stored, 'HKD');
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** How many of each article: what lines say, and what a set of tags said. */
function countsOfLines(lines: VisitContext['taken'] | null): Record<string, number> | null {
  return lines && Object.fromEntries(lines.map(({ sku, quantity }) => [sku ?? '?', quantity]));
}
function countsOfTags(epcs: unknown, tags: OldInventory['tags']): Record<string, number> | null {
  if (epcs === null) return null;
  const counts: Record<string, number> = {};
  for (const { epc, sku } of tags) {
    if ((epcs as string[]).includes(epc)) counts[sku ?? '?'] = (counts[sku ?? '?'] ?? 0) + 1;
  }
  return counts;
}

describe.each([1, 2])('a visit that version %i has stored', (version) => {
  it.each(visitsOf(version))('$name', ({ visitId, chargeId, active, state }) => {
    const old = state.context;
    const inventory = (old['shelf'] ?? old['baseline']) as OldInventory;
    const { visit, estimator } = mustRead(state);
    const { context } = visit;
    expect(context).toMatchObject({ visitId, chargeId });
    const { catalogVersion, products, tags } = inventory;
    expect(context.baseline).toMatchObject({ catalogVersion, products });
    const all = tags.map(({ epc }) => epc);
    expect(countsOfLines(context.baseline?.lines ?? null)).toEqual(countsOfTags(all, tags));
    for (const key of ['taken', 'confirmed', 'afterAbandoned'] as const) {
      expect(countsOfLines(context[key]), key).toEqual(countsOfTags(old[key], tags));
    }
    const { reported, doorWasOpen, bill, ajarLevel, openedAtMs, closedAtMs, timer } = context;
    expect({ reported, doorWasOpen, bill, ajarLevel, openedAtMs, closedAtMs, timer }).toEqual(
      Object.fromEntries(
        ['reported', 'doorWasOpen', 'bill', 'ajarLevel', 'openedAtMs', 'closedAtMs', 'timer'].map((key) => [
          key,
          old[key],
        ]),
      ),
    );
    expect(context.recognisedMemberId).toBe(old['faceOf'] ?? old['recognisedMemberId'] ?? null);
    expect(estimator).toEqual({ tags, taken: old['taken'] });
    expect(new TagInventoryEstimator(() => null).restore(estimator)).toBe(true);
    const restored = chart.restore(state, 'HKD');
    expect(restored.ok).toBe(active);
    if (restored.ok) expect(mustSurvive(restored.value.visit)).toBe(true);
  });
});

describe.each([3, 4])('a visit that version %i has stored', (version) => {
  it.each(visitsOf(version))('$name', ({ active, state }) => {
    const { visit, estimator } = mustRead(state);
    // All that it knew is what it was.
    expect(visit.context).toMatchObject(state.context);
    expect(new TagInventoryEstimator(() => null).restore(estimator)).toBe(true);
    expect(chart.restore(state, 'HKD').ok).toBe(active);
  });
  it('knows what was taken before the staff was told of the open door', () => {
    const ajar = visitsOf(version).find(({ name }) => name.startsWith('ajar'))!;
    const { attended, reached } = mustRead(ajar.state).visit.context;
    expect(countsOfLines(attended)).toEqual({ COLA: 1 });
    expect(countsOfLines(reached.taken)).toEqual({ COLA: 1, CHIP: 1 });
  });
});

it('the amounts of a visit are of the currency of its prices, or else of its charge', () => {
  const currencyOf = (state: unknown, currency: Currency | null) => {
    const read = readStoredVisit(state, currency);
    return read.ok ? read.value.visit.context.baseline?.currency : read.error.code;
  };
  for (const version of [1, 2, 3]) {
    for (const { state } of visitsOf(version)) {
      expect(currencyOf(state, 'HKD')).toBe('HKD');
      // Nobody can tell what is on the bill.
      expect(currencyOf(state, null)).toBe('visit.unreadable');
    }
  }
  for (const { state } of visitsOf(4)) {
    for (const charged of ['HKD', null] as const) expect(currencyOf(state, charged)).toBe('CNY');
  }
});

it('what was put in is counted by article', () => {
  const shopping = visitsOf(2).find(({ name }) => name === 'shopping')!;
  const { added, basket } = mustRead(shopping.state).visit.context;
  expect([quantityOf(added, 'CHIP'), quantityOf(added, null)]).toEqual([1, 2]);
  expect(basket.foreign).toEqual(added);
});

it('what left an abandoned door twice is one piece', () => {
  const ajar = visitsOf(2).find(({ name }) => name.startsWith('ajar'))!;
  expect(ajar.state.context['afterAbandoned']).toEqual(['A002', 'B001', 'B001']);
  expect(quantityOf(mustRead(ajar.state).visit.context.afterAbandoned, 'CHIP')).toBe(1);
});

it('is written in the form of today from then on', () => {
  for (const { state } of oldVisits) {
    const read = mustRead(state);
    const stored: unknown = JSON.parse(JSON.stringify(toStoredVisit(read.visit, read.estimator)));
    expect(stored).toMatchObject({ version: storedVisitVersion });
    expect(mustRead(stored)).toEqual(read);
  }
});

it('a visit of a version that is not known is not guessed at', () => {
  for (const { state } of oldVisits) {
    expect(readStoredVisit({ ...state, version: storedVisitVersion + 1 }).ok).toBe(false);
  }
});

it('a visit with all that a cabinet can hold is read as it was written', () => {
  const skus = Array.from({ length: 500 }, (_, index) => `SKU-${index}`);
  const products = skus.map((sku): Product => {
    return { sku, name: { zh: '水', en: 'Water' }, priceMinor: minor(1), weightG: 500, picture: 'water' };
  });
  const quantities = skus.map((_, index) => (index === 0 ? 5_000 - 499 : 1));
  const lines = skus.map((sku, index) => {
    return { sku, quantity: quantities[index]!, confidence: 1, sources: ['tags' as const] };
  });
  const unlocking = mustRead(visitsOf(2).find(({ name }) => name === 'unlocking')!.state).visit;
  const baseline = { catalogVersion: 'v1', currency: 'CNY' as const, products, lines };
  let visit: Visit = { ...unlocking, context: { ...unlocking.context, baseline } };
  const events: VisitEvent[] = [
    { type: 'door', door: 'open', atMs: 20 },
    { type: 'evidence', taken: lines, added: lines },
  ];
  for (const event of events) visit = chart.step(visit, event).visit;
  expect(visit.context.basket.lines).toHaveLength(500);
  const stored = JSON.parse(JSON.stringify(toStoredVisit(visit, null))) as unknown;
  expect(mustRead(stored).visit).toEqual(visit);
  for (const event of [
    { type: 'door', door: 'closed', atMs: 90 },
    { type: 'finalReading', reading: { absent: lines, unsure: [] } },
  ] satisfies VisitEvent[])
    visit = chart.step(visit, event).visit;
  expect(visit.context.bill?.totalMinor).toBe(5_000);
  expect(mustRead(JSON.parse(JSON.stringify(toStoredVisit(visit, null)))).visit).toEqual(visit);
});
