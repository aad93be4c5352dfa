import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BillLine } from './bill.ts';
import type { DifferenceKind } from './kinds.ts';
import type { OurCharge } from './match.ts';
import { borderMs, match, refundWayMs } from './match.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 20);
const dayCount = 8;
const provider = 'wechat';

/** What a provider, or we, can get wrong about one charge. `shifted`: nothing, but the days differ. */
const faults = [
  ...['none', 'shifted', 'paid_there_not_here', 'paid_here_not_there', 'more', 'less', 'twice_there'],
  ...[
    'other_currency',
    'no_charge_here',
    'unknown_order',
    'refund_there',
    'refund_here',
    'refunded',
    'in_doubt',
    'chargeback',
    'chargeback_in_part',
    'chargeback_reversed',
    'chargeback_refunded',
  ],
] as const;
type Fault = (typeof faults)[number];

const kindOf: Partial<Record<Fault, DifferenceKind>> = {
  paid_there_not_here: 'paid_there_not_here',
  in_doubt: 'paid_there_not_here',
  no_charge_here: 'paid_there_not_here',
  paid_here_not_there: 'paid_here_not_there',
  more: 'other_amount',
  less: 'other_amount',
  twice_there: 'twice_there',
  other_currency: 'other_currency',
  unknown_order: 'unknown_order',
  refund_there: 'refund_there_not_here',
  refund_here: 'refund_here_not_there',
  chargeback: 'chargeback',
  chargeback_in_part: 'chargeback',
  chargeback_refunded: 'chargeback',
};

interface Case {
  readonly fault: Fault;
  readonly day: number;
  readonly minuteOfDay: number;
  readonly amountMinor: number;
}
const caseArb: fc.Arbitrary<Case> = fc.record({
  fault: fc.constantFrom(...faults),
  // So that a refund has its way before the last bill, and the first border is behind.
  day: fc.integer({ min: 1, max: 2 }),
  minuteOfDay: fc.integer({ min: 0, max: 1_439 }),
  amountMinor: fc.integer({ min: 2, max: 100_000 }),
});

function idOf(index: number): string {
  return `KM01KB7ZJ4Q${String(index).padStart(17, '0')}`;
}

/** Both sides of one charge, and the day (from 0) of the bill that each line is in. */
function makeSides({ fault, day, minuteOfDay, amountMinor }: Case, index: number) {
  const chargeId = fault === 'unknown_order' ? `OTHER-${index}` : idOf(index);
  const minuteMs = fault === 'shifted' ? (dayMs - 60_000) / 60_000 : minuteOfDay;
  const paidAtMs = startMs + day * dayMs + minuteMs * 60_000;
  const line: BillLine = {
    ...{ kind: 'payment', orderId: chargeId, ref: `T${index}`, amountMinor, currency: 'CNY' },
    atMs: fault === 'shifted' ? paidAtMs + 120_000 : paidAtMs - 1_000,
  };
  const refund: BillLine = { ...line, kind: 'refund', ref: `R${index}`, amountMinor: 1, atMs: paidAtMs };
  const charge: OurCharge = {
    ...{ chargeId, provider, currency: 'CNY', debitedMinor: amountMinor, inDoubt: false, paidAtMs },
    ...{ refundDueMinor: 0, refundedMinor: 0, refundedAtMs: null },
  };
  const notPaid = { ...charge, debitedMinor: null, paidAtMs: null };
  const paidBack = { ...charge, refundDueMinor: 1, refundedMinor: 1, refundedAtMs: paidAtMs };
  const taken: BillLine = { ...line, kind: 'chargeback', ref: `D${index}` };
  const given: BillLine = { ...taken, kind: 'chargeback_reversed', ref: `E${index}` };
  switch (fault) {
    case 'chargeback':
      return { charge, lines: [line, taken] };
    case 'chargeback_in_part':
      return { charge, lines: [line, taken, { ...given, amountMinor: 1 }] };
    case 'chargeback_reversed':
      return { charge, lines: [line, taken, given] };
    case 'chargeback_refunded':
      return { charge: paidBack, lines: [line, refund, taken] };
    case 'none':
    case 'shifted':
      return { charge, lines: [line] };
    case 'paid_there_not_here':
      return { charge: notPaid, lines: [line] };
    case 'in_doubt':
      return { charge: { ...notPaid, inDoubt: true }, lines: [line] };
    case 'paid_here_not_there':
      return { charge, lines: [] };
    case 'more':
      return { charge, lines: [{ ...line, amountMinor: amountMinor + 1 }] };
    case 'less':
      return { charge, lines: [{ ...line, amountMinor: amountMinor - 1 }] };
    case 'twice_there':
      return { charge, lines: [line, { ...line, ref: `${line.ref}b` }] };
    case 'other_currency':
      return { charge, lines: [{ ...line, currency: 'HKD' }] };
    case 'no_charge_here':
    case 'unknown_order':
      return { charge: null, lines: [line] };
    case 'refund_there':
      return { charge, lines: [line, refund] };
    case 'refund_here':
      return { charge: paidBack, lines: [line] };
    case 'refunded':
      return { charge: paidBack, lines: [line, refund] };
  }
}

