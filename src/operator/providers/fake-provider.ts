import { createHash } from 'node:crypto';
import { and, eq, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { devDelayMaxMs } from '../limits.ts';
import { fakeOrder, fakeRefund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type {
  DebitOutcome,
  DebitRequest,
  OrderOutcome,
  Provider,
  ProviderNotification,
  QueryOutcome,
  RawNotification,
  RefundRequest,
} from './provider.ts';
import { declineReasonSchema } from './provider.ts';

export const fakeProviderSettingsSchema = z.object({
  /**
   * ok: debits at once. decline: refuses with `reason`. delay: debits after `delayMs`. timeout_after_charge: debits, then
   * the answer is lost. down: nothing arrives and nothing is answered.
   */
  mode: z.enum(['ok', 'decline', 'delay', 'timeout_after_charge', 'down']),
  reason: declineReasonSchema.default('account.insufficient_funds'),
  delayMs: z.number().int().min(0).max(devDelayMaxMs).default(0),
});
export type FakeProviderSettings = z.infer<typeof fakeProviderSettingsSchema>;

export interface FakeProviderOptions {
  readonly db: Db;
  readonly clock: Clock;
  /**
   * Real providers debit an order number once however often it is sent. With `false` this one debits on each call, so
   * that tests see whether the operator relies on that.
   */
  readonly onceForEachNumber?: boolean;
}

const down = { kind: 'unknown', message: 'connection refused' } as const;
const otherParameters = { kind: 'rejected', message: 'same number, other parameters' } as const;
const notificationSchema = z.object({ orderId: z.string().regex(/^[0-9A-Za-z_-]{1,32}$/) });
const signatureHeader = 'fake-signature';

/** A provider for development and tests: behaves badly on command, and keeps an honest book of the money moved. */
export class FakeProvider implements Provider {
  readonly name = 'fake';
  readonly capabilities = { open: true, adjust: true, refund: true, payUrl: true, notifications: true };
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

  async open(request: DebitRequest): ReturnType<Provider['open']> {
    const { mode, reason } = this.#settings;
    if (mode === 'down') return down;
    if (mode === 'decline') return { kind: 'declined', reason };
    await this.#db.insert(fakeOrder).values(this.#row(request, 0)).onConflictDoNothing();
    return (await this.#isSame(request)) ? { kind: 'done' } : otherParameters;
  }

  async debit(request: DebitRequest): Promise<DebitOutcome> {
    const { mode, reason, delayMs } = this.#settings;
    switch (mode) {
      case 'down':
        return down;
      case 'decline':
        return { kind: 'declined', reason };
      case 'delay':
        await sleep(this.#clock, delayMs);
        return this.#debit(request);
      case 'timeout_after_charge':
        await this.#debit(request);
        return { kind: 'unknown', message: 'connection lost while waiting for the answer' };
      case 'ok':
        return this.#debit(request);
    }
  }

  async query(orderId: string): Promise<QueryOutcome> {
    if (this.#settings.mode === 'down') return down;
    const order = await this.#find(orderId);
    return order === undefined || order.debitCount === 0
      ? { kind: 'not_found' }
      : { kind: 'paid', amountMinor: order.amountMinor };
  }

  async adjust({ orderId, amountMinor }: Parameters<Provider['adjust']>[0]): Promise<OrderOutcome> {
    if (this.#settings.mode === 'down') return down;
    const open = and(eq(fakeOrder.chargeId, orderId), eq(fakeOrder.debitCount, 0));
    const [lowered] = await this.#db
      .update(fakeOrder)
      .set({ amountMinor })
      .where(and(open, sql`${fakeOrder.amountMinor} >= ${amountMinor}`))
      .returning();
    return lowered === undefined
      ? { kind: 'rejected', message: 'no open order, or a higher sum' }
      : { kind: 'done' };
  }

  async refund({ orderId, refundId, amountMinor }: RefundRequest): Promise<OrderOutcome> {
    if (this.#settings.mode === 'down') return down;
    return this.#db.transaction(async (tx): Promise<OrderOutcome> => {
      const [known] = await tx.select().from(fakeRefund).where(eq(fakeRefund.refundId, refundId));
      if (known !== undefined)
        return known.chargeId === orderId && known.amountMinor === amountMinor
          ? { kind: 'done' }
          : otherParameters;
      const rest = sql`${fakeOrder.amountMinor} - ${amountMinor}`;
      const [order] = await tx
        .update(fakeOrder)
        .set({ refundedMinor: sql`${fakeOrder.refundedMinor} + ${amountMinor}` })
        .where(
          and(
            eq(fakeOrder.chargeId, orderId),
            eq(fakeOrder.debitCount, 1),
            lte(fakeOrder.refundedMinor, rest),
          ),
        )
        .returning();
      if (order === undefined)
        return { kind: 'rejected', message: 'not so much was debited under this number' };
      await tx.insert(fakeRefund).values({ refundId, chargeId: orderId, amountMinor });
      return { kind: 'done' };
    });
  }

  parseNotification(
    message: RawNotification,
  ): Result<ProviderNotification, { code: 'forged' | 'malformed'; message: string }> {
    if (message.headers[signatureHeader] !== signatureOf(message.body))
      return fail('forged', 'the signature does not fit');
    try {
      const parsed = notificationSchema.safeParse(JSON.parse(Buffer.from(message.body).toString('utf8')));
      return parsed.success ? ok(parsed.data) : fail('malformed', parsed.error.message);
    } catch (error) {
      return fail('malformed', String(error));
    }
  }

  /** A notification as this provider would send it. */
  notificationOf(orderId: string): RawNotification {
    const body = Buffer.from(JSON.stringify({ orderId }));
    return { headers: { [signatureHeader]: signatureOf(body) }, body };
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

  async #debit(request: DebitRequest): Promise<DebitOutcome> {
    const { amountMinor } = request;
    // An order that is only open takes its amount from the debit; one that was debited keeps what it has.
    const isOpen = sql`${fakeOrder.debitCount} = 0`;
    const debitCount = this.#onceForEachNumber
      ? sql`greatest(${fakeOrder.debitCount}, 1)`
      : sql`${fakeOrder.debitCount} + 1`;
    await this.#db
      .insert(fakeOrder)
      .values(this.#row(request, 1))
      .onConflictDoUpdate({
        target: fakeOrder.chargeId,
        set: {
          debitCount,
          amountMinor: sql`case when ${isOpen} then least(${fakeOrder.amountMinor}, ${amountMinor})
            else ${fakeOrder.amountMinor} end`,
        },
      });
    return (await this.#isSame(request)) ? { kind: 'paid', amountMinor } : otherParameters;
  }

  #row({ orderId, memberId, amountMinor, currency }: DebitRequest, debitCount: number) {
    const atMs = this.#clock.nowMs();
    return { chargeId: orderId, memberId, amountMinor, currency, debitCount, refundedMinor: 0, atMs };
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

/** Good enough for a provider that moves no money: it tells a mistake from a message, and guards nothing. */
const signatureOf = (body: Uint8Array): string =>
  createHash('sha256').update('fake:').update(body).digest('hex');
