import type { AnyColumn } from 'drizzle-orm';
import { eq, sql } from 'drizzle-orm';
import type { FakeProviderSettings } from '../../shared/api/development-routes.ts';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import { settlingMs } from '../limits.ts';
import { fakeOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { findRefundOf, refundOf } from './fake-refunds.ts';
import type {
  CloseOutcome,
  DebitOutcome,
  DebitRequest,
  PaysBack,
  Provider,
  QueryOutcome,
  RefundFound,
  RefundOutcome,
  RefundRequest,
} from './provider.ts';

export interface FakeProviderOptions {
  readonly db: Db;
  readonly clock: Clock;
  /**
   * Real providers debit an order number once however often it is sent. With `false` this one debits on each call, so
   * that tests see whether the operator relies on that.
   */
  readonly onceForEachNumber?: boolean;
}

const notSent = { kind: 'not_sent', message: 'connection refused' } as const;
const noAnswer = { kind: 'unknown', message: 'no answer' } as const;
const otherParameters = { kind: 'rejected', message: 'same number, other parameters' } as const;

/** A provider for development and tests: behaves badly on command, and keeps an honest book of the money moved. */
export class FakeProvider implements Provider, PaysBack {
  readonly name = 'fake';
  readonly means = 'simulated';
  readonly settlingMs = settlingMs;
  /** It never collects by itself. */
  readonly lower = null;
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #onceForEachNumber: boolean;
  /** Where the members' payments are taken; null: nowhere. */
  #payBase: string | null = null;
  #settings: FakeProviderSettings = { mode: 'ok', reason: 'account.insufficient_funds', delayMs: 0 };

  constructor({ db, clock, onceForEachNumber = true }: FakeProviderOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#onceForEachNumber = onceForEachNumber;
  }

  set(settings: FakeProviderSettings): void {
    this.#settings = settings;
  }

  async debit(request: DebitRequest): Promise<DebitOutcome> {
    const { mode, reason, delayMs } = this.#settings;
    switch (mode) {
      case 'down':
        return notSent;
      case 'decline':
        return { kind: 'declined', reason };
      case 'delay': {
        const sentAtMs = this.#clock.nowMs();
        await sleep(this.#clock, delayMs);
        return this.#debit(request, sentAtMs);
      }
      case 'timeout_after_charge':
        await this.#debit(request);
        return { kind: 'unknown', message: 'connection lost while waiting for the answer' };
      case 'ok':
        return this.#debit(request);
    }
  }

  async query(orderId: string): Promise<QueryOutcome> {
    if (this.#settings.mode === 'down') return noAnswer;
    const order = await this.#find(orderId);
    return order === undefined || order.debitCount === 0
      ? { kind: 'not_found' }
      : { kind: 'paid', amountMinor: order.amountMinor };
  }

  async close(orderId: string): Promise<CloseOutcome> {
    if (this.#settings.mode === 'down') return noAnswer;
    const closedAtMs = this.#clock.nowMs();
    const none = { orderId, memberId: '', amountMinor: 0, currency: '' };
    await this.#db
      .insert(fakeOrder)
      .values({ ...this.#row(none, 0, closedAtMs), closedAtMs })
      .onConflictDoUpdate({
        target: fakeOrder.chargeId,
        set: { closedAtMs },
        setWhere: eq(fakeOrder.debitCount, 0),
      });
    const order = await this.#find(orderId);
    return order === undefined || order.debitCount === 0
      ? { kind: 'closed' }
      : { kind: 'paid', amountMinor: order.amountMinor };
  }

  async refund(request: RefundRequest): Promise<RefundOutcome> {
    const { mode, delayMs } = this.#settings;
    if (mode === 'down') return notSent;
    if (mode === 'delay') await sleep(this.#clock, delayMs);
    const outcome = await refundOf(this.#db, this.#clock, request);
    return mode === 'timeout_after_charge' ? noAnswer : outcome;
  }

  async findRefund(request: RefundRequest): Promise<RefundFound> {
    return this.#settings.mode === 'down' ? noAnswer : findRefundOf(this.#db, request);
  }

  /** Members pay below this address; the development API says it once it listens. */
  takePaymentsAt(base: string): void {
    this.#payBase = base;
  }

  payUrl(orderId: string): string | null {
    if (this.#payBase === null || this.#settings.mode === 'down') return null;
    return `${this.#payBase}${orderId}`;
  }

  /** The member pays this order, with means of which we know nothing: so what is declined as a debit is not declined here. */
  async pay(request: DebitRequest): Promise<DebitOutcome> {
    return this.#settings.mode === 'decline' ? this.#debit(request) : this.debit(request);
  }

  async #debit(request: DebitRequest, sentAtMs = this.#clock.nowMs()): Promise<DebitOutcome> {
    const { amountMinor } = request;
    const row = this.#row(request, 1, sentAtMs);
    const debitCount = this.#onceForEachNumber
      ? sql`greatest(${fakeOrder.debitCount}, 1)`
      : sql`${fakeOrder.debitCount} + 1`;
    // One that was only closed takes everything from this request; one that was debited keeps what it has.
    const fromRequest = (known: AnyColumn, value: string | number) =>
      sql`case when ${fakeOrder.debitCount} = 0 then ${value} else ${known} end`;
    const [order] = await this.#db
      .insert(fakeOrder)
      .values(row)
      .onConflictDoUpdate({
        target: fakeOrder.chargeId,
        set: {
          debitCount,
          amountMinor: fromRequest(fakeOrder.amountMinor, row.amountMinor),
          memberId: fromRequest(fakeOrder.memberId, row.memberId),
          currency: fromRequest(fakeOrder.currency, row.currency),
          atMs: fromRequest(fakeOrder.atMs, row.atMs),
        },
        setWhere: sql`coalesce(${fakeOrder.closedAtMs}, 0) <= ${sentAtMs}`,
      })
      .returning();
    if (order === undefined) return { kind: 'rejected', message: 'this request was closed' };
    return (await this.#isSame(request)) ? { kind: 'paid', amountMinor } : otherParameters;
  }

  #row(
    {
      orderId,
      memberId,
      amountMinor,
      currency,
    }: Pick<DebitRequest, 'orderId' | 'memberId' | 'amountMinor' | 'currency'>,
    debitCount: number,
    atMs: number,
  ) {
    return { chargeId: orderId, memberId, amountMinor, currency, debitCount, atMs };
  }

  async #isSame({ orderId, amountMinor, currency, memberId }: DebitRequest): Promise<boolean> {
    const order = await this.#find(orderId);
    return order?.amountMinor === amountMinor && order.currency === currency && order.memberId === memberId;
  }

  async #find(orderId: string): Promise<typeof fakeOrder.$inferSelect | undefined> {
    const [order] = await this.#db.select().from(fakeOrder).where(eq(fakeOrder.chargeId, orderId));
    return order;
  }
}
