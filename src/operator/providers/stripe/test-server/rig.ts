import type { Logger } from '../../../../shared/util/logger.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import type { DebitRequest } from '../../provider.ts';
import { MemoryAccounts, MemoryOrders, PauseClock, untilPaid } from '../../testing.ts';
import { accountText } from '../account.ts';
import type { KnownOrder } from '../known-order.ts';
import { knownOrderSchema } from '../known-order.ts';
import type { StripeConfig } from '../stripe-config.ts';
import type { StripeProviderOptions } from '../stripe-provider.ts';
import { StripeProvider } from '../stripe-provider.ts';
import type { SignedEvent } from './stripe-test-server.ts';
import { StripeTestServer } from './stripe-test-server.ts';

const secretKey = 'sk_test_secretsecret';
export const webhookSecret = 'whsec_0123456789abcdef';

/** The test server with adapters before it that share what is stored, as after a restart. */
export class Rig {
  readonly clock = new PauseClock();
  readonly orders = new MemoryOrders<KnownOrder>();
  readonly accounts = new MemoryAccounts();
  readonly server: StripeTestServer;
  config: StripeConfig;
  #orderCount = 0;

  constructor() {
    this.server = new StripeTestServer({ secretKey, nowMs: () => this.clock.nowMs() });
    this.config = {
      baseUrl: 'http://127.0.0.1:1',
      secretKey,
      webhookSecret,
      accountId: null,
      hold: 'visit',
      payPages: 'https://pay.example/',
    };
  }

  async start(): Promise<void> {
    this.config = { ...this.config, baseUrl: await this.server.start() };
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** A new adapter over what is stored. */
  adapter(
    config: Partial<StripeConfig> = {},
    options: Partial<StripeProviderOptions> = {},
    logger: Logger = silentLogger,
  ): StripeProvider {
    const { clock, orders, accounts } = this;
    return new StripeProvider({
      clock,
      orders,
      accounts,
      logger,
      ...options,
      config: { ...this.config, ...config },
    });
  }

  /** An order of a member of its own with a card that was saved. */
  newOrder(fields: Partial<DebitRequest> = {}): DebitRequest {
    const number = ++this.#orderCount;
    const memberId = fields.memberId ?? `M${number}`;
    this.saveCard(memberId, String(number));
    return {
      orderId: `KM00000000${String(number).padStart(17, '0')}`,
      memberId,
      amountMinor: 1_050,
      currency: 'USD',
      cabinetId: 'cabinet-1',
      openedAtMs: this.clock.nowMs() - 60_000,
      closedAtMs: this.clock.nowMs() - 5_000,
      lines: [{ name: 'Cola', count: 3, amountMinor: 1_050 }],
      ...fields,
    };
  }

  /** The member saves this card, in the place of another; gives its payment method. */
  saveCard(memberId: string, name: string): string {
    const account = { customer: `cus_${memberId}`, paymentMethod: `pm_${name}` };
    this.server.book.saveCard(account.paymentMethod, account.customer);
    this.accounts.put(memberId, accountText(account));
    return account.paymentMethod;
  }

  /** An event about the last intent of this order. */
  eventOf(orderId: string, type = 'payment_intent.succeeded', fields: object = {}): SignedEvent {
    const id = this.server.book.intentsOf(orderId).at(-1)?.id ?? '';
    return this.server.event(type, { ...this.server.book.show(id), ...fields }, webhookSecret);
  }

  /**
   * What the debit worker does until an order is paid; all goes well from now on. True: its money has moved once,
   * all of it, and nothing is held any more. `isInDoubt`: it begins with a query.
   */
  async paidOnce(order: DebitRequest, isInDoubt: boolean): Promise<boolean> {
    const { book, faults } = this.server;
    const { orderId } = order;
    faults.clear();
    await untilPaid(() => this.adapter(), this.clock, order, isInDoubt);
    // The database keeps it as JSON.
    knownOrderSchema.parse(JSON.parse(JSON.stringify(await this.orders.find(orderId))));
    const isAll = book.movedMinor(orderId) === order.amountMinor && book.heldMinor(orderId) === 0;
    return isAll && book.takeCount(orderId) === 1;
  }
}
