import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { alipayRecordSchema } from '../../operator/providers/alipay/known-order.ts';
import { Rig as AlipayRig } from '../../operator/providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../../operator/providers/provider-accounts.ts';
import { StoredOrders } from '../../operator/providers/provider-orders.ts';
import type { RealProvider } from '../../operator/providers/provider.ts';
import { accountText } from '../../operator/providers/stripe/account.ts';
import { knownOrderSchema as stripeOrderSchema } from '../../operator/providers/stripe/known-order.ts';
import { Rig as StripeRig } from '../../operator/providers/stripe/test-server/rig.ts';
import { knownOrderSchema as wechatOrderSchema } from '../../operator/providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../../operator/providers/wechat/test-server/rig.ts';
import { member, refund } from '../../operator/storage/schema.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { openStorage } from '../../operator/storage/storage.ts';
import { refundEveryMs } from '../../operator/limits.ts';
import { resolveCharge } from '../../operator/support/resolve-charge.ts';
import { type ChargeId, idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { until } from '../until.ts';
import { chargeBody } from './cabinet.ts';
import { OperatorHarness } from './harness.ts';
import { playWallet } from './racing-wallet.ts';
import { walletOf } from './wallet.ts';

/**
 * Each real adapter in the whole operator, before a local server that speaks its provider's protocol and lies once: it takes
 * the money and says that it has not. Then a part is to go back, and the answer to that is lost; and what a wallet has instead
 * (racing-wallet.ts). Prints what comes of it; ends with 1 where money moved twice, or not at all.
 *
 *   node src/testkit/operator/lying-providers.ts
 */
const memberId = 'M1001';
const turnsMax = 120;

interface Lying {
  readonly name: string;
  readonly provider: RealProvider;
  /** The member's account there. */
  readonly account: string;
  readonly lie: () => void;
  readonly lieSays: string;
  /** The answer to the next request for a refund is lost. */
  readonly loseRefund: () => void;
  /** What is on its way back arrives. */
  readonly arrives: (orderId: string) => void;
  /** From the server's own book: how often money was taken, and how much, minor units. */
  readonly taken: (orderId: string) => readonly [number, number];
}

const wechat = new WechatRig();
const alipay = new AlipayRig();
const stripe = new StripeRig();

/** What an adapter keeps, in the operator's own database. */
function kept<T>(db: Db, clock: Clock, name: string, schema: z.ZodType<T>) {
  return { orders: new StoredOrders(db, clock, name, schema), accounts: new StoredAccounts(db, clock, name) };
}

function lyingProviders(db: Db): Lying[] {
  const card = { customer: 'cus_demo', paymentMethod: 'pm_demo' };
  stripe.server.book.saveCard(card.paymentMethod, card.customer);
  const { book: wechatBook, faults: wechatFaults } = wechat.server;
  const { book: alipayBook, faults: alipayFaults } = alipay.server;
  const { book: stripeBook, faults: stripeFaults } = stripe.server;
  return [
    {
      ...{ name: 'WeChat Pay Score', account: wechat.openidOf(memberId) },
      provider: wechat.adapter({}, kept(db, wechat.clock, 'wechat', wechatOrderSchema)),
      lie: () => wechatFaults.next('complete', { kind: 'code_after', code: 'SYSTEM_ERROR' }),
      lieSays: '500 SYSTEM_ERROR',
      loseRefund: () => wechatFaults.next('refund', { kind: 'answer_lost' }),
      arrives: (orderId) => wechatBook.setRefund(`${orderId}R1`, 'SUCCESS'),
      taken: (orderId) => [wechatBook.debitCount(orderId), wechatBook.movedMinor(orderId)],
    },
    {
      ...{ name: 'Alipay', account: alipay.agree(memberId) },
      provider: alipay.adapter({}, kept(db, alipay.clock, 'alipay', alipayRecordSchema)),
      lie: () => alipayFaults.next('pay', { kind: 'code_after', code: '40004', subCode: 'ACQ.SYSTEM_ERROR' }),
      lieSays: '40004 ACQ.SYSTEM_ERROR',
      loseRefund: () => alipayFaults.next('refund', { kind: 'answer_lost' }),
      arrives: () => undefined,
      taken: (orderId) => [alipayBook.debitCount(orderId), alipayBook.movedMinor(orderId)],
    },
    {
      ...{ name: 'Stripe', account: accountText(card) },
      provider: stripe.adapter({ hold: 'none' }, kept(db, stripe.clock, 'stripe', stripeOrderSchema)),
      lie: () => stripeFaults.next('confirm', { kind: 'error', status: 500, isDone: true }),
      lieSays: '500 api_error',
      loseRefund: () => stripeFaults.next('refund', { kind: 'answer_lost' }),
      arrives: (orderId) => stripeBook.setRefunds(orderId, 'succeeded'),
      taken: (orderId) => [stripeBook.takeCount(orderId), stripeBook.movedMinor(orderId)],
    },
  ];
}

/** A purchase of the member who pays there now; the answer to its debit is the lie. */
async function play(operator: OperatorHarness, lying: Lying): Promise<void> {
  const { name, provider, account } = lying;
  const accounts = new StoredAccounts(operator.db, operator.clock, provider.name);
  await accounts.put({ memberId, account, agreement: 'valid' });
  await operator.db.update(member).set({ provider: provider.name }).where(eq(member.memberId, memberId));
  const visit = await operator.visit();
  const { chargeId } = visit;
  const body = chargeBody(visit);
  lying.lie();
  await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, body));
  const quiet = () => until('nothing is with the provider', () => operator.worker.runningCount === 0);
  await quiet();
  for (let i = 0; i < turnsMax && (await operator.chargeRow(chargeId)).state !== 'paid'; i++) {
    await quiet();
    await operator.pass(1_000, 1_000);
  }
  await quiet();
  const { state } = await operator.chargeRow(chargeId);
  const [times, minor] = lying.taken(chargeId);
  console.log(
    `          ${name} has taken the money and answered ${lying.lieSays}: it is asked, not debited again; ` +
      `${state}, ${(minor / 100).toFixed(2)} taken ${times}×`,
  );
  assert(state === 'paid' && times === 1 && minor === body.totalMinor, `${name}: taken once, all of it`);
  await giveBack(operator, lying, chargeId);
}

