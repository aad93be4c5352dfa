import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { devDelayMaxMs } from '../limits.ts';
import type { DebitOutcome, DebitRequest, Provider, QueryOutcome } from './provider.ts';
import { declineReasonSchema } from './provider.ts';
import { fakeOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export const fakeProviderSettingsSchema = z.object({
  /**
   * ok: debits at once. decline: refuses with `reason`. delay: debits after `delayMs`. timeout_after_charge: debits, then the answer is lost.
   * down: nothing arrives and nothing is answered.
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

/** A provider for development and tests: behaves badly on command, and keeps an honest book of the money moved. */
export class FakeProvider implements Provider {
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

  async charge(request: DebitRequest): Promise<DebitOutcome> {
    const { mode, reason, delayMs } = this.#settings;
    switch (mode) {
      case 'down':
        return { kind: 'unknown', message: 'connection refused' };
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

  async query(chargeId: ChargeId): Promise<QueryOutcome> {
    if (this.#settings.mode === 'down') return { kind: 'unknown', message: 'connection refused' };
    const [order] = await this.#db.select().from(fakeOrder).where(eq(fakeOrder.chargeId, chargeId));
    return order === undefined ? { kind: 'not_found' } : { kind: 'paid', amountMinor: order.amountMinor };
  }

  /** Members pay below this address; the development API says it once it listens. */
  takePaymentsAt(base: string): void {
    this.#payBase = base;
  }

  payUrl(chargeId: ChargeId): string | null {
    if (this.#payBase === null || this.#settings.mode === 'down') return null;
    return `${this.#payBase}${chargeId}`;
  }

  /** The member pays this order, with means of which we know nothing: so what is declined as a debit is not declined here. */
  async pay(request: DebitRequest): Promise<DebitOutcome> {
    return this.#settings.mode === 'decline' ? this.#debit(request) : this.charge(request);
  }

  async #debit(request: DebitRequest): Promise<DebitOutcome> {
    const { chargeId, memberId, amountMinor, currency } = request;
    const row = { chargeId, memberId, amountMinor, currency, debitCount: 1, atMs: this.#clock.nowMs() };
    const again = {
      debitCount: this.#onceForEachNumber ? fakeOrder.debitCount : sql`fake_order.debit_count + 1`,
    };
    const [order] = await this.#db
      .insert(fakeOrder)
      .values(row)
      .onConflictDoUpdate({ target: fakeOrder.chargeId, set: again })
      .returning();
    const same =
      order?.amountMinor === amountMinor && order.currency === currency && order.memberId === memberId;
    return same
      ? { kind: 'paid', amountMinor }
      : { kind: 'rejected', message: 'same number, other parameters' };
  }
}
