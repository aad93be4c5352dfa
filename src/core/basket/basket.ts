import {
  type Minor,
  addMinor,
  amountMaxMinor,
  minor,
  sumMinor,
  timesMinor,
  zeroMinor,
} from '../../shared/money.ts';
import { z } from 'zod';
import { type BasketLine, basketSchema } from '../../shared/model/basket.schema.ts';
import type { Product } from '../../shared/model/catalog.schema.ts';
import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { freeRuleOf } from '../pricing/pricing.ts';
import type { ShelfAnswer } from '../../shared/model/shelf-question.ts';
import type { ShelfQuestion } from '../recognition/inventory-estimator.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  expiredAmong,
  inventoryLinesSchema,
  leastOf,
  quantityOf,
  sumOf,
} from '../recognition/inventory.ts';
import { type PricedList, atListPrice, covers, priceList, savedOn } from './priced-list.ts';

/** Put in and not of the baseline, as shown at most. */
export const foreignCountMax = 200;

/** The basket as the visit keeps it. What was put in is named when it is shown, by the catalogue of that moment. */
export const visitBasketSchema = basketSchema.extend({
  foreign: inventoryLinesSchema,
});
export type VisitBasket = z.infer<typeof visitBasketSchema>;

export const emptyBasket: VisitBasket = {
  revision: 0,
  lines: [],
  itemCount: 0,
  totalMinor: zeroMinor,
  foreign: [],
  unknownTakenCount: 0,
};

/** How many of an article in these lines; never more than the baseline has of it. */
function countOf(baseline: BaselineInventory, lines: readonly InventoryLine[], sku: string | null): number {
  return Math.min(quantityOf(lines, sku), quantityOf(baseline.lines, sku));
}

/** The lines that belong to a product of the baseline, in catalogue order. */
function byProduct(
  baseline: BaselineInventory,
  lines: readonly InventoryLine[],
): { product: Product; count: number }[] {
  return baseline.products.flatMap((product) => {
    const count = countOf(baseline, lines, product.sku);
    return count === 0 ? [] : [{ product, count }];
  });
}

/**
 * Builds what the shopper sees. Only what was in the baseline makes lines; the rest is shown as foreign or unknown,
 * never billed. The total is what will be charged when the door shuts now: lines that lack in it, wholly or in part,
 * are reported or doubtful. `unattended`: what left while nobody looked after the open door.
 */
export function makeBasket(
  baseline: BaselineInventory,
  { taken, added }: Estimate,
  reported: readonly string[],
  revision: number,
  unattended: readonly InventoryLine[] = [],
): VisitBasket {
  const plain = toLines(baseline, taken);
  const list = priceList(baseline.promotions, plain);
  const lines = plain.map((line): BasketLine => {
    const { sku } = line;
    const expiredCount = expiredAmong(baseline, taken, line);
    // What is past its day is held for that, and nothing about it is in doubt.
    const isDoubtful = quantityOf(unattended, sku) > expiredCount;
    return {
      ...atListPrice(list, line),
      picture: baseline.products.find((product) => product.sku === sku)?.picture ?? '',
      confidence: isDoubtful ? 'doubtful' : isLeaving(taken, sku) ? 'leaving' : 'certain',
      ...(expiredCount > 0 && { expiredCount }),
      reported: reported.includes(sku),
    };
  });
  const free = freeRuleOf(baseline.promotions);
  return {
    revision,
    ...numberOf(lines, unattended),
    itemCount: lines.reduce((n, l) => n + l.count, 0),
    foreign: [...added],
    unknownTakenCount: countOf(baseline, taken, null),
    ...(free !== null && { free: free.name }),
  };
}

/** No tag has agreed yet that all of it has left. */
export function isLeaving(taken: readonly InventoryLine[], sku: string | null): boolean {
  return taken.some((line) => line.sku === sku && !line.sources.includes('tags'));
}

/**
 * What is held whoever agrees: what left an abandoned door, what left while nobody watched (other pieces, so that both count),
 * and of what has left the pieces that are past their day.
 */
