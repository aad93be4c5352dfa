import { and, eq, sum } from 'drizzle-orm';
import { z } from 'zod';
import { assert } from '../../../shared/assert.ts';
import type { Clock } from '../../../shared/clock.ts';
import { amountMaxMinor } from '../../../shared/money.ts';
import { chargeAgeMaxMs, walletBeginMaxMs, walletSettlingMs } from '../../limits.ts';
import { walletEntry } from '../../storage/schema.ts';
import type { Db } from '../../storage/storage.ts';
import { StoredOrders } from '../provider-orders.ts';
import type {
  BeforeDoor,
  CloseOutcome,
  DebitOutcome,
  DebitRequest,
  NoticeAnswer,
  NoticeOutcome,
  OpenOutcome,
  OpenRequest,
  QueryOutcome,
  RealProvider,
  RefundFound,
  RefundOutcome,
  RefundRequest,
} from '../provider.ts';
import type { MemberAccount, WalletEntry } from './ledger.ts';
import { findAccount, findEntry, lockAccount, post } from './ledger.ts';
import type { WalletConfig } from './wallet-config.ts';

export interface WalletProviderOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: WalletConfig;
}

/** As members and charges name it. */
export const walletName = 'wallet';

/** What is remembered of an order beside its entries: how often it was closed. */
const knownSchema = z.object({ closings: z.number().int().min(0) });
type Known = z.infer<typeof knownSchema>;

const poor = { kind: 'declined', reason: 'account.insufficient_funds' } as const;
const otherParameters = { kind: 'rejected', message: 'same number, other parameters' } as const;
const noAmount = { kind: 'rejected', message: 'not an amount that can be moved' } as const;
/** As the entries of this adapter name whoever did it. */
const actor = 'operator';

/**
 * A prepaid balance in the operator's own database (campus, company). Each act is one transaction under the lock of its order,
 * so that an act has happened wholly or not at all, and what is asked again is found.
 */
export class WalletProvider implements RealProvider {
  readonly name = walletName;
  readonly means = 'balance';
  /** An empty wallet opens no door. Nothing is held, so that for silence alone an order need not be closed early. */
  readonly beforeDoor: BeforeDoor = { holdsMoney: false, closeSilentAfterMs: chargeAgeMaxMs };
  readonly settlingMs = walletSettlingMs;
  /** It never collects by itself. */
  readonly lower = null;
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #config: WalletConfig;

  constructor({ db, clock, config }: WalletProviderOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#config = config;
  }

  /** Looks whether there is something to shop with. Holds nothing: what is not there in the end is a debt of the member. */
  async open({ orderId, memberId, currency, maxMinor }: OpenRequest): Promise<OpenOutcome> {
    if (!isAmount(maxMinor)) return noAmount;
    try {
      if ((await findEntry(this.#db, 'debit', orderId)) !== null)
        return { kind: 'rejected', message: 'this order is debited already' };
      const account = await findAccount(this.#db, { memberId, currency });
      return account === null || account.balanceMinor < this.#config.openMinMinor ? poor : { kind: 'open' };
    } catch (error) {
      return { kind: 'not_sent', message: `the ledger does not answer: ${String(error)}` };
    }
  }

  async debit(request: DebitRequest): Promise<DebitOutcome> {
    if (!isAmount(request.amountMinor)) return noAmount;
    const beganMs = this.#clock.monotonicMs();
    let closings: number;
    try {
      closings = closingsOf(await this.#orders(this.#db).find(request.orderId));
    } catch (error) {
      return { kind: 'not_sent', message: `the ledger does not answer: ${String(error)}` };
    }
    // Whoever closes an order has waited for longer than this: what was asked for before is over.
    if (this.#clock.monotonicMs() - beganMs > walletBeginMaxMs)
      return { kind: 'not_sent', message: 'it took too long to begin' };
    return this.#within((tx) => this.#debitIn(tx, request, closings));
  }

  async query(orderId: string): Promise<QueryOutcome> {
    return this.#within(async (tx) => {
      const debit = await findEntry(tx, 'debit', orderId);
      return debit === null ? { kind: 'not_found' } : paid(debit);
    });
  }

  readonly close = (orderId: string): Promise<CloseOutcome> =>
    this.#within(async (tx) => {
      await this.#orders(tx).change(orderId, (known) => ({ closings: closingsOf(known) + 1 }));
      const debit = await findEntry(tx, 'debit', orderId);
      return debit === null ? { kind: 'closed' } : paid(debit);
    });

  /** Back into the balance, at once. All refunds of an order together are no more than its debit. */
  async refund(request: RefundRequest): Promise<RefundOutcome> {
    if (!isAmount(request.amountMinor)) return noAmount;
    return this.#within((tx) => this.#refundIn(tx, request));
  }

  /** The ledger is our own: what is not in it has not been paid back. */
  async findRefund(request: RefundRequest): Promise<RefundFound> {
    return this.#within(async (tx) => (await refundBefore(tx, request)) ?? { kind: 'not_found' });
  }

  /** A member who owes pays by topping the wallet up; this order has no page of its own. */
  payUrl(): null {
    return null;
  }

  receive(): Promise<NoticeOutcome> {
    return Promise.resolve({ kind: 'refused', message: 'a wallet sends no notices' });
  }

  answerTo(): NoticeAnswer {
    return { status: 404, contentType: 'text/plain', body: '' };
  }

  async #debitIn(tx: Db, request: DebitRequest, closings: number): Promise<DebitOutcome> {
    const { orderId, memberId, currency, amountMinor, cabinetId } = request;
    // The order is locked from here on.
    const known = await this.#orders(tx).change(orderId, (before) => before ?? { closings: 0 });
    const before = await findEntry(tx, 'debit', orderId);
    const account = await lockAccount(tx, { memberId, currency });
    if (before !== null) return isSame(before, request, account) ? paid(before) : otherParameters;
    if (closingsOf(known) !== closings)
      return { kind: 'not_sent', message: 'it was closed before it was debited' };
    // Without an account there is no money in it: topping it up is the remedy of both.
    if (account === null || account.balanceMinor < amountMinor) return poor;
    const entry = await post(tx, this.#clock, {
      kind: 'debit',
      key: orderId,
      direction: 'out',
      member: account,
      house: 'revenue',
      currency,
      amountMinor,
      orderId,
      actor,
      reason: `goods, cabinet ${cabinetId}`,
    });
    return entry === null ? otherParameters : paid(entry);
  }

