import { atListPrice, priceList } from '../../core/basket/priced-list.ts';
import { forShopper, freeze } from '../../core/pricing/pricing.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';
import { type PaymentMeans, paymentMeans } from '../../shared/model/member.ts';
import type { FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import { promotionsAt, promotionsPossibleAt } from '../fleet/promotions.ts';
import { openingOffMs } from '../limits.ts';
import type { Db } from '../storage/storage.ts';

/** The door is opened within this after the operator has let the member in; else the cabinet's word for when it was is not taken. */
const openingMs = 10 * 60_000;

/** Of a visit: when its cabinet says that the door was opened, and when and as what the member was let in. */
export interface PricedVisit {
  readonly cabinetId: string;
  readonly currency: string;
  readonly openedAtMs: number;
  readonly allowedAtMs: number | null;
  /** As the cabinet was told; null: it was not, or nobody was asked. */
  readonly means: PaymentMeans | null;
  /** What the charge names; null: none. */
  readonly named: number | null;
  readonly skus: readonly string[];
}

/** What was on in each of these visits, as the operator knows it; null: nothing. */
export async function promotionsOfVisits(
  db: Db,
  visits: readonly PricedVisit[],
): Promise<readonly (FrozenPromotions | null)[]> {
  const timed = visits.map((visit) => ({ ...visit, atMs: openingOf(visit) }));
  const orders = await promotionsAt(db, timed);
  return timed.map(({ atMs, currency, means, skus }, i) => {
    const order = orders[i] ?? null;
    const frozen = order === null || order.currency !== currency ? null : freeze(order, atMs, new Set(skus));
    const theirs = frozen === null ? null : forShopper(frozen, { means });
    return theirs === null || theirs.rules.length === 0 ? null : theirs;
  });
}

/** As the cabinet says, where that fits with when the member was let in. */
function openingOf({ openedAtMs, allowedAtMs }: PricedVisit): number {
  if (allowedAtMs === null) return openedAtMs;
  const isNear = openedAtMs >= allowedAtMs - openingOffMs && openedAtMs <= allowedAtMs + openingMs;
  return isNear ? openedAtMs : allowedAtMs;
}

/**
 * What a charge says of its visit, with when and as what its member was let in: once for each of what its cabinet may have been
 * told that the member pays by. Whom it has let in itself it was told of with the policy, or not (`members` there); which of the
 * two nobody keeps.
 */
export function pricedVisitsOf(
  body: ChargeBody,
  allowedAtMs: number | null,
  means: PaymentMeans | null,
): readonly [PricedVisit, ...PricedVisit[]] {
  const { cabinetId, currency, openedAtMs, promotionsVersion: named = null } = body;
  const skus = [...body.lines, ...body.heldLines].map(({ sku }) => sku);
  const visit = { cabinetId, currency, openedAtMs, allowedAtMs, named, skus };
  if (body.admission === undefined) return [{ ...visit, means }];
  return [{ ...visit, means: null }, ...paymentMeans.map((one) => ({ ...visit, means: one }))];
}

const sumOf = (lines: readonly ChargeLine[]): number =>
  lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/** Lines without what promotions take off them, of each article one with all pieces. */
function plainOf(lines: readonly ChargeLine[]): ChargeLine[] {
  const bySku = new Map<string, ChargeLine>();
  for (const { sku, name, unitPriceMinor, count, amountMinor } of lines) {
    const pieces = count + (bySku.get(sku)?.count ?? 0);
    bySku.set(sku, { sku, name, unitPriceMinor, count: pieces, amountMinor });
  }
  return [...bySku.values()];
}

/** The same by any of these: right by one is right, and dearer is what is dearer by each. */
export function compareWithAny(
  body: Pick<ChargeBody, 'lines' | 'heldLines'>,
  any: readonly (FrozenPromotions | null)[],
): 'same' | 'cheaper' | 'dearer' {
  const found = any.map((promotions) => comparePromotions(body, promotions));
  if (found.includes('same')) return 'same';
  return found.every((one) => one === 'dearer') ? 'dearer' : 'cheaper';
}

/**
 * Whether lines cost what they do by these promotions, at the unit prices that they name: what is billed, and what is held, each
 * for itself. `dearer`: more than that, so that something was left out.
 */
export function comparePromotions(
  { lines, heldLines }: Pick<ChargeBody, 'lines' | 'heldLines'>,
  promotions: FrozenPromotions | null,
): 'same' | 'cheaper' | 'dearer' {
  const all = priceList(promotions ?? undefined, plainOf([...lines, ...heldLines]));
  const billed = sumOf(plainOf(lines).map((line) => atListPrice(all, grossOf(line))));
  const held = sumOf(plainOf(heldLines).map((line) => atListPrice(all, grossOf(line), true)));
  if (sumOf(lines) > billed || sumOf(heldLines) > held) return 'dearer';
  return sumOf(lines) + sumOf(heldLines) < billed + held ? 'cheaper' : 'same';
}

/** At the catalogue's price. Plain numbers: a body from outside must not be able to make an amount throw. */
function grossOf(line: ChargeLine): ChargeLine {
  return { ...line, amountMinor: (line.unitPriceMinor * line.count) as ChargeLine['amountMinor'] };
}

const minuteMs = 60_000;

/**
 * Lines as they cost when all of them are bought together in a visit whose cabinet has said nothing of it: by what of all that may
 * have been on its screen makes them cheapest. What it went by, and when it opened, nobody knows to the minute.
 */
export async function atLowestPrice(
  db: Db,
  lines: readonly ChargeLine[],
  {
    cabinetId,
    currency,
    allowedAtMs,
    means,
  }: Pick<PricedVisit, 'cabinetId' | 'currency' | 'means'> & {
    readonly allowedAtMs: number;
  },
): Promise<{ readonly lines: readonly ChargeLine[]; readonly promotionsVersion: number | null }> {
  const orders = await promotionsPossibleAt(db, cabinetId, allowedAtMs);
  const skus = new Set(lines.map(({ sku }) => sku));
  const { fromMs, toMs } = { fromMs: allowedAtMs - openingOffMs, toMs: allowedAtMs + openingOffMs };
  const possible = orders.flatMap((order) => {
    if (order === null || order.currency !== currency) return [null];
    // Schedules begin and end with a minute.
    const moments = Array.from({ length: (toMs - fromMs) / minuteMs + 1 }, (_, i) => fromMs + i * minuteMs);
    return moments.map((atMs) => freeze(order, atMs, skus));
  });
  const priced = possible.map((frozen) => {
    const theirs = frozen === null ? null : forShopper(frozen, { means });
    const all = priceList(theirs ?? undefined, lines);
    const asPriced = lines.map((line) => atListPrice(all, line));
    return { lines: asPriced, promotionsVersion: theirs?.version ?? null, totalMinor: sumOf(asPriced) };
  });
  const plain = { lines, promotionsVersion: null, totalMinor: sumOf(lines) };
  return priced.reduce((best, one) => (one.totalMinor < best.totalMinor ? one : best), priced[0] ?? plain);
}
