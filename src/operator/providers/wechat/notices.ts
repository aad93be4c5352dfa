import { z } from 'zod';
import type { Notice, NoticeOutcome } from '../provider.ts';
import { isSignUpId } from '../../../shared/ids.ts';
import { clockToleranceS, eventTypes, refundEventPrefix } from './codes.ts';
import { orderIdOf } from './known-order.ts';
import { notify } from './signing.ts';
import type { WechatConfig } from './wechat-config.ts';
import { parseWechatTime } from './wechat-time.ts';

export type ReadNotice =
  | Exclude<NoticeOutcome, { kind: 'order' }>
  /** An order is paid, it says; `resource` is to be judged as an answer about `number`. */
  | { readonly kind: 'paid'; readonly orderId: string; readonly number: string; readonly resource: unknown };

const ofMerchantSchema = z.object({ mchid: z.string() });
const agreementSchema = z.object({
  service_id: z.string(),
  appid: z.string().optional(),
  openid: z.string().min(1),
  openorclose_time: z.string().optional(),
  /** Our number of the sign-up, where it was opened by one. */
  authorization_code: z.string().nullish(),
});
const orderSchema = z.object({ service_id: z.string(), out_order_no: z.string() });

/** What a notice says, once it is proven to be WeChat's and for this merchant. `nowS`: Unix time, s. */
export function readNotice({ headers, body }: Notice, config: WechatConfig, nowS: number): ReadNotice {
  const { platformKeys: keys, apiV3Key } = config;
  const toleranceS = clockToleranceS;
  const read = notify(headers, body.toString('utf8'), { keys, apiV3Key, nowS, toleranceS });
  if (!read.ok) return refused(read.refusal);
  const { eventType, resource } = read;
  const ofMerchant = ofMerchantSchema.safeParse(resource);
  if (!ofMerchant.success || ofMerchant.data.mchid !== config.mchid) return refused('for another merchant');
  switch (eventType) {
    case eventTypes.serviceOpened:
    case eventTypes.serviceClosed: {
      const agreement = agreementSchema.safeParse(resource);
      if (!agreement.success) return refused('not to be read');
      if (!isOurService(agreement.data, config)) return { kind: 'other' };
      const state = eventType === eventTypes.serviceOpened ? 'valid' : 'ended';
      const { openid: account, openorclose_time: time, authorization_code: code } = agreement.data;
      const sinceMs = parseWechatTime(time);
      const since = sinceMs === null ? {} : { sinceMs };
      if (state === 'valid' && isSignUpId(code))
        return { kind: 'sign_up', signUpId: code, outcome: { kind: 'valid', account }, ...since };
      return { kind: 'agreement', account, state, ...since };
    }
    case eventTypes.paid: {
      const order = orderSchema.safeParse(resource);
      if (!order.success) return refused('not to be read');
      const { out_order_no: number } = order.data;
      const orderId = orderIdOf(number);
      if (orderId === null || !isOurService(order.data, config)) return { kind: 'other' };
      return { kind: 'paid', orderId, number, resource };
    }
    case eventTypes.confirmed:
      // An order that waits says nothing of money, and may be an old one by now.
      return { kind: 'other' };
    default:
      // Refunds are asked about by whoever waits for them.
      return eventType.startsWith(refundEventPrefix)
        ? { kind: 'other' }
        : refused('of a kind that is not known');
  }
}

/** A merchant may have several services: those of others have nothing to do with us. */
function isOurService(
  { service_id: serviceId, appid }: { service_id: string; appid?: string | undefined },
  config: WechatConfig,
): boolean {
  return serviceId === config.serviceId && (appid === undefined || appid === config.appid);
}

const refused = (message: string): ReadNotice => ({ kind: 'refused', message: `notice refused: ${message}` });
