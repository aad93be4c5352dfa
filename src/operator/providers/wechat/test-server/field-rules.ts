import { z } from 'zod';
import { Failure } from './failure.ts';

/** What the documents demand of each field of a request; what they do not name is refused, as WeChat does. */

const fen = z.number().int().min(0);
const text = (max: number) => z.string().min(1).max(max);

const payments = z
  .array(
    z.strictObject({
      name: z.literal('商品信息'),
      amount: fen,
      description: text(30),
      count: z.number().int().min(1).max(100),
    }),
  )
  .min(1)
  .max(100);

const service = { appid: text(32), service_id: text(32) };
const discounts = z
  .array(z.strictObject({ name: text(20), description: text(30), amount: fen.min(1) }))
  .min(1)
  .max(30);
const sum = { post_payments: payments, post_discounts: discounts.optional(), total_amount: fen };

export const rules = {
  create: z.strictObject({
    ...service,
    out_order_no: z.string().regex(/^[0-9A-Za-z_\-|*]{1,32}$/),
    service_introduction: text(20),
    time_range: z.strictObject({ start_time: z.string().regex(/^(OnAccept|\d{14})$/) }),
    risk_fund: z.strictObject({
      name: z.enum(['DEPOSIT', 'ADVANCE', 'CASH_DEPOSIT', 'ESTIMATE_ORDER_COST']),
      amount: fen.min(1),
      description: text(30).optional(),
    }),
    device: z.strictObject({ start_device_id: text(32) }),
    notify_url: text(255),
    openid: text(128),
    need_user_confirm: z.literal(false),
  }),
  permit: z.strictObject({
    ...service,
    authorization_code: z.string().regex(/^[0-9A-Za-z_\-|*]{1,32}$/),
    notify_url: text(255),
  }),
  permissionEnd: z.strictObject({ ...service, reason: text(50) }),
  complete: z.strictObject({
    ...service,
    ...sum,
    time_range: z.strictObject({ end_time: z.string().regex(/^\d{14}$/) }),
  }),
  cancel: z.strictObject({ ...service, reason: text(50) }),
  modify: z.strictObject({ ...service, ...sum, reason: text(50) }),
  refund: z.strictObject({
    transaction_id: text(32),
    out_refund_no: z.string().regex(/^[0-9A-Za-z_\-|*@]{1,64}$/),
    reason: z.string().max(80).optional(),
    notify_url: text(256).optional(),
    amount: z.strictObject({ refund: fen.min(1), total: fen.min(1), currency: z.literal('CNY') }),
  }),
} as const;

/** The body by its rule; a failure as WeChat would answer. */
export function checked<T>(rule: z.ZodType<T>, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Failure('PARAM_ERROR', '请求体不是JSON');
  }
  const result = rule.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Failure('PARAM_ERROR', `输入源“/body/${issue?.path.join('/') ?? ''}”校验失败`);
}
