import { and, asc, eq, gt, isNotNull, lte, or } from 'drizzle-orm';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Currency } from '../../shared/money.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import {
  orderCloseEveryMs,
  orderCloseRetry,
  orderCloseTellAfter,
  orderCloseTriesMax,
  orderClosesMax,
  orderOpenMaxMs,
  orderOpensMax,
} from '../limits.ts';
import type {
  BeforeDoor,
  CloseOutcome,
  OpenOutcome,
  OpenRequest,
  RealProvider,
} from '../providers/provider.ts';
import { askProvider, callAdapter, unknownOf } from '../providers/ask.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { member, visitOrder } from '../storage/schema.ts';
import { plainText } from '../storage/plain-text.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';
import type { OrderOfVisit, OrderRow } from './order-records.ts';
import {
  closeAgain,
  leaseOrder,
  listedNoMore,
  noteOpen,
  noteRefused,
  orderDueMaxMs,
  recordOrder,
} from './order-records.ts';

export interface OrdersBeforeDoorOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  /** Of the operator. */
  readonly currency: Currency;
  /** In [0, 1); for the back-off. */
  readonly random: () => number;
  readonly logger: Logger;
}

type Allowed = Extract<AuthoriseReply, { decision: 'allowed' }>;

/**
 * Orders at a provider that wants them before the door (WeChat Pay Score), or holds money then: opened while the shopper waits,
 * under the number of the charge that may follow, and closed when nothing follows; so is what a debit has opened that did
 * not come about. All state is in the database, so several instances may work side by side.
 */
export class OrdersBeforeDoor {
  readonly #o: OrdersBeforeDoorOptions;
  readonly #loop: RetryLoop;
  #openingCount = 0;

