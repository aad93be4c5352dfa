import { pieceCountMax } from '../../shared/model/basket.ts';
import type { DatedTag, StockBook, StockLot } from '../../shared/model/stock.schema.ts';
import { joinLots } from './lots.ts';

/** Of pieces that are gone the day of so many tags is remembered: one may come back. */
const goneTagsMax = 300;

/** The tags that are heard inside behind the shut door, of each article that can be counted. */
export type HeardTags = ReadonlyMap<string, readonly string[]>;

/**
 * A count has heard these tags. What is new of an article since the count before is what was put in: where one lot was entered
 * meanwhile and has as many pieces, these are it, and each of them is known by its tag from then on. Where that cannot be told
 * (two lots at once, another number), the article goes on by lot until nothing of its lots is left
 * (docs/decisions/0188-best-before-by-tag.md).
 */
export function dateTags(book: StockBook, heard: HeardTags): StockBook {
  const dated = [...heard].reduce((now, [sku, epcs]) => dateArticle(now, sku, epcs), book);
  const isGone = ({ epc, sku }: DatedTag): boolean => heard.get(sku)?.includes(epc) === false;
  const gone = dated.tags.filter(isGone).slice(-goneTagsMax);
  return { ...dated, tags: [...gone, ...dated.tags.filter((tag) => !isGone(tag))].slice(-pieceCountMax) };
}

/** Tags of pieces that are past their day, of each article that has such and whose pieces are known by their tags. */
export function tagsPastDay(
  { tags, byTag, entered }: StockBook,
  today: string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Set(byTag.filter((sku) => entered.every(isNot(sku))));
  const past = new Map<string, Set<string>>();
  for (const { epc, sku, bestBefore } of tags) {
    if (bestBefore === null || bestBefore >= today || !known.has(sku)) continue;
    past.set(sku, (past.get(sku) ?? new Set()).add(epc));
  }
  return past;
}

const epcOf = ({ epc }: DatedTag): string => epc;
const isNot =
  (sku: string) =>
  (one: { readonly sku: string }): boolean =>
    one.sku !== sku;

function dateArticle(book: StockBook, sku: string, epcs: readonly string[]): StockBook {
  const own = <T extends { readonly sku: string }>(all: readonly T[]): T[] =>
    all.filter((one) => one.sku === sku);
  const [lots, entered] = [own(book.lots), own(book.entered)];
  const wasKnown = book.byTag.includes(sku);
  const isKnown = wasKnown || countOf(lots) <= countOf(entered);
  const known = noteHeard(own(book.tags), sku, epcs);
  const dated = isKnown ? withDay(known, new Set(epcs), entered) : null;
  // By lot: a day that no tag is relied on for is forgotten, so that it never contradicts the book.
  const tags = dated ?? known.map((tag) => ({ ...tag, bestBefore: null }));
  const lotsHere = (of: readonly DatedTag[]): StockLot[] =>
    lotsOf(of.filter(({ epc }) => epcs.includes(epc)));
  const byLot = wasKnown ? joinLots(lotsHere(known), entered) : lots;
  return {
    ...book,
    lots: joinLots(book.lots.filter(isNot(sku)), dated === null ? byLot : lotsHere(dated)),
    entered: book.entered.filter(isNot(sku)),
    tags: [...book.tags.filter(isNot(sku)), ...tags],
    byTag: [...book.byTag.filter((one) => one !== sku), ...(dated === null ? [] : [sku])].sort(),
  };
}

/** Of what is not heard any more only a known day is remembered: the piece may come back. */
function noteHeard(before: readonly DatedTag[], sku: string, epcs: readonly string[]): DatedTag[] {
  const heard = new Set(epcs);
  const known = new Set(before.map(epcOf));
  const fresh = epcs.filter((epc) => !known.has(epc));
  const kept = before.filter(({ epc, bestBefore }) => heard.has(epc) || bestBefore !== null);
  return [
    ...(fresh.length === 0 ? kept : kept.map((tag) => ({ ...tag, isNew: false }))),
    ...fresh.map((epc) => ({ epc, sku, bestBefore: null, isNew: true })),
  ];
}

/** With the day of what was entered; null: it cannot be told which they are. */
function withDay(
  known: readonly DatedTag[],
  heard: ReadonlySet<string>,
  entered: readonly StockLot[],
): DatedTag[] | null {
  const [lot, ...others] = entered;
  if (lot === undefined) return [...known];
  if (others.length > 0) return null;
  const isOpen = ({ epc, bestBefore }: DatedTag): boolean => bestBefore === null && heard.has(epc);
  const isCandidate = (tag: DatedTag): boolean => isOpen(tag) && tag.isNew;
  if (known.filter(isCandidate).length !== lot.count) return null;
  return known.map((tag) => (isCandidate(tag) ? { ...tag, bestBefore: lot.bestBefore } : tag));
}

function lotsOf(tags: readonly DatedTag[]): StockLot[] {
  const lots = tags.flatMap(({ sku, bestBefore }) =>
    bestBefore === null ? [] : [{ sku, bestBefore, count: 1 }],
  );
  return joinLots([], lots);
}

function countOf(lots: readonly StockLot[]): number {
  return lots.reduce((sum, { count }) => sum + count, 0);
}
