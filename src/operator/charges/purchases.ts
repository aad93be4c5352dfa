import { desc, eq } from 'drizzle-orm';
import type { PurchasesReply } from '../../shared/api/operator.ts';
import { purchasesRequestSchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { replyFor } from './charge-reply.ts';
import { disputedSkus } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import { parseWith } from '../http/json.ts';
import type { Provider } from '../providers/provider.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { accountOf } from '../visits/authorise.ts';

export interface PurchasesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly payUrl: Provider['payUrl'];
}

type Purchase = PurchasesReply['purchases'][number];
type ChargeRow = typeof charge.$inferSelect;

/**
 * The newest purchases, at any cabinet, of the member who is in "my data" at this one. The cabinet names its visit and no member, so it
 * learns of nobody but who has shown a code there a short time ago; `forbidden` for every other visit, whatever it is.
 */
export async function listPurchases(
  options: PurchasesOptions,
  cabinetId: string,
  json: unknown,
): Promise<Result<PurchasesReply, ApiFailure>> {
  const { db, clock } = options;
  const body = parseWith(purchasesRequestSchema, json);
  if (!body.ok) return body;
  const memberId = await accountOf(db, clock, cabinetId, body.value.visitId);
  if (memberId === null) return fail('forbidden', 'not a visit for "my data" that is open here');
  // By our own clock: a cabinet whose clock is wrong must not push the others out.
  const rows = await db
    .select()
    .from(charge)
    .where(eq(charge.memberId, memberId))
    .orderBy(desc(charge.firstAtMs), desc(charge.chargeId))
    .limit(purchasesMax);
  return ok({ purchases: await Promise.all(rows.map((row) => purchaseOf(options, row))) });
}

async function purchaseOf({ db, payUrl }: PurchasesOptions, row: ChargeRow): Promise<Purchase> {
  const { cabinetId, inDoubt, nextAttemptAtMs } = row;
  const { lines, heldLines, closedAtMs, currency, totalMinor } = chargeBodySchema.parse(JSON.parse(row.body));
  const { chargeId, state, reason, totalMinor: billedMinor } = replyFor(row);
  const disputed = await disputedSkus(db, chargeId, cabinetId);
  // While an attempt is out or in doubt, a payment beside it could be the second one.
  const collecting = state === 'collecting' && !inDoubt;
  return {
    ...{ chargeId, cabinetId, atMs: closedAtMs, currency, lines, heldLines, totalMinor, billedMinor },
    ...{ state, reason, disputed: lines.map(({ sku }) => sku).filter((sku) => disputed.has(sku)) },
    nextTryAtMs: collecting ? nextAttemptAtMs : null,
    payUrl: collecting ? payUrl(chargeId) : null,
  };
}