  constructor(options: OrdersBeforeDoorOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('order_loop_failed', { error: String(bug) }),
    });
  }

  /** Nothing where no provider has orders. */
  start(): void {
    if (this.#o.providers.hasOrders) this.#loop.start(orderCloseEveryMs);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /**
   * Opens the order of a visit that is allowed, and gives what its cabinet is told: a refusal where the provider refuses. No
   * answer in `orderOpenMaxMs`, or none to build on, keeps nobody out: the debit opens the order by itself then, as it does for
   * cabinets that do not name their charge. Never rejects for what the provider does.
   */
  async openFor(order: OrderOfVisit, reply: Allowed): Promise<AuthoriseReply> {
    const { db, clock, providers, currency, logger } = this.#o;
    if (!providers.wantsOrders || this.#openingCount >= orderOpensMax) return reply;
    const { memberId } = reply.member;
    const [account] = await db
      .select({ provider: member.provider })
      .from(member)
      .where(eq(member.memberId, memberId));
    const provider = account === undefined ? null : providers.findReal(account.provider);
    if (provider === null || provider.beforeDoor === null) return reply;
    const { name, beforeDoor } = provider;
    const row = await db.transaction((tx) =>
      recordOrder(tx, clock, { ...order, memberId, provider: name }, beforeDoor.closeSilentAfterMs),
    );
    if (row === null) return reply;
    const { orderId, cabinetId } = order;
    const { openedAtMs } = row;
    const maxMinor = reply.visitMaxMinor;
    const request = { orderId, memberId, currency, cabinetId, openedAtMs, maxMinor };
    const outcome = await this.#open(provider, request, order);
    logger.info('order_before_door', { orderId, outcome: outcome.kind });
    if (outcome.kind === 'open') await noteOpen(db, order);
    const reason = refusalOf(outcome);
    if (reason === null) return reply;
    const refused: AuthoriseReply = { decision: 'refused', reason };
    await noteRefused(db, clock, order, JSON.stringify(refused));
    return refused;
  }

  async #open(provider: RealProvider, request: OpenRequest, order: OrderOfVisit): Promise<OpenOutcome> {
    this.#openingCount++;
    // It goes on beyond our wait: until it has ended it counts.
    const call = callAdapter(() => provider.open(request)).finally(() => {
      this.#openingCount--;
    });
    void call.then((outcome) => this.#hasOpened(order, outcome));
    return askProvider(this.#o.clock, () => call, orderOpenMaxMs);
  }

  /** The call has ended: what was closed while it was under way may be open now. Never rejects. */
  async #hasOpened(order: OrderOfVisit, { kind }: OpenOutcome): Promise<void> {
    if (kind !== 'open' && kind !== 'unknown') return;
    const { db, clock, logger } = this.#o;
    try {
      await closeAgain(db, clock, order);
    } catch (error) {
      logger.error('order_not_closed_again', { orderId: order.orderId, error: String(error) });
    }
  }

  async #turn(): Promise<number> {
    try {
      const count = await this.#closeDue();
      return count < orderClosesMax ? orderCloseEveryMs : 0;
    } catch (error) {
      this.#o.logger.error('order_pass_failed', { error: String(error) });
      return orderCloseEveryMs;
    }
  }

  /** Closes what is due, a few at once; answers how many were due. */
  async #closeDue(): Promise<number> {
    const { db, clock } = this.#o;
    const { orderId, dueAtMs } = visitOrder;
    const nowMs = clock.nowMs();
    const isDue = and(isNotNull(dueAtMs), or(lte(dueAtMs, nowMs), gt(dueAtMs, nowMs + orderDueMaxMs)));
    const due = await db
      .select({ orderId })
      .from(visitOrder)
      .where(isDue)
      .orderBy(asc(dueAtMs))
      .limit(orderClosesMax);
    await Promise.all(
      due.map(async (one) => {
        const leased = await leaseOrder(db, clock, one.orderId, isDue, (name) => this.#beforeDoorOf(name));
        if (leased !== null) await this.#close(leased);
      }),
    );
    return due.length;
  }

  #beforeDoorOf(name: string): BeforeDoor | null {
    return this.#o.providers.findReal(name)?.beforeDoor ?? null;
  }

  async #close(order: OrderRow): Promise<void> {
    const { clock, providers, logger } = this.#o;
    const { orderId } = order;
    const provider = providers.find(order.provider);
    let outcome: CloseOutcome = unknownOf(`no provider ${order.provider} in this program`);
    if (provider !== null) {
      const { close } = provider;
      // Of a provider that has none, nothing stands open.
      outcome =
        close === null ? { kind: 'closed' } : await askProvider(clock, () => close.call(provider, orderId));
    }
    logger.info('order_closed', { orderId, outcome: outcome.kind });
    await this.#record(order, outcome);
  }

  /** Nothing where somebody else has leased it meanwhile. */
  async #record(order: OrderRow, outcome: CloseOutcome): Promise<void> {
    const { db, clock, random } = this.#o;
    const { orderId, cabinetId, leaseCount, failureCount } = order;
    const isOurs = and(eq(visitOrder.orderId, orderId), eq(visitOrder.leaseCount, leaseCount));
    const failures = failureCount + 1;
    const isAgain = outcome.kind === 'unknown' && failures < orderCloseTriesMax;
    await db.transaction(async (tx) => {
      const waitMs = backoffMs({ failureCount, ...orderCloseRetry, jitterShare: 0.5, random01: random() });
      const change = isAgain
        ? { failureCount: failures, dueAtMs: clock.nowMs() + waitMs }
        : { state: outcome.kind === 'closed' ? ('closed' as const) : ('failed' as const), dueAtMs: null };
      const [recorded] = await tx.update(visitOrder).set(change).where(isOurs).returning();
      if (recorded === undefined) return;
      if (!isAgain) await listedNoMore(tx, clock, order);
      // Listed after some tries, and where there are no more.
      if (isAgain ? failures !== orderCloseTellAfter : recorded.state !== 'failed') return;
      const how = outcome.kind === 'unknown' ? outcome.message : `${outcome.kind}, ${amountOf(outcome)}`;
      const tried = isAgain ? '; it is tried again' : '';
      const detail = plainText(`nothing is due by this order, and it is not closed: ${how}${tried}`);
      await addIncident(tx, clock, 'order_not_closed', cabinetId, orderId, detail);
    });
  }
}

const amountOf = (outcome: CloseOutcome): number => ('amountMinor' in outcome ? outcome.amountMinor : 0);

/** Null: nobody is kept out by it. A request that is rejected would be rejected as a debit as well. */
function refusalOf(outcome: OpenOutcome): ReasonCode | null {
  switch (outcome.kind) {
    case 'declined':
      return outcome.reason;
    case 'rejected':
      return 'system.provider_error';
    case 'open':
    case 'not_sent':
    case 'unknown':
      return null;
  }
}
