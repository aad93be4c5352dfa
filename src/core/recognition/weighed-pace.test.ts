import { expect, it } from 'vitest';
import { SeededRandom } from '../../shared/random.ts';
import { taggedCatalog } from '../../testkit/core/tagged-cabinet.ts';
import { WeighedInventoryEstimator } from './weighed-inventory-estimator.ts';

const goods = ['COLA', 'CHIP'].map((sku) => ({ sku, spreadPercent: 0.5 }));

/** A scale whose noise makes each of its reports another one, each so many ms; tags each 100 ms; the screen asks each 50. */
function cabinetAt(periodMs: number) {
  const random = new SeededRandom(periodMs);
  const estimator = new WeighedInventoryEstimator(() => taggedCatalog, { lanes: [{ lane: 1, goods }] });
  const heard = ['A001', 'A002', 'B001', 'F001'];
  const shelf = { grams: 2_000, isAsked: false };
  let nowMs = 0;
  let nextMs = 0;
  const run = (ms: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 10) {
      const atMs = nowMs;
      if (nowMs % 100 === 0) {
        const reads = heard.map((epc) => ({ epc, atMs }));
        estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
      }
      if (nowMs >= nextMs) {
        nextMs += periodMs;
        const milligrams = Math.round((shelf.grams + 2 * (random.unit() + random.unit() - 1)) * 1000);
        estimator.observe({
          ...{ kind: 'weight', deviceId: 'lane-1', atMs, lane: 1, state: 'ok' },
          ...{ milligrams, isStable: true },
        });
      }
      if (shelf.isAsked && nowMs % 50 === 0) estimator.estimate(nowMs);
    }
  };
  return { estimator, shelf, run, now: () => nowMs };
}

it.each([100, 110, 150, 190, 250, 400, 900])(
  'a scale that reports each %i ms is heard: goods whose tag was torn off and left behind are not free',
  (periodMs) => {
    const { estimator, shelf, run, now } = cabinetAt(periodMs);
    const door = (state: 'open' | 'closed'): void => {
      estimator.observe({ kind: 'door', deviceId: 'lock', atMs: now(), door: state });
    };
    door('closed');
    run(6_000);
    expect(estimator.baseline({ force: true, nowMs: now() })).not.toBeNull();
    door('open');
    shelf.isAsked = true;
    run(500);
    shelf.grams -= 500;
    run(4_000);
    door('closed');
    estimator.startFinal(now());
    run(Math.max(2_000, 5 * periodMs));
    const reading = estimator.final({ force: false, nowMs: now() });
    const counts = [...(reading?.absent ?? []), ...(reading?.unseen ?? [])].map(({ quantity }) => quantity);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  },
);
