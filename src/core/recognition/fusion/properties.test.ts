import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FusedCabinet } from '../../../testkit/core/fused-cabinet.ts';
import { FusedEstimator } from './fused-estimator.ts';
import type { FusedObservation } from './fused-observation.ts';
import { joinLanes } from './joint-posterior.ts';
import type { LaneEvidence, LaneHypothesis } from './lane-evidence.ts';
import { lanePosterior } from './lane-posterior.ts';

const article = fc.record({
  sku: fc.constant(''),
  weightG: fc.integer({ min: 40, max: 650 }),
  spread: fc.double({ min: 0.003, max: 0.02, noNaN: true }),
  silent: fc.array(fc.constantFrom(1e-4, 1e-3, 0.02, 0.2), { maxLength: 3 }).map((all) => all.sort()),
  heard: fc.integer({ min: 0, max: 3 }),
  untagged: fc.integer({ min: 0, max: 2 }),
  seen: fc.constantFrom(null, { changed: 0.97, named: 0.95 }, { changed: 0.02, named: 0.5 }),
  isCodeShown: fc.boolean(),
});
const lane = (articles: number): fc.Arbitrary<LaneEvidence> =>
  fc
    .record({
      articles: fc.array(article, { minLength: articles, maxLength: articles }),
      steps: fc.array(fc.integer({ min: -1300, max: 700 }), { maxLength: 3 }),
      isWeighed: fc.boolean(),
      incoming: fc.array(fc.integer({ min: 40, max: 650 }), { maxLength: 2 }),
    })
    .map(({ articles: of, steps, isWeighed, incoming }) => ({
      lane: 'L',
      articles: of.map((one, i) => ({ ...one, sku: `S${i}` })),
      weight: isWeighed ? { stepsG: steps, sigmaG: 2.2, nonsense: 0.02 } : null,
      shadow: 0.005,
      elsewhereChance: 0.03,
      incoming: isWeighed ? incoming.map((weightG, i) => ({ sku: `I${i}`, weightG, spread: 0.01 })) : [],
      decided: of.map(() => 0),
    }));

it('the posterior sums to one, with what was left out', () => {
  fc.assert(
    fc.property(lane(3), fc.boolean(), (evidence, mayBeLost) => {
      const [cluster] = joinLanes([{ evidence, posterior: lanePosterior(evidence) }], mayBeLost);
      const sum = cluster!.accounts.reduce((all, { probability }) => all + probability, cluster!.leftOut);
      expect(sum).toBeCloseTo(1, 9);
    }),
    { numRuns: 100 },
  );
});

it('the bound holds: no other account, wherever one looks, has more than was said to be left out', () => {
  const keyOf = (h: LaneHypothesis): string => JSON.stringify([h.taken, h.elsewhere, h.incoming]);
  fc.assert(
    fc.property(lane(2), (evidence) => {
      const first = lanePosterior(evidence);
      const known = new Set(first.hypotheses.map(keyOf));
      const others = new Map<string, number>();
      const most = evidence.articles.map((a) => a.silent.length + a.heard + a.untagged);
      for (let a = 0; a <= most[0]!; a++)
        for (let b = 0; b <= most[1]!; b++)
          for (const h of lanePosterior({ ...evidence, decided: [a, b] }).hypotheses)
            if (!known.has(keyOf(h))) others.set(keyOf(h), h.mass);
      const sum = [...others.values()].reduce((all, mass) => all + mass, 0);
      // Beyond what numbers of this length can tell apart.
      const whole = first.hypotheses.reduce((all, { mass }) => all + mass, 0);
      expect(sum).toBeLessThanOrEqual(first.leftOut * (1 + 1e-9) + whole * 1e-12);
    }),
    { numRuns: 40 },
  );
});

