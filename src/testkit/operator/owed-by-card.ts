import { eq } from 'drizzle-orm';
import type { DebitWorker } from '../../operator/debits/debit-worker.ts';
import { StoredAccounts } from '../../operator/providers/provider-accounts.ts';
import { StoredOrders } from '../../operator/providers/provider-orders.ts';
import { accountText } from '../../operator/providers/stripe/account.ts';
import { knownOrderSchema } from '../../operator/providers/stripe/known-order.ts';
import type { StripeProvider } from '../../operator/providers/stripe/stripe-provider.ts';
import { Rig } from '../../operator/providers/stripe/test-server/rig.ts';
import { member } from '../../operator/storage/schema.ts';
import { until } from '../until.ts';
import { chargeBody } from './cabinet.ts';
import type { OperatorHarness } from './harness.ts';

interface Owing {
  readonly operator: OperatorHarness;
  readonly chargeId: string;
}

const memberId = 'M1001';
const card = { customer: 'cus_M1001', paymentMethod: 'pm_M1001' };

/** Stripe's protocol server, and operators at which a member owes 13.00 because that member's card has declined it. */
export class OwedByCard {
  readonly rig = new Rig();

  /** The card is there, and nothing goes wrong: before each test. */
  reset(): void {
    const { book, faults } = this.rig.server;
    faults.clear();
    book.saveCard(card.paymentMethod, card.customer);
  }

  /** An adapter over this database. */
  adapter({ db }: Pick<OperatorHarness, 'db'>): StripeProvider {
    const { clock } = this.rig;
    const orders = new StoredOrders(db, clock, 'stripe', knownOrderSchema);
    return this.rig.adapter({ hold: 'none' }, { orders, accounts: new StoredAccounts(db, clock, 'stripe') });
  }

  /** On the database of this harness, which is closed. `code`: why the card declines. */
  async owing(harness: OperatorHarness, { code = 'insufficient_funds' } = {}): Promise<Owing> {
    await harness.close();
    const operator = harness.restarted({ currency: 'USD', realProviders: [this.adapter(harness)] });
    await save(operator, card);
    await operator.db.update(member).set({ provider: 'stripe' }).where(eq(member.memberId, memberId));
    this.rig.server.faults.declines.set(card.paymentMethod, { code });
    const visit = await operator.visit();
    const body = chargeBody(visit, { currency: 'USD' });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
    await isQuiet(operator.worker);
    return { operator, chargeId: visit.chargeId };
  }

  /** The member saves another card, which is good. */
  async saveAnother({ operator }: Owing): Promise<void> {
    const another = { ...card, paymentMethod: 'pm_another' };
    this.rig.server.book.saveCard(another.paymentMethod, another.customer);
    await save(operator, another);
  }

  /** So much time passes for both; then the charge is looked at, if it is due, and once more if it still is. */
  async pass({ operator, chargeId }: Owing, ms: number): Promise<void> {
    this.rig.clock.pass(ms);
    operator.clock.jumpWall(ms);
    for (let i = 0; i < 2; i++) {
      await operator.worker.attempt(chargeId);
      await isQuiet(operator.worker);
    }
  }
}

/** By the operator's clock: an account that is newer than the last try is asked again at once. */
async function save({ db, clock }: OperatorHarness, account: typeof card): Promise<void> {
  const accounts = new StoredAccounts(db, clock, 'stripe');
  await accounts.put({ memberId, account: accountText(account), agreement: 'valid' });
}

/** Nothing is with the provider. */
export async function isQuiet(worker: Pick<DebitWorker, 'runningCount'>): Promise<void> {
  await until('nothing is with the provider', () => worker.runningCount === 0);
}

/** A phone scans "pay now". `from`: the address that it comes from. */
export async function scanToPay(
  { operator, chargeId }: Owing,
  { provider = 'stripe', from = '192.0.2.7' }: { readonly provider?: string; readonly from?: string } = {},
): Promise<{ readonly status: number; readonly to: string; readonly text: string }> {
  const app = operator.operator.noticeApi;
  const url = `/v1/pay/${provider}/${chargeId}`;
  const answer = await app.inject({ method: 'GET', url, remoteAddress: from });
  return { status: answer.statusCode, to: answer.headers.location ?? '', text: answer.body };
}
