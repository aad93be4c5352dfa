import { type SQL, and, count, desc, eq, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { idRandomByteCount, makeChargeId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type {
  FoundCharge,
  SearchPage,
  SearchParams,
  SearchTotals,
} from '../../shared/console/work.schema.ts';
import { searchTotalsMax } from '../../shared/console/work.schema.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { consoleSearchBackMs } from '../limits.ts';
import { dueMinor } from '../storage/due-minor.ts';
import { charge, chargeLine, member } from '../storage/schema.ts';
import { dueMinorOf } from '../debits/debit-life.ts';
import type { Db } from '../storage/storage.ts';
import { cursorText, readCursor } from './cursor.ts';
import type { ConsoleFailure } from './errors.ts';

export interface SearchParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly served: { readonly catalog: Pick<Catalog, 'products'> };
}

/** Articles whose name has these letters; more than this say too little. */
const goodsMax = 50;

/**
 * Charges, the newest visit first. Their numbers begin with the time of the visit (shared/ids.ts), so that the time that is
 * looked for, the order and the place of a page are all one comparison, at the end of whichever index is used.
 */
export async function searchCharges(
  { db, clock, served }: SearchParts,
  params: SearchParams,
): Promise<Result<SearchPage, ConsoleFailure>> {
  const after = readCursor(params.after);
  if (!after.ok) return after;
  const { limit } = params;
  // The numbers first, which the indexes have by themselves: only what is shown is read.
  const page = db
    .select({ chargeId: charge.chargeId })
    .from(charge)
    .where(
      and(
        conditionOf(params, clock.nowMs(), served.catalog),
        after.value === null ? undefined : lt(charge.chargeId, after.value.key),
      ),
    )
    .orderBy(desc(charge.chargeId))
    .limit(limit + 1)
    .as('page');
  const rows = await db
    .select(foundColumns)
    .from(page)
    .innerJoin(charge, eq(charge.chargeId, page.chargeId))
    .leftJoin(member, eq(member.memberId, charge.memberId))
    .orderBy(desc(charge.chargeId));
  const items = rows.slice(0, limit).map(foundOf);
  const last = items.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorText({ atMs: 0, key: last.chargeId }) : null;
  return ok({ items, next });
}

/** How many that are, and what they come to: of no more than `searchTotalsMax`, so that it costs the same on any number. */
export async function totalsOfSearch(
  { db, clock, served }: SearchParts,
  params: Omit<SearchParams, 'after' | 'limit'>,
): Promise<SearchTotals> {
  const found = db
    .select({ chargeId: charge.chargeId })
    .from(charge)
    .where(conditionOf(params, clock.nowMs(), served.catalog))
    .orderBy(desc(charge.chargeId))
    .limit(searchTotalsMax)
    .as('found');
  const { currency } = charge;
  const rows = await db
    .select({ currency, count: count(), amountMinor: sql`sum(${dueMinor})`.mapWith(Number) })
    .from(found)
    .innerJoin(charge, eq(charge.chargeId, found.chargeId))
    .groupBy(currency)
    .orderBy(currency);
  const all = rows.reduce((sum, one) => sum + one.count, 0);
  // A sum of a part is none.
  const sums = all >= searchTotalsMax ? [] : rows.map(({ count: _of, ...sum }) => sum);
  return { count: all, sums };
}

const foundColumns = {
  ...{ chargeId: charge.chargeId, visitId: charge.visitId, cabinetId: charge.cabinetId },
  ...{ memberId: charge.memberId, display: member.display, state: charge.state, reason: charge.reason },
  phoneLastDigits: member.phoneLastDigits,
  ...{ review: charge.review, currency: charge.currency, totalMinor: charge.totalMinor },
  ...{ heldMinor: charge.heldMinor, disputedMinor: charge.disputedMinor, paidMinor: charge.paidMinor },
  ...{ openedAtMs: charge.openedAtMs, closedAtMs: charge.closedAtMs, approvedMinor: charge.approvedMinor },
};

type FoundRow = Omit<FoundCharge, 'display' | 'dueMinor'> & {
  readonly display: string | null;
  readonly approvedMinor: number | null;
};
function foundOf(row: FoundRow): FoundCharge {
  return { ...row, display: row.display ?? '', dueMinor: dueMinorOf(row) };
}

function conditionOf(
  params: Omit<SearchParams, 'after' | 'limit'>,
  nowMs: number,
  catalog: SearchParts['served']['catalog'],
): SQL | undefined {
  const { number, cabinetId, memberId, phone, goods, state, fromMinor, toMinor } = params;
  // A number says which one it is: whenever it was.
  if (number?.length === shortLength) return sql`right(${charge.chargeId}, 8) = ${number}`;
  if (number !== undefined) return eq(charge.chargeId, number);
  const toMs = params.toMs ?? nowMs + consoleSearchBackMs;
  const fromMs = params.fromMs ?? Math.max(0, Math.min(toMs, nowMs) - consoleSearchBackMs);
  const from = makeChargeId(fromMs, new Uint8Array(idRandomByteCount));
  const to = makeChargeId(toMs, new Uint8Array(idRandomByteCount).fill(255));
  return and(
    ...[gte(charge.chargeId, from), lte(charge.chargeId, to)],
    cabinetId === undefined ? undefined : eq(charge.cabinetId, cabinetId),
    memberId === undefined ? undefined : eq(charge.memberId, memberId),
    state === undefined ? undefined : eq(charge.state, state),
    fromMinor === undefined ? undefined : gte(charge.totalMinor, fromMinor),
    toMinor === undefined ? undefined : lte(charge.totalMinor, toMinor),
    phone === undefined
      ? undefined
      : sql`${charge.memberId} in (select member_id from member where phone_last_digits = ${phone})`,
    goods === undefined ? undefined : hasGoods(skusOf(goods, catalog), { from, to }),
  );
}

const shortLength = 8;

/** The bounds are said of the lines as well, so that their index gives no others. */
function hasGoods(
  skus: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): SQL {
  const { chargeId, sku } = chargeLine;
  const isOne = and(
    ...[eq(chargeId, charge.chargeId), gte(chargeId, from), lte(chargeId, to)],
    inArray(sku, [...skus]),
  );
  return sql`exists (select 1 from ${chargeLine} where ${isOne})`;
}

/** What was typed may be an article's number, which need not be in the catalogue any more, or a part of a name. */
function skusOf(goods: string, { products }: SearchParts['served']['catalog']): readonly string[] {
  const typed = goods.toLowerCase();
  const named = products.filter(({ name }) =>
    [name.zh, name.en].some((text) => text.toLowerCase().includes(typed)),
  );
  return [goods, ...named.slice(0, goodsMax).map(({ sku }) => sku)];
}