const acts = fc.array(
  fc.record({
    kind: fc.constantFrom('take', 'silence', 'load', 'torn', 'see', 'put'),
    sku: fc.constantFrom('TEA', 'COLA', 'SODA', 'NUTS', 'MILK', 'JUICE', 'RICE', 'MINT'),
    other: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 1, maxLength: 4 },
);
type Acts = typeof acts extends fc.Arbitrary<infer T> ? T : never;

/** Returns how many of each truly left. */
function play(cabinet: FusedCabinet, of: Acts): Map<string, number> {
  const taken = new Map<string, number>();
  const note = (sku: string, count: number): unknown => taken.set(sku, (taken.get(sku) ?? 0) + count);
  for (const { kind, sku, other } of of) {
    if (kind === 'take' || kind === 'torn') {
      if ((taken.get(sku) ?? 0) >= 4) continue;
      cabinet.take(sku, { torn: kind === 'torn' });
      note(sku, 1);
    } else if (kind === 'put') {
      if ((taken.get(sku) ?? 0) === 0) continue;
      cabinet.put(sku, other);
      note(sku, -1);
    } else if (kind === 'silence') cabinet.silence(sku, 3);
    else if (kind === 'load') cabinet.load(other, 40 + 150 * other);
    else cabinet.see(sku, 0.97, other === 0 ? 0.03 : 0.95);
    cabinet.rest(1_800);
  }
  return taken;
}

it('bills nothing that no sensor supports', () => {
  fc.assert(
    fc.property(acts, fc.subarray(['tags', 'scales', 'cameras'] as const), (of, has) => {
      const cabinet = new FusedCabinet({
        tags: has.includes('tags'),
        scales: has.includes('scales'),
        cameras: has.includes('cameras'),
      });
      play(cabinet, of);
      cabinet.estimator.confirm();
      cabinet.end();
      for (const { decision, witnesses } of cabinet.estimator.verdict().lines)
        if (decision === 'bill') {
          expect(Object.values(witnesses)).toContain('for');
          expect(Object.values(witnesses)).not.toContain('against');
        }
    }),
    { numRuns: 40 },
  );
});

it.each(['scales', 'cameras'] as const)('dead %s make nothing surer, and bill nothing more', (dead) => {
  fc.assert(
    fc.property(acts, (of) => {
      const [without, added] = [false, true].map((isThere) => {
        const cabinet = new FusedCabinet({ scales: false, cameras: false, [dead]: isThere });
        for (const device of ['scale-0', 'scale-1', 'scale-2', 'camera']) cabinet.lose(device);
        play(cabinet, of);
        cabinet.end();
        return cabinet.estimator.verdict().lines;
      });
      for (const { sku, probability, decision } of added!) {
        const before = without!.find((one) => one.sku === sku);
        expect(probability).toBeLessThanOrEqual((before?.probability ?? 0) + 1e-9);
        if (decision === 'bill') expect(before?.decision).toBe('bill');
      }
    }),
    { numRuns: 25 },
  );
});

it('the order of observations within an instant does not matter', () => {
  const goods = [
    { sku: 'A', weightG: 200, spread: 0.01 },
    { sku: 'B', weightG: 300, spread: 0.01 },
  ];
  const layout = {
    articles: goods,
    lanes: [{ lane: 'L', skus: ['A', 'B'], scale: 's', antennas: ['a', 'b'], camera: 'c' }],
  };
  const stock = goods.map(({ sku }) => ({ sku, tags: [`${sku}1`, `${sku}2`], untagged: 0 }));
  const silent = (...epcs: string[]) => epcs.map((epc) => ({ epc, missChance: 1e-5 }));
  const instants: FusedObservation[][] = [0, 100, 200, 300, 3_000, 3_100, 3_200, 3_300].map((atMs) => {
    const gone = atMs >= 3_000;
    const from = { atMs, listenedSinceMs: atMs - 500, strays: [] };
    return [
      // One: a scale says nothing twice at once.
      { kind: 'weight', deviceId: 's', atMs, grams: gone ? 801 : 1000 + (atMs % 200) / 100, isStable: true },
      { kind: 'tags', deviceId: 'a', ...from, silent: gone ? silent('A1', 'B2') : [] },
      { kind: 'tags', deviceId: 'a', ...from, silent: gone ? silent('A1') : [] },
      { kind: 'tags', deviceId: 'b', ...from, silent: gone ? silent('A1') : silent('B1') },
      { kind: 'pictures', deviceId: 'c', atMs, views: [{ sku: 'A', changed: gone ? 0.9 : 0.1, named: 0.8 }] },
      {
        kind: 'pictures',
        deviceId: 'c',
        atMs,
        views: [{ sku: 'A', changed: gone ? 0.95 : 0.02, named: 0.7 }],
      },
    ];
  });
  const verdictOf = (order: readonly FusedObservation[][]): unknown => {
    const estimator = new FusedEstimator(layout);
    for (const [i, all] of order.entries()) {
      for (const one of all) estimator.observe(one);
      if (i === 3) estimator.startVisit(stock, 400);
    }
    return [estimator.verdict(), [...estimator.basket()]];
  };
  const expected = verdictOf(instants);
  const orders = fc.tuple(...instants.map((all) => fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(orders, (order) => {
      expect(verdictOf(order)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

it('an answer moves the odds twentyfold at most', () => {
  const cabinet = new FusedCabinet({ scales: false, cameras: false });
  cabinet.take('TEA');
  cabinet.end();
  const before = cabinet.estimator.verdict().lines[0]!.probability;
  cabinet.estimator.answer(cabinet.estimator.verdict().question!, true);
  const after = cabinet.estimator.verdict().lines[0]!.probability;
  expect(after / (1 - after)).toBeLessThanOrEqual((20 * before) / (1 - before) + 1e-6);
  expect(after).toBeGreaterThan(before);
});
