import type { DebitLine } from '../provider.ts';
import { cut } from '../shown-text.ts';
import { limits, paths } from './codes.ts';
import { postOrder } from './post-payments.ts';
import type { Answer, ProtocolClient } from './protocol-client.ts';
import { wechatTime } from './wechat-time.ts';
import type { WechatConfig } from './wechat-config.ts';

/** What the payer may read of an order that ends, or of a sum that falls; the same on every repeat. */
const cancelReason = '本次未产生消费';
const modifyReason = '商家下调金额';

/** The calls about one order: their bodies, and where they go. Amounts in fen. */
export class OrderCalls {
  readonly #client: ProtocolClient;
  readonly #config: WechatConfig;

  constructor(client: ProtocolClient, config: WechatConfig) {
    this.#client = client;
    this.#config = config;
  }

  /** An order that needs no confirmation by its payer. It begins when WeChat takes it: an earlier time is refused. */
  createBody(order: { number: string; openid: string; cabinetId: string; maxMinor: number }): string {
    const { serviceIntroduction, notifyUrl } = this.#config;
    return JSON.stringify({
      out_order_no: order.number,
      ...this.#service(),
      service_introduction: serviceIntroduction,
      time_range: { start_time: 'OnAccept' },
      risk_fund: { name: 'ESTIMATE_ORDER_COST', amount: order.maxMinor },
      device: { start_device_id: cut(order.cabinetId, limits.deviceIdMax) },
      notify_url: notifyUrl,
      openid: order.openid,
      need_user_confirm: false,
    });
  }

  completeBody(lines: readonly DebitLine[], amountMinor: number, endedAtMs: number): string {
    return JSON.stringify({
      ...this.#service(),
      ...sumOf(lines, amountMinor),
      time_range: { end_time: wechatTime(endedAtMs) },
    });
  }

  create(body: string): Promise<Answer> {
    return this.#client.post(paths.orders, body);
  }

  complete(number: string, body: string): Promise<Answer> {
    return this.#client.post(paths.order(number, 'complete'), body);
  }

  cancel(number: string): Promise<Answer> {
    const body = JSON.stringify({ ...this.#service(), reason: cancelReason });
    return this.#client.post(paths.order(number, 'cancel'), body);
  }

  modify(number: string, lines: readonly DebitLine[], amountMinor: number): Promise<Answer> {
    const body = { ...this.#service(), ...sumOf(lines, amountMinor), reason: modifyReason };
    return this.#client.post(paths.order(number, 'modify'), JSON.stringify(body));
  }

  query(number: string): Promise<Answer> {
    return this.#client.get(paths.orders, { out_order_no: number, ...this.#service() });
  }

  #service(): { appid: string; service_id: string } {
    return { appid: this.#config.appid, service_id: this.#config.serviceId };
  }
}

function sumOf(lines: readonly DebitLine[], amountMinor: number) {
  return { ...postOrder(lines, amountMinor), total_amount: amountMinor };
}