  async #refundIn(tx: Db, request: RefundRequest): Promise<RefundOutcome> {
    const { orderId, refundId, amountMinor, currency, reason } = request;
    await this.#orders(tx).change(orderId, (known) => known ?? { closings: 0 });
    const before = await refundBefore(tx, request);
    if (before !== null) return before;
    const debit = await findEntry(tx, 'debit', orderId);
    if (debit?.currency !== currency) return { kind: 'rejected', message: 'nothing of this is paid' };
    if ((await refundedMinor(tx, orderId)) + amountMinor > debit.amountMinor)
      return { kind: 'rejected', message: 'more than was paid' };
    const member = await lockAccount(tx, { accountId: debit.debitAccountId });
    assert(member !== null, 'an account that was debited is there');
    const entry = await post(tx, this.#clock, {
      kind: 'refund',
      key: refundId,
      direction: 'in',
      member,
      house: 'refunds',
      currency,
      amountMinor,
      orderId,
      actor,
      reason,
    });
    return entry === null ? otherParameters : { kind: 'refunded' };
  }

  #orders(db: Db): StoredOrders<Known> {
    return new StoredOrders(db, this.#clock, this.name, knownSchema);
  }

  /** One transaction. Whatever goes wrong with it may have happened all the same: the answer to the commit may be lost. */
  async #within<T>(
    work: (tx: Db) => Promise<T>,
  ): Promise<T | { readonly kind: 'unknown'; readonly message: string }> {
    try {
      return await this.#db.transaction(work);
    } catch (error) {
      return { kind: 'unknown', message: `the ledger does not answer: ${String(error)}` };
    }
  }
}

/** What this number has paid back before; null: nothing. */
async function refundBefore(tx: Db, { orderId, refundId, amountMinor, currency }: RefundRequest) {
  const before = await findEntry(tx, 'refund', refundId);
  if (before === null) return null;
  const isIt = before.orderId === orderId && before.amountMinor === amountMinor;
  return isIt && before.currency === currency ? ({ kind: 'refunded' } as const) : otherParameters;
}

async function refundedMinor(tx: Db, orderId: string): Promise<number> {
  const isIt = and(eq(walletEntry.orderId, orderId), eq(walletEntry.kind, 'refund'));
  const [row] = await tx
    .select({ sum: sum(walletEntry.amountMinor) })
    .from(walletEntry)
    .where(isIt);
  return Number(row?.sum ?? 0);
}

function isSame(entry: WalletEntry, request: DebitRequest, account: MemberAccount | null): boolean {
  return entry.amountMinor === request.amountMinor && entry.debitAccountId === account?.accountId;
}

function paid({ amountMinor }: WalletEntry) {
  return { kind: 'paid', amountMinor } as const;
}

function closingsOf(known: Known | null): number {
  return known?.closings ?? 0;
}

function isAmount(amountMinor: number): boolean {
  return Number.isSafeInteger(amountMinor) && amountMinor > 0 && amountMinor <= amountMaxMinor;
}
