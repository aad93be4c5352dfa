import fc from 'fast-check';
import { shelfAnswers } from '../../shared/model/shelf-question.ts';
import { describe, expect, test } from 'vitest';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { amountMaxMinor, minor, sumMinor } from '../../shared/money.ts';
import type { BaselineInventory, InventoryLine } from '../recognition/inventory.ts';
import { expiredIn, quantityOf, sumOf, withExpired } from '../recognition/inventory.ts';
import { anyFrozen } from '../../testkit/core/promotions.ts';
import { type Bill, type BillInput, heldBackOf, makeBasket, makeBill } from './basket.ts';

const skus = ['COLA', 'CHIP', 'WINE'] as const;
const { products } = catalogSchema.parse({
  version: 'v1',
  currency: 'CNY',
  products: skus.map((sku, i) => ({
    ...{ sku, name: { zh: sku, en: sku }, priceMinor: [350, 780, 20_000_000][i], weightG: 1, picture: 'x' },
  })),
  tags: [],
});
const line = (sku: string | null, quantity: number): InventoryLine => ({
  ...{ sku, quantity, confidence: 1, sources: ['tags'] },
});
const linesOf = (quantities: Readonly<Record<string, number>>): InventoryLine[] =>
  Object.entries(quantities).flatMap(([sku, quantity]) => (quantity === 0 ? [] : [line(sku, quantity)]));
const shelf = (quantities: Readonly<Record<string, number>>): BaselineInventory => ({
  ...{ catalogVersion: 'v1', currency: 'CNY', products, lines: linesOf(quantities) },
});
/** Two colas and one bag of chips were there; a cola was taken, shown and is gone for certain. */
const plain: BillInput = {
  baseline: shelf({ COLA: 2, CHIP: 1 }),
  final: { absent: [line('COLA', 1)], unsure: [] },
  shown: [line('COLA', 1)],
  shownAtClose: [line('COLA', 1)],
  confirmed: null,
  reported: [],
  afterAbandoned: [],
};
const countsOf = (lines: Bill['lines']): Record<string, number> =>
  Object.fromEntries(lines.map(({ sku, count }) => [sku, count]));
const shortOf = ({ lines, heldLines, review }: Bill) => [countsOf(lines), countsOf(heldLines), review];

