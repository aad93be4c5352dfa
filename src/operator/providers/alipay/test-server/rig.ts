import type { Clock } from '../../../../shared/clock.ts';
import { silentLogger } from '../../../../shared/util/logger.ts';
import { requestMinMs } from '../../call-budget.ts';
import type { DebitRequest } from '../../provider.ts';
import { MemoryAccounts, MemoryOrders } from '../../testing.ts';
import type { AlipayConfig } from '../alipay-config.ts';
import type { AlipayProviderOptions } from '../alipay-provider.ts';
import { AlipayProvider } from '../alipay-provider.ts';
import type { AlipayRecord } from '../known-order.ts';
import { alipayRecordSchema } from '../known-order.ts';
import { AlipayTestServer } from './alipay-test-server.ts';
import { makeKeyPair } from './wire.ts';

const startMs = Date.UTC(2026, 10, 29, 4);

/** Pauses of the adapter are over at once; its bounds, which are longer, come only when they are told to. */
class BoundsClock implements Clock {
  #passedMs = 0;
  readonly #bounds = new Map<() => void, number>();
  /** Happens during the next pause. */
  meanwhile: (() => Promise<void>) | null = null;

  nowMs(): number {
    return startMs + this.#passedMs;
  }
  monotonicMs(): number {
    return this.#passedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    if (delayMs >= requestMinMs) {
      this.#bounds.set(fn, this.#passedMs + delayMs);
      return () => void this.#bounds.delete(fn);
    }
    this.pass(delayMs);
    const { meanwhile } = this;
    this.meanwhile = null;
    let isCancelled = false;
    const end = () => {
      if (!isCancelled) fn();
    };
    setImmediate(() => void (meanwhile?.() ?? Promise.resolve()).then(end));
    return () => {
      isCancelled = true;
    };
  }
  pass(ms: number): void {
    this.#passedMs += ms;
  }
  /** So much time passes that all that is waited for has taken too long. */
  reachBounds(): void {
    this.#passedMs = Math.max(this.#passedMs, ...this.#bounds.values());
    for (const fn of [...this.#bounds.keys()]) fn();
  }
}

const appKey = makeKeyPair();
const keys = [makeKeyPair(), makeKeyPair()];
const app = { appId: '2021000122671080', publicKey: appKey.publicKey };
const sellerId = '2088102146225135';

/** The test server with adapters before it that share what is stored, as after a restart. */
export class Rig {
  readonly clock = new BoundsClock();
  readonly orders = new MemoryOrders<AlipayRecord>();
  readonly accounts = new MemoryAccounts();
  readonly server = new AlipayTestServer({ app, sellerId, keys, nowMs: () => this.clock.nowMs() });
  config: AlipayConfig = {
    gatewayUrl: 'http://127.0.0.1:1/gateway.do',
    appId: app.appId,
    sellerId,
    appPrivateKey: appKey.privateKey,
    alipayPublicKeys: keys.map(({ publicKey }) => publicKey),
    notifyUrl: 'http://127.0.0.1:1/notice',
    title: '智能货柜',
  };
  #orderCount = 0;

  async start(): Promise<void> {
    this.config = { ...this.config, gatewayUrl: await this.server.start() };
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** A new adapter over what is stored. */
  adapter(config: Partial<AlipayConfig> = {}, others: Partial<AlipayProviderOptions> = {}): AlipayProvider {
    const { clock, orders, accounts } = this;
    const all = { ...this.config, ...config };
    return new AlipayProvider({ clock, orders, accounts, logger: silentLogger, ...others, config: all });
  }

  /** A purchase that no test has had yet, by somebody whose agreement is valid. */
  newOrder(fields: Partial<DebitRequest> = {}): DebitRequest {
    const number = String(++this.#orderCount);
    const memberId = fields.memberId ?? `member-${number}`;
    this.accounts.put(memberId, this.agree(memberId));
    return {
      ...{ orderId: `KM01KB7ZJ4Q${number.padStart(17, '0')}`, memberId, cabinetId: 'cabinet-1' },
      ...{ amountMinor: 1_050, currency: 'CNY' },
      openedAtMs: this.clock.nowMs() - 60_000,
      closedAtMs: this.clock.nowMs() - 5_000,
      lines: [
        { name: '可乐', count: 2, amountMinor: 700 },
        { name: '矿泉水', count: 1, amountMinor: 350 },
      ],
      ...fields,
    };
  }

  /** Signs an agreement for somebody at Alipay, and says under which number. */
  agree(memberId: string): string {
    const agreementId = `ZMOP99-${memberId}`;
    this.server.book.agreements.set(agreementId, 'VALID');
    return agreementId;
  }

  /**
   * What the debit worker does until an order is paid; all goes well from now on. True: its money has moved once, all of it.
   * `isInDoubt`: it begins with a query.
   */
  async paidOnce(order: DebitRequest, isInDoubt: boolean): Promise<boolean> {
    const { orderId, amountMinor } = order;
    const { book, faults } = this.server;
    faults.clear();
    await this.#untilPaid(order, isInDoubt);
    // The database keeps it as JSON.
    alipayRecordSchema.parse(JSON.parse(JSON.stringify(await this.orders.find(orderId))));
    return book.debitCount(orderId) === 1 && book.movedMinor(orderId) === amountMinor;
  }

  async #untilPaid(order: DebitRequest, isInDoubt: boolean): Promise<void> {
    const { orderId } = order;
    let isOpenQuestion = isInDoubt;
    for (let turn = 0; turn < 10; turn++) {
      const adapter = this.adapter();
      const { kind } = isOpenQuestion ? await adapter.query(orderId) : await adapter.debit(order);
      if (kind === 'paid') return;
      if (!isOpenQuestion) {
        isOpenQuestion = kind !== 'not_sent' && kind !== 'declined';
        continue;
      }
      this.clock.pass(adapter.settlingMs);
      const ended = kind === 'not_found' ? await adapter.close(orderId) : null;
      isOpenQuestion = ended?.kind !== 'closed';
    }
    throw new Error(`never paid: ${orderId}`);
  }
}
