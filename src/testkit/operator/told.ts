import { purchaseFacts } from '../../core/charge/purchases.ts';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import type { Purchase } from '../../shared/model/purchase.schema.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import type { ToldMoney } from '../../shared/model/told-money.ts';
import { newVisitId } from './cabinet.ts';
import type { OperatorHarness } from './harness.ts';

/** The newest purchase in "my purchases" of M1001, as the operator sends it. */
export async function newestPurchase(operator: OperatorHarness): Promise<Purchase> {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code(), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body);
  const answer = await operator.send('POST', '/v1/purchases', { visitId });
  const [purchase] = purchasesReplySchema.parse(answer.body).purchases;
  if (purchase === undefined) throw new Error('no purchase');
  return purchase;
}

/** What a cabinet that has it on record says of the money of a purchase. */
export function toldOf(purchase: Purchase): ToldMoney {
  return toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, true) });
}
