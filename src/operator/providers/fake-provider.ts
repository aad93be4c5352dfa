import { eq, sql } from 'drizzle-orm';
import type { FakeProviderSettings } from '../../shared/api/development-routes.ts';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import { debitConcurrencyMax, debitGroupsMax, settlingMs } from '../limits.ts';
import { GroupedWork } from '../storage/grouped-work.ts';
import { fewRows } from '../storage/rows-as-json.ts';
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

export const fakeProviderName = 'fake';

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

interface Sent {
  readonly request: DebitRequest;
  /** Wall time, ms. */
  readonly sentAtMs: number;
}
interface BookedOrder {
  readonly charge_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly member_id: string;
}

/** A provider for development and tests: behaves badly on command, and keeps an honest book of the money moved. */
export class FakeProvider implements Provider, PaysBack {
  readonly name = fakeProviderName;
  readonly means = 'simulated';
  readonly settlingMs = settlingMs;
  /** It never collects by itself. */
  readonly lower = null;
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #onceForEachNumber: boolean;
  readonly #booked: GroupedWork<Sent, BookedOrder | undefined>;
  /** Where the members' payments are taken; null: nowhere. */
  #payBase: string | null = null;
  #settings: FakeProviderSettings = { mode: 'ok', reason: 'account.insufficient_funds', delayMs: 0 };

  constructor({ db, clock, onceForEachNumber = true }: FakeProviderOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#onceForEachNumber = onceForEachNumber;
    this.#booked = new GroupedWork({
      ...{ sizeMax: debitConcurrencyMax, groupsMax: debitGroupsMax },
      keysOf: ({ request }) => [request.orderId],
      work: (debits) => this.#book(debits),
    });
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
    const nothing = { memberId: '', amountMinor: 0, currency: '', debitCount: 0 };
    await this.#db
      .insert(fakeOrder)
      .values({ chargeId: orderId, ...nothing, atMs: closedAtMs, closedAtMs })
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
    const { amountMinor, currency, memberId } = request;
    const order = await this.#booked.do({ request, sentAtMs });
    if (order === undefined) return { kind: 'rejected', message: 'this request was closed' };
    const isSame =
      order.amount_minor === amountMinor && order.currency === currency && order.member_id === memberId;
    return isSame ? { kind: 'paid', amountMinor } : otherParameters;
  }

  /** The orders as they are in the book afterwards; undefined: one that was closed before it was sent. */
  async #book(debits: readonly Sent[]): Promise<(BookedOrder | undefined)[]> {
    const sent = debits.map(({ request: { orderId, memberId, amountMinor, currency }, sentAtMs }) => ({
      ...{ charge_id: orderId, member_id: memberId, amount_minor: amountMinor, currency },
      ...{ debit_count: 1, at_ms: sentAtMs },
    }));
    const debitCount = this.#onceForEachNumber ? sql`greatest(o.debit_count, 1)` : sql`o.debit_count + 1`;
    // One that was only closed takes everything from this request; one that was debited keeps what it has.
    const answer: unknown = await this.#db.execute(sql`
      insert into fake_order as o (charge_id, member_id, amount_minor, currency, debit_count, at_ms)
      select charge_id, member_id, amount_minor, currency, debit_count, at_ms
      from ${fewRows(sql`json_populate_recordset(null::fake_order, ${JSON.stringify(sent)}::json)`, 'charge_id', 'n')}
      order by charge_id
      on conflict (charge_id) do update set
        debit_count = ${debitCount},
        amount_minor = case when o.debit_count = 0 then excluded.amount_minor else o.amount_minor end,
        member_id = case when o.debit_count = 0 then excluded.member_id else o.member_id end,
        currency = case when o.debit_count = 0 then excluded.currency else o.currency end,
        at_ms = case when o.debit_count = 0 then excluded.at_ms else o.at_ms end
      where coalesce(o.closed_at_ms, 0) <= excluded.at_ms
      returning charge_id, amount_minor, currency, member_id`);
    const { rows } = answer as { rows: BookedOrder[] };
    const byNumber = new Map(rows.map((order) => [order.charge_id, order]));
    return debits.map(({ request }) => byNumber.get(request.orderId));
  }

  async #find(orderId: string): Promise<typeof fakeOrder.$inferSelect | undefined> {
    const [order] = await this.#db.select().from(fakeOrder).where(eq(fakeOrder.chargeId, orderId));
    return order;
  }
}
