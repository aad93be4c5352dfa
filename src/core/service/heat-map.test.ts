import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heatMapSchema } from '../../shared/model/self-test.schema.ts';
import { type Placing, heatMap } from './heat-map.ts';

const name = (sku: string) => ({ zh: sku, en: sku });
const placing: Placing = {
  slots: [
    { sku: 'tea', slot: '10-1', lane: null },
    { sku: 'water', slot: '2-1', lane: 4 },
    { sku: 'cola', slot: '2-1', lane: 5 },
    { sku: 'cake', slot: null, lane: 2 },
  ],
  nameOf: name,
  skuOf: (epc) => ({ A: 'water', B: 'cola', C: 'gum' })[epc[0] ?? ''] ?? null,
};
const reads = (epc: string, antenna: number | null, count: number) =>
  Array.from({ length: count }, () => ({ epc, antenna }));

test('places in the order of the shelves; a planned one that nobody hears is there with zeros', () => {
  const said = [...reads('A1', 1, 5), ...reads('A2', 2, 1), ...reads('B1', 1, 2), ...reads('X', 2, 3)];
  expect(heatMap([...said, ...reads('C', 1, 4)], [3], placing)).toEqual({
    antennas: [1, 2, 3],
    places: [
      { slot: '2-1', lane: 4, names: [name('water'), name('cola')], tagCount: 3, reads: [7, 1, 0] },
      { slot: '10-1', lane: null, names: [name('tea')], tagCount: 0, reads: [0, 0, 0] },
      { slot: null, lane: 2, names: [name('cake')], tagCount: 0, reads: [0, 0, 0] },
      { slot: null, lane: null, names: [name('gum')], tagCount: 1, reads: [4, 0, 0] },
      { slot: null, lane: null, names: [], tagCount: 1, reads: [0, 3, 0] },
    ],
  });
});

test('a reader that does not tell its antennas apart has one column', () => {
  const map = heatMap(reads('A1', null, 5), [], { ...placing, slots: [] });
  expect(map).toEqual({
    antennas: [],
    places: [{ slot: null, lane: null, names: [name('water')], tagCount: 1, reads: [5] }],
  });
});

test('whatever is read, the map is one that the page takes, and loses no read of a shown antenna', () => {
  const read = fc.record({
    epc: fc.constantFrom('A1', 'A2', 'B1', 'C1', 'X1', 'Y1'),
    antenna: fc.nat({ max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(read, { maxLength: 60 }), (all) => {
      const map = heatMapSchema.parse(heatMap(all, [], placing));
      const sum = map.places.flatMap((one) => one.reads).reduce((a, b) => a + b, 0);
      expect(sum).toBe(all.length);
    }),
  );
});

test('more articles and antennas than there is room for are left out, the tags of nothing are not', () => {
  const many = Array.from({ length: 400 }, (_, i) => ({ epc: `A${i}`, antenna: i % 40 }));
  const unlike = { slots: [], nameOf: name, skuOf: (epc: string) => (epc === 'A0' ? null : epc) };
  const map = heatMapSchema.parse(heatMap(many, [], unlike));
  expect(map.places).toHaveLength(128);
  expect(map.places.at(-1)).toMatchObject({ names: [], tagCount: 1 });
});