/** A1 is reported, people agree, and it goes back by itself; the answer to that is lost. */
async function giveBack(
  operator: OperatorHarness,
  { name, loseRefund, arrives, taken }: Lying,
  chargeId: ChargeId,
): Promise<void> {
  const atMs = operator.clock.nowMs();
  const disputeId = makeDisputeId(atMs, systemRandom.bytes(idRandomByteCount));
  await operator.send('POST', `/v1/charges/${chargeId}/disputes`, { disputeId, skus: ['A1'], atMs });
  const { refundDueMinor: backMinor, paidMinor } = await operator.chargeRow(chargeId);
  const staysMinor = (paidMinor ?? 0) - backMinor;
  loseRefund();
  const decision = { by: 'anna', decision: 'waive', amountMinor: staysMinor } as const;
  const decided = await resolveCharge(operator, chargeId, decision);
  assert(decided.ok && backMinor > 0, `${name}: people agree`);
  const stateOf = async (): Promise<string | undefined> =>
    (await operator.db.select().from(refund).where(eq(refund.chargeId, chargeId)))[0]?.state;
  for (let i = 0; i < turnsMax && (await stateOf()) !== 'refunded'; i++) {
    arrives(chargeId);
    await operator.pass(refundEveryMs / 4, 1_000);
    // What is asked for takes real time.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [times, minor] = taken(chargeId);
  console.log(
    `          ${name}: ${(backMinor / 100).toFixed(2)} of it, reported and agreed to, has gone back by itself, ` +
      `once; the answer to that was lost: ${(minor / 100).toFixed(2)} stay paid`,
  );
  assert((await stateOf()) === 'refunded' && times === 1 && minor === staysMinor, `${name}: back once`);
}

for (const rig of [wechat, alipay, stripe]) await rig.start();
const opened = await openStorage({ logger: silentLogger });
assert(opened.ok, 'the embedded database opens');
const storage = opened.value;
const { db } = storage;
const all = lyingProviders(db);
const real = all.map(({ provider }) => provider);
const first = await OperatorHarness.make(db, { realProviders: real });
for (const lying of all) await play(first, lying);
await first.close();
// The wallet tells the time as the operator does, in which it lives.
const second = first.restarted({ realProviders: [...real, walletOf(first)] });
await playWallet(second);
await second.close();
await storage.close();
for (const rig of [wechat, alipay, stripe]) await rig.stop();
process.exit();
