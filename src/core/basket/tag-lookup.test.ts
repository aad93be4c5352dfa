import { describe, expect, it } from 'vitest';
import { encodeSgtin96 } from '../../shared/epc.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { emptyBasket, makeBasket, makeBill } from './basket.ts';
import { type InventoryLine, makeBaseline } from '../recognition/inventory.ts';
import { makeTagLookup } from './tag-lookup.ts';

const name = { zh: '水', en: 'Water' };
const product = (sku: string, gtin?: string): object => ({
  sku,
  name,
  priceMinor: 200,
  weightG: 500,
  picture: 'water',
  ...(gtin === undefined ? {} : { gtin }),
});
function catalogOf(products: object[], tags: { epc: string; sku: string }[] = []): Catalog {
  return catalogSchema.parse({ version: 'v', currency: 'CNY', products, tags });
}
function epcOf(gtin: string, serial: number): string {
  const epc = encodeSgtin96({ gtin, prefixDigits: 7, filter: 1, serial });
  if (!epc.ok) throw new Error(epc.error.message);
  return epc.value;
}
const gtin = '6901234567892';

describe('which product a tag hangs on', () => {
  it('the GTIN in its number says so, whatever the serial number', () => {
    const lookup = makeTagLookup(catalogOf([product('water', gtin), product('tea')]));
    expect(lookup(epcOf(gtin, 1))?.sku).toBe('water');
    expect(lookup(epcOf(gtin, 999_999))?.sku).toBe('water');
    expect(lookup('3035A537C837754000000001')?.sku).toBe('water');
  });

  it('the table of tags comes first, also where it names a product that is not sold any more', () => {
    const [tea, gone] = [epcOf(gtin, 7), epcOf(gtin, 8)];
    const lookup = makeTagLookup(
      catalogOf(
        [product('water', gtin), product('tea')],
        [
          { epc: tea, sku: 'tea' },
          { epc: gone, sku: 'cake' },
        ],
      ),
    );
    expect(lookup(tea)?.sku).toBe('tea');
    expect(lookup(gone)).toBeNull();
  });

  it('a number of 96 bits followed by nothing but zeros is the same number, in the tag and in the table', () => {
    const long = '30347A18840002800000004D00000000';
    const short = long.slice(0, 24);
    const byNumber = makeTagLookup(catalogOf([product('water', '02000417000103')]));
    const inTable = (epc: string) =>
      makeTagLookup(catalogOf([product('tea'), product('water', '02000417000103')], [{ epc, sku: 'tea' }]));
    for (const epc of [short, long, `${short}0000`, `${short}${'0'.repeat(40)}`]) {
      expect(byNumber(epc)?.sku).toBe('water');
      expect(inTable(short)(epc)?.sku).toBe('tea');
      expect(inTable(long)(epc)?.sku).toBe('tea');
    }
    for (const epc of [`${short}0001`, `${short}00000001`, short.slice(0, 20)])
      expect(byNumber(epc)).toBeNull();
    // Of another scheme: where its number ends is not known.
    const other = makeTagLookup(
      catalogOf([product('tea')], [{ epc: 'E28011606000020000000001', sku: 'tea' }]),
    );
    expect(other('E280116060000200000000010000')).toBeNull();
  });

  it('one tag on two products names neither, nor does one product at two prices', () => {
    const epc = epcOf(gtin, 9);
    const onTwo = [
      { epc, sku: 'tea' },
      { epc: `${epc}0000`, sku: 'water' },
    ];
    expect(makeTagLookup(catalogOf([product('water', gtin), product('tea')], onTwo))(epc)).toBeNull();
    const twice = [product('water', gtin), { ...product('water', gtin), priceMinor: 300 }];
    expect(makeTagLookup(catalogOf(twice, [{ epc, sku: 'water' }]))(epc)).toBeNull();
    expect(makeTagLookup(catalogOf(twice))(epc)).toBeNull();
    // Said twice alike it is no contradiction.
    const same = [0, 1].map(() => ({ epc, sku: 'tea' }));
    expect(makeTagLookup(catalogOf([product('tea')], same))(epc)?.sku).toBe('tea');
  });

  it('what is not certain stays unknown', () => {
    const other = epcOf('6921168509300', 1);
    const lookup = makeTagLookup(catalogOf([product('water', gtin)]));
    for (const epc of [other, 'E28011606000020000000001', '300000000000000000000000', 'ABCD', '']) {
      expect(lookup(epc)).toBeNull();
    }
    // Two products with one GTIN; a GTIN whose check digit is wrong.
    expect(
      makeTagLookup(catalogOf([product('a', gtin), product('b', `0${gtin}`)]))(epcOf(gtin, 1)),
    ).toBeNull();
    expect(makeTagLookup(catalogOf([product('a', '6901234567893')]))(epcOf(gtin, 1))).toBeNull();
  });
});

describe('a visit with SGTIN tags that no table knows', () => {
  const catalog = catalogOf([product('water', gtin)]);
  const [one, two, foreign, raw] = [
    epcOf(gtin, 1),
    epcOf(gtin, 2),
    epcOf(gtin, 3),
    'E28011606000020000000001',
  ];
  const lookup = makeTagLookup(catalog);
  const linesOf = (epcs: string[]): InventoryLine[] =>
    ['water', null].flatMap((sku) => {
      const quantity = epcs.filter((epc) => (lookup(epc)?.sku ?? null) === sku).length;
      return quantity === 0 ? [] : [{ sku, quantity, confidence: 1, sources: ['tags'] }];
    });
  const shelf = makeBaseline(linesOf([one, two, raw]), catalog);

  it('shows and bills them, and never the unknown ones', () => {
    const evidence = { taken: linesOf([one, two, raw]), added: linesOf([foreign]) };
    const basket = makeBasket(shelf, evidence, [], emptyBasket.revision);
    expect(basket.lines.map((line) => [line.sku, line.count])).toEqual([['water', 2]]);
    expect(basket.unknownTakenCount).toBe(1);
    expect(basket.foreign).toMatchObject([{ sku: 'water', quantity: 1 }]);
    const bill = makeBill({
      baseline: shelf,
      final: { absent: evidence.taken, unsure: [] },
      shown: evidence.taken,
      confirmed: evidence.taken,
      reported: [],
      afterAbandoned: [],
    });
    expect(bill.totalMinor).toBe(400);
    expect(bill.heldLines).toEqual([]);
  });
});