describe('the bill', () => {
  test.each<[string, Partial<BillInput>, unknown[]]>([
    ['what was shown and is gone: billed', {}, [{ COLA: 1 }, {}, []]],
    [
      'what became certain after the door shut: held',
      { final: { absent: [line('COLA', 2)], unsure: [] } },
      [{ COLA: 1 }, { COLA: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      'what was put back before the end: not billed, not held',
      { final: { absent: [], unsure: [] } },
      [{}, {}, []],
    ],
    [
      'what the shopper reported: held',
      { reported: ['COLA'] },
      [{}, { COLA: 1 }, ['recognition.line_reported']],
    ],
    [
      'shown and not heard again, not confirmed: held',
      { final: { absent: [], unsure: [line('COLA', 1)] } },
      [{}, { COLA: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      'shown, confirmed and not heard again: billed',
      { final: { absent: [], unsure: [line('COLA', 1)] }, confirmed: [line('COLA', 1)] },
      [{ COLA: 1 }, {}, []],
    ],
    [
      'more than was confirmed: the rest is held',
      { final: { absent: linesOf({ COLA: 2, CHIP: 1 }), unsure: [] }, confirmed: [line('COLA', 1)] },
      [{ COLA: 1 }, { COLA: 1, CHIP: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      'what left while nobody looked after the open door: held',
      { afterAbandoned: [line('COLA', 1)] },
      [{}, { COLA: 1 }, ['recognition.door_left_open']],
    ],
    [
      'left while nobody watched, and others while nobody looked after the open door: both are held',
      {
        baseline: shelf({ COLA: 9 }),
        final: { absent: [line('COLA', 6)], unsure: [], unwatched: [line('COLA', 2)] },
        shownAtClose: [line('COLA', 6)],
        attended: [line('COLA', 1)],
      },
      [{ COLA: 1 }, { COLA: 5 }, ['recognition.door_left_open']],
    ],
    [
      'no final reading: what was shown is billed, and a human looks',
      { final: null },
      [{ COLA: 1 }, {}, ['recognition.reader_lost']],
    ],
    [
      'more than was there: never',
      { baseline: shelf({ COLA: 1 }), final: { absent: [line('COLA', 3)], unsure: [] }, shownAtClose: null },
      [{ COLA: 1 }, {}, []],
    ],
    ['goods of no product: no line', { final: { absent: [line(null, 1)], unsure: [] } }, [{}, {}, []]],
  ])('%s', (_, input, expected) => {
    const bill = makeBill({ ...plain, ...input });
    expect(shortOf(bill)).toEqual(expected);
  });
});

describe('what the shopper has answered', () => {
  const which = { sku: 'CHIP', count: 1, or: 'COLA' };
  const listed: Partial<BillInput> = { shown: [line('COLA', 1)], shownAtClose: [line('COLA', 1)] };
  const chip = { absent: [line('CHIP', 1)], unsure: [] };

  test.each<[string, Partial<BillInput>, unknown[]]>([
    [
      'the other one of two than stood on the list: billed in its place',
      { ...listed, question: which, answered: 'this', final: chip },
      [{ CHIP: 1 }, {}, []],
    ],
    [
      'the list was confirmed before they were asked: the answer counts',
      { ...listed, confirmed: [line('COLA', 1)], question: which, answered: 'this', final: chip },
      [{ CHIP: 1 }, {}, []],
    ],
    [
      'what stood beside it, and not on the list',
      { ...listed, question: { sku: 'COLA', count: 1, or: 'CHIP' }, answered: 'other', final: chip },
      [{ CHIP: 1 }, {}, []],
    ],
    [
      'a piece for a piece: what else has left is held',
      {
        ...listed,
        ...{ question: which, answered: 'this' },
        final: { absent: [line('CHIP', 1), line('COLA', 1)], unsure: [] },
      },
      [{ CHIP: 1 }, { COLA: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      'of one article, where nothing stood on the list: it adds nothing',
      { ...listed, shownAtClose: [], question: { ...which, or: null }, answered: 'this', final: chip },
      [{}, { CHIP: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      'nothing yet: held',
      { ...listed, question: which, answered: null, final: chip },
      [{}, { CHIP: 1 }, ['recognition.differs_from_confirmed']],
    ],
    [
      '"neither": held',
      { ...listed, question: which, answered: 'neither', final: chip },
      [{}, { CHIP: 1 }, ['recognition.differs_from_confirmed']],
    ],
  ])('%s', (_, input, expected) => {
    expect(shortOf(makeBill({ ...plain, ...input }))).toEqual(expected);
  });
});

describe('goods past their best-before day', () => {
  const expired = { ...plain.baseline, expired: [{ sku: 'COLA', quantity: 1 }] };
  const two = [line('COLA', 2)];

  test('the first that is taken is held with its reason, the next is billed', () => {
    expect(shortOf(makeBill({ ...plain, baseline: expired }))).toEqual([
      {},
      { COLA: 1 },
      ['recognition.expired'],
    ]);
    const both = { ...plain, baseline: expired, shown: two, shownAtClose: two };
    const bill = makeBill({ ...both, final: { absent: two, unsure: [] }, confirmed: two });
    expect(shortOf(bill)).toEqual([{ COLA: 1 }, { COLA: 1 }, ['recognition.expired']]);
  });

  test('the screen says how many, asks nothing, and has them in no number', () => {
    const taken = { afterAbandoned: [], unwatched: [], baseline: expired, taken: two };
    const basket = makeBasket(expired, { taken: two, added: [] }, [], 1, heldBackOf(taken));
    expect(basket).toMatchObject({
      totalMinor: 350,
      lines: [{ sku: 'COLA', count: 2, expiredCount: 1, confidence: 'certain' }],
    });
  });

  test('known by its tag: the other piece is billed, and the old one is held whenever it leaves', () => {
    const named = (n: number, quantity = 1) => [{ ...line('COLA', quantity), expired: n }];
    const billOf = (taken: InventoryLine[]) =>
      shortOf(
        makeBill({
          ...{ ...plain, baseline: expired, shown: taken, shownAtClose: taken, confirmed: taken },
          final: { absent: taken, unsure: [] },
        }),
      );
    expect(billOf(named(0))).toEqual([{ COLA: 1 }, {}, []]);
    expect(billOf(named(1))).toEqual([{}, { COLA: 1 }, ['recognition.expired']]);
    expect(billOf(named(1, 2))).toEqual([{ COLA: 1 }, { COLA: 1 }, ['recognition.expired']]);
    // A second line of it of which no tag says anything: as if the oldest were the first to go.
    const unseen = { absent: named(0), unsure: [], unseen: [line('COLA', 1)] };
    expect(shortOf(makeBill({ ...plain, baseline: expired, final: unseen }))[1]).toMatchObject({ COLA: 2 });
    const basket = makeBasket(expired, { taken: named(0), added: [] }, [], 1);
    expect(basket).toMatchObject({ totalMinor: 350, lines: [{ count: 1 }] });
    expect(basket.lines[0]).not.toHaveProperty('expiredCount');
  });

  test('what was not taken is on no bill, and never more than lies there counts', () => {
    expect(shortOf(makeBill({ ...plain, baseline: expired, final: { absent: [], unsure: [] } }))).toEqual([
      {},
      {},
      [],
    ]);
    expect(
      withExpired(
        shelf({ COLA: 1 }),
        new Map([
          ['COLA', 9],
          ['CHIP', 2],
        ]),
      ).expired,
    ).toEqual([{ sku: 'COLA', quantity: 1 }]);
  });
});

const quantities = fc.record({ COLA: fc.nat(6), CHIP: fc.nat(6), WINE: fc.nat(30) });
const some = quantities.map(linesOf);
const anyBill: fc.Arbitrary<Required<BillInput>> = fc.record({
  baseline: fc
    .tuple(quantities, fc.option(quantities), anyFrozen(skus))
    .map(([lines, expired, promotions]) => ({
      ...withExpired(shelf(lines), new Map(Object.entries(expired ?? {}))),
      ...(promotions !== null && { promotions }),
    })),
  final: fc.option(fc.record({ absent: some, unsure: some, unseen: some, unwatched: some })),
  shown: some,
  shownAtClose: fc.option(some),
  confirmed: fc.option(some),
  reported: fc.subarray([...skus]),
  afterAbandoned: some,
  unwatched: some,
  attended: fc.option(some),
  doorWasOpen: fc.boolean(),
  isOverdue: fc.boolean(),
  question: fc.option(
    fc.record({
      sku: fc.constantFrom(...skus),
      count: fc.integer({ min: 1, max: 3 }),
      or: fc.option(fc.constantFrom(...skus)),
    }),
  ),
  answered: fc.constantFrom(null, ...shelfAnswers),
});

test('whatever sensors and shoppers say: no article is billed above what was there, shown, or confirmed', () => {
  fc.assert(
    fc.property(anyBill, (input) => {
      const bill = makeBill(input);
      const { baseline, confirmed, shownAtClose, reported, question, answered } = input;
      const billedOf = (sku: string) => bill.lines.find((one) => one.sku === sku)?.count ?? 0;
      // Of two that were asked about, one may take the other's place.
      const or = answered === null || answered === 'neither' ? null : (question?.or ?? null);
      const pair = question === null || or === null ? [] : [...new Set([question.sku, or])];
      for (const { sku, count } of bill.lines) {
        expect(count).toBeLessThanOrEqual(quantityOf(baseline.lines, sku) - expiredIn(baseline, sku));
        expect(reported).not.toContain(sku);
        for (const ceiling of [confirmed, shownAtClose]) {
          if (ceiling === null) continue;
          const together = pair.includes(sku) ? pair : [sku];
          const [billed, most] = [billedOf, (one: string) => quantityOf(ceiling, one)].map((of) =>
            together.reduce((sum, one) => sum + of(one), 0),
          );
          expect(billed).toBeLessThanOrEqual(most ?? 0);
        }
      }
      expect(bill.totalMinor).toBe(sumMinor(bill.lines.map(({ amountMinor }) => amountMinor)));
      expect(bill.totalMinor).toBeLessThanOrEqual(amountMaxMinor);
      if (bill.heldLines.length > 0) expect(bill.review).not.toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('what is gone for certain is billed or held, piece by piece: nothing leaves without a word', () => {
  fc.assert(
    fc.property(anyBill, (input) => {
      const { lines, heldLines } = makeBill(input);
      for (const sku of skus) {
        const gone = Math.min(
          quantityOf(input.final?.absent ?? [], sku),
          quantityOf(input.baseline.lines, sku),
        );
        const named = [...lines, ...heldLines].filter((one) => one.sku === sku);
        const namedCount = named.reduce((sum, one) => sum + one.count, 0);
        // Of the dearest no line takes them all.
        const isBeyondAmounts = sku === 'WINE';
        if (!isBeyondAmounts) expect(namedCount).toBeGreaterThanOrEqual(gone);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the number on the screen is what is billed at most, also where it meets the largest amount', () => {
  fc.assert(
    fc.property(anyBill, fc.boolean(), ({ final, ...input }, isConfirmed) => {
      const { baseline, shown: taken, reported } = input;
      const shown = makeBasket(baseline, { taken, added: [] }, reported, 1, heldBackOf({ ...input, taken }));
      const confirmed = isConfirmed ? taken : null;
      const reading = final === null ? null : { ...final, unwatched: [] };
      const asShown = {
        ...input,
        final: reading,
        shownAtClose: taken,
        confirmed,
        attended: null,
        answered: null,
      };
      expect(makeBill(asShown).totalMinor).toBeLessThanOrEqual(shown.totalMinor);
    }),
    { numRuns: 5_000 },
  );
});

const offOf = ({ discounts = [] }: { discounts?: { amountMinor: number }[] | undefined }): number =>
  discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);

describe('with promotions', () => {
  const half = {
    id: 'half',
    name: { zh: '半价', en: 'half' },
    rule: { kind: 'second_half' as const, skus: ['COLA'] },
  };
  const two = [line('COLA', 2)];
  const baseline = { ...shelf({ COLA: 3, CHIP: 1 }), promotions: { version: 3, rules: [half] } };
  const bought = { ...plain, baseline, final: { absent: two, unsure: [] }, shown: two, shownAtClose: two };

  test('each line at its own price adds up, whatever is billed and held, and the basket is not above it', () => {
    fc.assert(
      fc.property(anyBill, (input) => {
        const { lines, heldLines } = makeBill(input);
        for (const one of [...lines, ...heldLines])
          expect(one.amountMinor).toBe(one.unitPriceMinor * one.count - offOf(one));
        const { shown: taken, baseline: there, reported } = input;
        const basket = makeBasket(there, { taken, added: [] }, reported, 1, heldBackOf({ ...input, taken }));
        const charged = basket.lines.reduce((sum, { chargedMinor = 0 }) => sum + chargedMinor, 0);
        expect(charged).toBe(basket.totalMinor);
        for (const one of basket.lines) expect(one.chargedMinor ?? 0).toBeLessThanOrEqual(one.amountMinor);
      }),
      { numRuns: 1_000 },
    );
  });

  test('all that left together costs what it costs when it is bought, or less', () => {
    fc.assert(
      fc.property(anyBill, (input) => {
        const { lines, heldLines } = makeBill(input);
        const counts = [...lines, ...heldLines].map(({ sku, count }) => line(sku, count));
        const taken = sumOf(counts.slice(0, lines.length), counts.slice(lines.length));
        const whole = makeBasket(input.baseline, { taken, added: [] }, [], 1);
        const named = [...lines, ...heldLines].reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        const grossMinor = [...lines, ...heldLines].reduce(
          (sum, one) => sum + one.unitPriceMinor * one.count,
          0,
        );
        if (grossMinor <= amountMaxMinor) expect(named).toBeLessThanOrEqual(whole.totalMinor);
      }),
      { numRuns: 1_000 },
    );
  });

  test('two, of which the second is half: in the basket, on the bill', () => {
    const { lines, totalMinor, savedMinor } = makeBasket(baseline, { taken: two, added: [] }, [], 1);
    expect([totalMinor, savedMinor]).toEqual([525, 175]);
    expect(lines[0]).toMatchObject({ amountMinor: 525, discounts: [{ id: 'half', amountMinor: 175 }] });
    expect(makeBill(bought)).toMatchObject({ totalMinor: 525, lines: [{ count: 2, amountMinor: 525 }] });
  });

  test('one of the two is held: each at its own price, and together what both cost', () => {
    const bill = makeBill({ ...bought, afterAbandoned: [line('COLA', 1)] });
    // 87.5 each: rounded in favour of whoever pays for the first.
    expect(bill.lines).toMatchObject([{ count: 1, amountMinor: 262, discounts: [{ amountMinor: 88 }] }]);
    expect(bill.heldLines).toMatchObject([{ count: 1, amountMinor: 263, discounts: [{ amountMinor: 87 }] }]);
  });

  test('what is found beyond the screen, and would make a better bundle, makes what was shown no dearer', () => {
    const rule = { kind: 'bundle' as const, skus: [...skus], count: 2, priceMinor: minor(1_000) };
    const promotions = { version: 1, rules: [{ ...half, rule }] };
    const dear = products.map((one) => ({ ...one, priceMinor: minor(one.sku === 'WINE' ? 1_200 : 800) }));
    const there = { ...shelf({ COLA: 1, CHIP: 1, WINE: 1 }), promotions, products: dear };
    const shown = linesOf({ COLA: 1, CHIP: 1 });
    const absent = linesOf({ COLA: 1, CHIP: 1, WINE: 1 });
    const input = { ...plain, baseline: there, final: { absent, unsure: [] }, shown, shownAtClose: shown };
    expect(makeBill(input)).toMatchObject({
      totalMinor: 1_000,
      heldLines: [{ sku: 'WINE', amountMinor: 600 }],
    });
  });

  test('a free visit counts all, and costs nothing', () => {
    const free = { version: 1, rules: [{ ...half, rule: { kind: 'free' as const } }] };
    const bill = makeBill({ ...bought, baseline: { ...baseline, promotions: free } });
    expect(bill).toMatchObject({ totalMinor: 0, lines: [{ count: 2, unitPriceMinor: 350, amountMinor: 0 }] });
    const basket = makeBasket({ ...baseline, promotions: free }, { taken: two, added: [] }, [], 1);
    expect(basket).toMatchObject({ totalMinor: 0, savedMinor: 700, itemCount: 2, free: half.name });
  });
});
