import { silentLogger } from '../../../../shared/util/logger.ts';
import type { DebitRequest } from '../../provider.ts';
import { MemoryAccounts, MemoryOrders, PauseClock, untilPaid } from '../../testing.ts';
import type { KnownOrder } from '../known-order.ts';
import { knownOrderSchema } from '../known-order.ts';
import type { WechatConfig } from '../wechat-config.ts';
import type { WechatProviderOptions } from '../wechat-provider.ts';
import { WechatProvider } from '../wechat-provider.ts';
import { WechatTestServer } from './wechat-test-server.ts';
import type { KeyPair } from './wire.ts';
import { makeKeyPair } from './wire.ts';

const merchantKey = makeKeyPair();
type Keys = Readonly<Record<string, KeyPair>>;
const sharedKeys: Keys = {
  PUB_KEY_ID_0114232134912410000000000000: makeKeyPair(),
  '7132D72A03E93CDDF8C03BBD1F37EEDF': makeKeyPair(),
};
const apiV3Key = '0123456789abcdef0123456789abcdef';
const merchant = {
  mchid: '1900000109',
  appid: 'wxd678efh567hg6787',
  serviceId: '2002000000000558128851361561536',
};

/** The test server with adapters before it that share what is stored, as after a restart. */
export class Rig {
  readonly clock = new PauseClock();
  readonly orders = new MemoryOrders<KnownOrder>();
  readonly accounts = new MemoryAccounts();
  readonly server: WechatTestServer;
  config: WechatConfig;
  #orderCount = 0;

  /** Another merchant than that of most tests, or one with keys of its own. */
  constructor({ mchid = merchant.mchid, keys = sharedKeys }: { mchid?: string; keys?: Keys } = {}) {
    const serial = '3775B6A45ACD588826D15E583A95F5DD4C1A2B3C';
    const { publicPem } = merchantKey;
    const nowMs = () => this.clock.nowMs();
    this.server = new WechatTestServer({
      merchant: { ...merchant, mchid, serial, publicPem },
      apiV3Key,
      keys,
      nowMs,
    });
    this.config = {
      ...merchant,
      mchid,
      baseUrl: 'http://127.0.0.1:1',
      serviceIntroduction: '智能货柜',
      notifyUrl: 'http://127.0.0.1:1/notice',
      merchantSerial: serial,
      merchantKeyPem: merchantKey.privatePem,
      platformKeys: Object.fromEntries(Object.entries(keys).map(([id, { publicPem: pem }]) => [id, pem])),
      apiV3Key,
    };
  }

  async start(): Promise<void> {
    this.config = { ...this.config, baseUrl: await this.server.start() };
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** A new adapter over what is stored. */
  adapter(config: Partial<WechatConfig> = {}, others: Partial<WechatProviderOptions> = {}): WechatProvider {
    const { clock, orders, accounts } = this;
    const own = { clock, orders, accounts, logger: silentLogger };
    return new WechatProvider({ ...own, ...others, config: { ...this.config, ...config } });
  }

  /** A purchase that no test has had yet, by somebody whose service is open. */
  newOrder(fields: Partial<DebitRequest> = {}): DebitRequest {
    const count = ++this.#orderCount;
    const memberId = `member-${count}`;
    this.accounts.put(memberId, this.openidOf(memberId));
    return {
      orderId: `KM01KB7ZJ4Q${String(count).padStart(17, '0')}`,
      memberId,
      amountMinor: 1_050,
      currency: 'CNY',
      cabinetId: 'cabinet-1',
      openedAtMs: this.clock.nowMs() - 60_000,
      closedAtMs: this.clock.nowMs() - 5_000,
      lines: [
        { name: '可乐', count: 2, amountMinor: 700 },
        { name: '矿泉水', count: 1, amountMinor: 350 },
      ],
      ...fields,
    };
  }

  openidOf(memberId: string): string {
    return `openid-of-${memberId}`;
  }

  /**
   * What the debit worker does until an order is paid; all goes well from now on. True: its money has moved once, all of it.
   * `isInDoubt`: it begins with a query.
   */
  async paidOnce(order: DebitRequest, isInDoubt: boolean): Promise<boolean> {
    const { book, faults } = this.server;
    faults.clear();
    await untilPaid(() => this.adapter(), this.clock, order, isInDoubt);
    // The database keeps it as JSON.
    const known = await this.orders.find(order.orderId);
    knownOrderSchema.parse(JSON.parse(JSON.stringify(known)));
    return book.debitCount(order.orderId) === 1 && book.movedMinor(order.orderId) === order.amountMinor;
  }
}