it('finds exactly what was put in, whatever the order of the lines and however often a bill is read', () => {
  fc.assert(
    fc.property(fc.array(caseArb, { maxLength: 40 }), fc.boolean(), (cases, isReversed) => {
      const sides = cases.map(makeSides);
      const lines = sides.flatMap((side) => side.lines);
      if (isReversed) lines.reverse();
      const charges = sides.flatMap(({ charge }) => (charge === null ? [] : [charge]));
      const read = { readFromMs: startMs, readUntilMs: startMs + dayCount * dayMs };
      const found = match({ provider, lines: [...lines, ...lines], charges, ...read });
      const wanted = cases.flatMap(({ fault }, i) => {
        const kind = kindOf[fault];
        return kind === undefined ? [] : [`${fault === 'unknown_order' ? `OTHER-${i}` : idOf(i)} ${kind}`];
      });
      expect(found.map(({ orderId, kind }) => `${orderId} ${kind}`).sort()).toEqual(wanted.sort());
      expect(match({ provider, lines, charges, ...read })).toEqual(found);
    }),
  );
});

it('what was paid at the end of a day and stands in the next day’s bill is no difference, on neither day', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: borderMs }),
      fc.integer({ min: 1, max: borderMs }),
      (before, after) => {
        const borderAtMs = startMs + dayMs;
        const { charge, lines } = makeSides({ fault: 'none', day: 0, minuteOfDay: 0, amountMinor: 500 }, 1);
        const charges = charge === null ? [] : [{ ...charge, paidAtMs: borderAtMs - before }];
        const late = lines.map((line) => ({ ...line, atMs: borderAtMs + after - 1 }));
        const first = { readFromMs: startMs - dayMs, readUntilMs: borderAtMs };
        expect(match({ provider, lines: [], charges, ...first })).toEqual([]);
        const second = { ...first, readUntilMs: borderAtMs + dayMs };
        expect(match({ provider, lines: late, charges, ...second })).toEqual([]);
        expect(match({ provider, lines: [], charges, ...second })).toMatchObject([
          { kind: 'paid_here_not_there' },
        ]);
      },
    ),
  );
});

it('a debit that is in doubt at the border waits for the next bill, and a refund for its way', () => {
  const endMs = startMs + dayMs;
  const read = { readFromMs: startMs, readUntilMs: endMs };
  const { charge, lines } = makeSides({ fault: 'in_doubt', day: 0, minuteOfDay: 0, amountMinor: 500 }, 1);
  const charges = charge === null ? [] : [charge];
  const close = lines.map((line) => ({ ...line, atMs: endMs - 1 }));
  expect(match({ provider, lines: close, charges, ...read })).toEqual([]);
  const later = { ...read, readUntilMs: endMs + dayMs };
  expect(match({ provider, lines: close, charges, ...later })).toMatchObject([{ cause: 'in_doubt_here' }]);
  const back = makeSides({ fault: 'refund_here', day: 0, minuteOfDay: 0, amountMinor: 500 }, 2);
  const refunded = back.charge === null ? [] : [back.charge];
  const until = (readUntilMs: number) =>
    match({ provider, lines: back.lines, charges: refunded, readFromMs: startMs, readUntilMs });
  expect(until(startMs + refundWayMs)).toEqual([]);
  expect(until(startMs + refundWayMs + 1)).toMatchObject([
    { kind: 'refund_here_not_there', owner: 'support' },
  ]);
});