export function heldBackOf({
  afterAbandoned,
  unwatched,
  baseline,
  taken,
}: {
  readonly afterAbandoned: readonly InventoryLine[];
  readonly unwatched: readonly InventoryLine[];
  readonly baseline: BaselineInventory | null;
  readonly taken: readonly InventoryLine[];
}): InventoryLine[] {
  const unattended = sumOf(afterAbandoned, unwatched);
  if (baseline?.expired === undefined) return unattended;
  const expired = taken.flatMap((line) => {
    const quantity = expiredAmong(baseline, [line], { sku: line.sku, count: line.quantity });
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
  return sumOf(unattended, expired);
}

/**
 * What is charged of these lines when the door shuts now, line by line and in all, and what promotions take off that. What they
 * take off a line goes with its pieces, whether they are in the number or not.
 */
export function numberOf(
  lines: readonly BasketLine[],
  unattended: readonly InventoryLine[],
): Pick<VisitBasket, 'lines' | 'totalMinor' | 'savedMinor'> {
  // By the catalogue, as the bill counts.
  let grossMinor = zeroMinor;
  let saved = 0;
  const charged = lines.map((line): BasketLine => {
    const { sku, unitPriceMinor, count, reported } = line;
    const inNumber = reported
      ? 0
      : countInNumber(unitPriceMinor, count, quantityOf(unattended, sku), grossMinor);
    const lineMinor = timesMinor(unitPriceMinor, inNumber);
    const list = { counts: new Map([[sku, count]]), discounts: new Map([[sku, line.discounts ?? []]]) };
    const savedMinor = inNumber === 0 ? zeroMinor : savedOn(list, { sku, count: inNumber });
    grossMinor = addMinor(grossMinor, lineMinor);
    saved += savedMinor;
    return { ...line, chargedMinor: minor(lineMinor - savedMinor) };
  });
  const totalMinor = minor(grossMinor - saved);
  return { lines: charged, totalMinor, savedMinor: saved > 0 ? minor(saved) : undefined };
}

/** So many of those that a line shows are in the number on the screen. `numberMinor`: what is in it already. */
function countInNumber(priceMinor: Minor, shown: number, unattended: number, numberMinor: Minor): number {
  const attended = Math.max(countWithin(priceMinor, shown, zeroMinor) - unattended, 0);
  return countWithin(priceMinor, attended, numberMinor);
}

/** So many of `count` at this price that no sum goes over the largest amount. `sumMinor`: what is in it already. */
function countWithin(priceMinor: Minor, count: number, sumMinor: Minor): number {
  return priceMinor === 0 ? count : Math.min(count, Math.floor((amountMaxMinor - sumMinor) / priceMinor));
}

function totalOf(lines: readonly { amountMinor: Minor }[]): Minor {
  return sumMinor(lines.map((l) => l.amountMinor));
}

export interface BillInput {
  baseline: BaselineInventory;
  /** Null when the reader gave no final reading: then what was last shown stands in for it, and a human looks. */
  final: FinalEstimate | null;
  /** What was on screen as taken last. */
  shown: readonly InventoryLine[];
  /** What was on screen as taken when the door shut; null: it was not seen to be open. */
  shownAtClose?: readonly InventoryLine[] | null;
  /** What the shopper confirmed, if that still stood when the door closed. */
  confirmed: readonly InventoryLine[] | null;
  /** SKUs on which the shopper said that something is wrong. */
  reported: readonly string[];
  /** What left while nobody looked after the open door. */
  afterAbandoned: readonly InventoryLine[];
  /** What else left while nobody watched, as far as it was on screen. Absent: none. */
  unwatched?: readonly InventoryLine[];
  /** What had left watched when the staff was told of the open door: all beyond it left unattended. Null: it was not told. */
  attended?: readonly InventoryLine[] | null;
  /** The door was read as open; false: nobody watched it, if it was. */
  doorWasOpen?: boolean;
  /** What was asked once the door had shut, and what the shopper answered to it. */
  question?: ShelfQuestion | null;
  answered?: ShelfAnswer | null;
  /** Staff was told that the visit does not end: a human looks at it, whatever left. */
  isOverdue?: boolean;
}

export interface Bill {
  lines: ChargeLine[];
  heldLines: ChargeLine[];
  totalMinor: Minor;
  review: ReasonCode[];
}

/**
 * What is billed and what only a human may bill. Every doubt is in the shopper's favour: money moves only downward
 * from what was confirmed, or else from what was on screen when the door shut (docs/payments.md#the-bill). What was
 * shown, confirmed and not heard again is billed though the reading is short of certainty. What has left, or may
 * have, and is not billed is held: nothing leaves without a word.
 */
export function makeBill(input: BillInput): Bill {
  const { baseline, final, confirmed } = input;
  const review = new Set<ReasonCode>();
  const billed: InventoryLine[] = [];
  const held: InventoryLine[] = [];
  const absent = final?.absent ?? confirmed ?? input.shown;
  const gone = [...absent, ...(final?.unsure ?? []), ...(final?.unseen ?? [])];
  // The number that stood on the screen, summed up in its order: beside the largest amount, which no bill goes over
  // whatever a catalogue says, it matters which article comes first.
  let numberMinor = zeroMinor;
  for (const { sku, priceMinor } of [...baseline.products, { sku: null, priceMinor: zeroMinor }]) {
    const split = splitOf(input, absent, sku);
    const inNumber =
      sku === null || split.isReported
        ? 0
        : countInNumber(priceMinor, split.shown, split.unattended + split.expired, numberMinor);
    numberMinor = addMinor(numberMinor, timesMinor(priceMinor, inNumber));
    const line = gone.find((one) => one.sku === sku);
    if (line === undefined) continue;
    const count = Math.min(split.billed, inNumber);
    if (count > 0) billed.push({ ...line, quantity: count });
    const heldCount = split.total - count;
    if (heldCount <= 0) continue;
    held.push({ ...line, quantity: heldCount });
    if (split.isReported) review.add('recognition.line_reported');
    else {
      if (split.expired > 0) review.add('recognition.expired');
      if (split.unattended > 0) review.add('recognition.door_left_open');
      if (heldCount > split.unattended + split.expired)
        review.add(
          input.doorWasOpen === false ? 'recognition.door_left_open' : 'recognition.differs_from_confirmed',
        );
    }
  }
  if (input.isOverdue === true) review.add('recognition.door_left_open');
  if (final === null) review.add('recognition.reader_lost');
  const shownLists = [ceilingOf(confirmed, input.shownAtClose ?? null) ?? [], input.shown];
  const { lines, heldLines } = priced(baseline, billed, held, shownLists);
  return { lines, heldLines, totalMinor: totalOf(lines), review: [...review] };
}

/**
 * Each line at its own price, which is what it is billed at, held, reported and paid back at. Promotions look at all that left,
 * whatever is billed of it; what stood on the screen counts instead where that makes what is billed cheaper.
 */
function priced(
  baseline: BaselineInventory,
  billed: readonly InventoryLine[],
  held: readonly InventoryLine[],
  shownLists: readonly (readonly InventoryLine[])[],
): Pick<Bill, 'lines' | 'heldLines'> {
  const [lines, heldLines] = [toLines(baseline, billed), toLines(baseline, held)];
  if (baseline.promotions === undefined) return { lines, heldLines };
  const all = priceList(baseline.promotions, toLines(baseline, sumOf(billed, held)));
  let best = atPriceOf(all, lines);
  for (const shown of shownLists) {
    const list = priceList(baseline.promotions, toLines(baseline, shown));
    if (!covers(list, lines)) continue;
    const asShown = atPriceOf(list, lines);
    if (totalOf(asShown) < totalOf(best)) best = asShown;
  }
  return { lines: best, heldLines: heldLines.map((line) => atListPrice(all, line, true)) };
}

function atPriceOf(list: PricedList, lines: readonly ChargeLine[]): ChargeLine[] {
  return lines.map((line) => atListPrice(list, line));
}

/** Of one article. `shown`: as many as stood on the screen; where none is known, as many as are gone. */
interface Split {
  /** How many left, or may have; how many of them are billed, and how many left while nobody looked. */
  readonly total: number;
  readonly billed: number;
  readonly unattended: number;
  /** Beside those: past their day, so that nobody is asked for them before people have looked. */
  readonly expired: number;
  readonly shown: number;
  readonly isReported: boolean;
}

function splitOf(
  {
    baseline,
    final,
    shown,
    shownAtClose = null,
    confirmed,
    reported,
    afterAbandoned,
    unwatched: unwatchedOnScreen = [],
    attended = null,
    question = null,
    answered = null,
  }: BillInput,
  absent: readonly InventoryLine[],
  sku: string | null,
): Split {
  const most = quantityOf(baseline.lines, sku);
  const gone = countOf(baseline, absent, sku);
  // Only what was shown as taken and was not heard since can be billed in doubt; the rest is `unseen`.
  const shownAndUnsure = Math.max(Math.min(quantityOf(final?.unsure ?? [], sku), quantityOf(shown, sku)), 0);
  const unsure = Math.min(shownAndUnsure, most - gone);
  const total = Math.min(gone + unsure + quantityOf(final?.unseen ?? [], sku), most);
  const isReported = sku !== null && reported.includes(sku);
  if (isReported) return { total, billed: 0, unattended: 0, expired: 0, shown: 0, isReported };
  const unwatched = Math.max(quantityOf(unwatchedOnScreen, sku), quantityOf(final?.unwatched ?? [], sku));
  const beyondAttended = attended === null ? 0 : total - unwatched - quantityOf(attended, sku);
  const abandoned = Math.max(quantityOf(afterAbandoned, sku), beyondAttended);
  const unattended = Math.min(abandoned + unwatched, total);
  const left = [...absent, ...(final?.unsure ?? []), ...(final?.unseen ?? [])];
  const expired = Math.min(expiredAmong(baseline, left, { sku, count: total }), total - unattended);
  const ceiling = exchanged(ceilingOf(confirmed, shownAtClose), question, answered);
  const sure = confirmed === null ? gone : gone + unsure;
  // What was confirmed and had left an abandoned door is held already: it allows nothing else.
  const onScreen = ceiling === null ? sure : countOf(baseline, ceiling, sku);
  const billed = Math.max(Math.min(sure, onScreen) - unattended - expired, 0);
  return { total, billed, unattended, expired, shown: onScreen, isReported };
}

/** What was agreed to, but no more than stood on the screen at the closing that counts; null: nothing bounds the bill. */
function ceilingOf(
  confirmed: readonly InventoryLine[] | null,
  shownAtClose: readonly InventoryLine[] | null,
): readonly InventoryLine[] | null {
  if (confirmed === null || shownAtClose === null) return confirmed ?? shownAtClose;
  return leastOf(confirmed, shownAtClose);
}

/**
 * "Which of these two?": the list could name one of them alone, so that the one which the shopper has named takes the place of
 * the other one on it, piece for piece. Any other answer leaves it as it stood (ADR 0185).
 */
function exchanged(
  ceiling: readonly InventoryLine[] | null,
  question: ShelfQuestion | null,
  answered: ShelfAnswer | null,
): readonly InventoryLine[] | null {
  if (ceiling === null || question === null || answered === null || answered === 'neither') return ceiling;
  const { sku, count, or } = question;
  if (or === null || or === sku) return ceiling;
  const [named, other] = answered === 'this' ? [sku, or] : [or, sku];
  const wanted = answered === 'this' ? count - quantityOf(ceiling, sku) : 1;
  const moved = Math.min(Math.max(wanted, 0), quantityOf(ceiling, other));
  const from = ceiling.find((line) => line.sku === other);
  if (moved === 0 || from === undefined) return ceiling;
  const kept = ceiling.filter((line) => line.sku !== named && line.sku !== other);
  return [
    ...kept,
    { ...from, quantity: quantityOf(ceiling, other) - moved },
    { ...from, sku: named, quantity: quantityOf(ceiling, named) + moved },
  ];
}

/** Lines with name and price, for what belongs to a product of the baseline, in catalogue order. */
export function toLines(baseline: BaselineInventory, lines: readonly InventoryLine[]): ChargeLine[] {
  return byProduct(baseline, lines).flatMap(({ product, count: all }) => {
    const count = countWithin(product.priceMinor, all, zeroMinor);
    const amountMinor = timesMinor(product.priceMinor, count);
    const { sku, name, priceMinor: unitPriceMinor } = product;
    return count === 0 ? [] : [{ sku, name, unitPriceMinor, count, amountMinor }];
  });
}
