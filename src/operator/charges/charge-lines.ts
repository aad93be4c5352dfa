import { asc, inArray } from 'drizzle-orm';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';
import { discountsSchema } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { chargeLine } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export interface StoredLines {
  readonly lines: readonly ChargeLine[];
  readonly heldLines: readonly ChargeLine[];
}

/** The lines of a charge that has just been taken in, as they are stored. */
export function lineRowsOf(body: ChargeBody): (typeof chargeLine.$inferInsert)[] {
  const rowsOf = (lines: ChargeBody['lines'], held: boolean) =>
    lines.map(({ sku, name, unitPriceMinor, count, amountMinor, discounts }, position) => ({
      chargeId: body.chargeId,
      held,
      position,
      sku,
      name: JSON.stringify(name),
      unitPriceMinor,
      count,
      amountMinor,
      discounts: discounts === undefined ? null : JSON.stringify(discounts),
    }));
  return [...rowsOf(body.lines, false), ...rowsOf(body.heldLines, true)];
}

export async function storeLines(db: Db, body: ChargeBody): Promise<void> {
  const rows = lineRowsOf(body);
  if (rows.length > 0) await db.insert(chargeLine).values(rows);
}

/** The lines of these charges, in the order of their bills. */
export async function readLines(
  db: Db,
  chargeIds: readonly string[],
): Promise<(chargeId: string) => StoredLines> {
  const byCharge = new Map<string, { lines: ChargeLine[]; heldLines: ChargeLine[] }>();
  const rows =
    chargeIds.length === 0
      ? []
      : await db
          .select()
          .from(chargeLine)
          .where(inArray(chargeLine.chargeId, [...chargeIds]))
          .orderBy(asc(chargeLine.chargeId), asc(chargeLine.held), asc(chargeLine.position));
  for (const { chargeId, held, sku, name, unitPriceMinor, count, amountMinor, discounts } of rows) {
    const stored = byCharge.get(chargeId) ?? { lines: [], heldLines: [] };
    byCharge.set(chargeId, stored);
    (held ? stored.heldLines : stored.lines).push({
      sku,
      name: JSON.parse(name) as LocalText,
      unitPriceMinor: minor(unitPriceMinor),
      count,
      amountMinor: minor(amountMinor),
      ...(discounts !== null && { discounts: discountsSchema.parse(JSON.parse(discounts)) }),
    });
  }
  return (chargeId) => byCharge.get(chargeId) ?? { lines: [], heldLines: [] };
}

/** Sum of the lines of these goods, minor units. */
export function sumOfSkus(
  lines: readonly Pick<ChargeLine, 'sku' | 'amountMinor'>[],
  skus: ReadonlySet<string>,
): number {
  return lines.reduce((sum, line) => (skus.has(line.sku) ? sum + line.amountMinor : sum), 0);
}