it('a refund that has failed is told at once, by what is missing, until that was paid back again', () => {
  const read = { readFromMs: startMs, readUntilMs: startMs + dayMs };
  const sides = makeSides({ fault: 'chargeback_refunded', day: 0, minuteOfDay: 0, amountMinor: 500 }, 1);
  const charges = sides.charge === null ? [] : [{ ...sides.charge, refundDueMinor: 300, refundedMinor: 300 }];
  const [payment, refund] = sides.lines;
  const back = { ...refund!, amountMinor: 300 };
  const failed: BillLine = { ...back, kind: 'refund_failed' };
  const found = (...lines: BillLine[]) => match({ provider, lines: [payment!, ...lines], charges, ...read });
  expect(found(back)).toEqual([]);
  const told = { kind: 'refund_here_not_there', cause: 'refund_failed', owner: 'support', hereMinor: 300 };
  expect(found(back, failed)).toMatchObject([{ ...told, thereMinor: 0 }]);
  // Only its failure is in a bill that was read.
  expect(found(failed)).toMatchObject([{ ...told, thereMinor: 0 }]);
  expect(found(back, failed, { ...back, ref: 'again' })).toEqual([]);
  expect(found(back, failed, { ...back, ref: 'again', amountMinor: 100 })).toMatchObject([
    { ...told, thereMinor: 100 },
  ]);
});

it('what a payer’s bank has taken back is one row, with who looks at it', () => {
  const read = { readFromMs: startMs, readUntilMs: startMs + 3 * dayMs };
  const found = (fault: Fault, isOurs = true) => {
    const { charge, lines } = makeSides({ fault, day: 1, minuteOfDay: 600, amountMinor: 500 }, 1);
    const charges = charge === null || !isOurs ? [] : [charge];
    return match({ provider, lines: isOurs ? lines : lines.slice(1), charges, ...read });
  };
  const there = (thereMinor: number) => ({ kind: 'chargeback', hereMinor: 500, thereMinor });
  const asked = { cause: 'payer_disputes', owner: 'support' };
  expect(found('chargeback')).toMatchObject([{ ...there(500), ...asked }]);
  expect(found('chargeback_in_part')).toMatchObject([{ ...there(499), ...asked }]);
  // Paid back twice: by us, and by the bank.
  expect(found('chargeback_refunded')).toMatchObject([
    { ...there(500), cause: 'refunded_as_well', owner: 'finance' },
  ]);
  expect(found('chargeback', false)).toMatchObject([
    { kind: 'unknown_order', cause: 'not_our_number', owner: 'finance' },
  ]);
});

it('a charge of another provider under that number is not paid here', () => {
  const { charge, lines } = makeSides({ fault: 'none', day: 1, minuteOfDay: 600, amountMinor: 500 }, 1);
  const charges = charge === null ? [] : [{ ...charge, provider: 'alipay' }];
  const read = { readFromMs: startMs, readUntilMs: startMs + 3 * dayMs };
  expect(match({ provider, lines, charges, ...read })).toMatchObject([
    { kind: 'paid_there_not_here', cause: 'other_provider_here', owner: 'system' },
  ]);
});

it('what another merchant has debited or paid back is missed in no bill of this one', () => {
  const read = { readFromMs: startMs, readUntilMs: startMs + 9 * dayMs };
  for (const fault of ['paid_here_not_there', 'refund_here'] as const) {
    const { charge } = makeSides({ fault, day: 1, minuteOfDay: 600, amountMinor: 500 }, 1);
    const charges = charge === null ? [] : [{ ...charge, provider: 'wechat:shanghai' }];
    expect(charges).toHaveLength(1);
    expect(match({ provider, lines: [], charges, ...read })).toEqual([]);
  }
});
