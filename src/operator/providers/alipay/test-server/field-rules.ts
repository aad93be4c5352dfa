import { z } from 'zod';
import { Failure } from './failure.ts';

/** What the documents demand of each field of a request; what they do not name is refused. Amounts: yuan, two decimals. */

const yuan = z.string().regex(/^(0|[1-9]\d{0,8})\.\d{2}$/);
const text = (max: number) => z.string().min(1).max(max);
const creditOrderNo = z.string().regex(/^ZMCB\d{20,30}$/);
const tradeNo = z.string().regex(/^\d{20,32}$/);
const requestNo = z.string().regex(/^[0-9A-Za-z_-]{1,64}$/);
const subject = z.string().regex(/^[^/=&]{1,256}$/);

export const rules = {
  agreementSign: z.strictObject({
    out_agreement_no: text(64),
    zm_service_id: text(64),
    product_code: z.literal('CREDIT_PAY_AFTER_USE').optional(),
    category_id: text(64).optional(),
  }),
  agreementQuery: z.union([
    z.strictObject({ credit_agreement_id: text(64) }),
    z.strictObject({ out_agreement_no: text(64) }),
  ]),
  order: z.strictObject({
    out_order_no: z.string().regex(/^[0-9A-Za-z_-]{8,64}$/),
    credit_agreement_id: text(64),
    product_code: z.literal('CREDIT_PAY_AFTER_USE').optional(),
    subject,
    category_id: text(64).optional(),
    order_amount: yuan.optional(),
    amount_type: text(32).optional(),
  }),
  orderQuery: z.union([
    z.strictObject({ credit_biz_order_id: creditOrderNo }),
    z.strictObject({ out_order_no: text(64) }),
  ]),
  finish: z.strictObject({
    credit_biz_order_id: creditOrderNo,
    is_fulfilled: z.enum(['true', 'false']),
    out_request_no: requestNo,
    remark: text(100).optional(),
  }),
  pay: z.strictObject({
    out_trade_no: creditOrderNo,
    auth_code: creditOrderNo,
    total_amount: yuan.refine((amount) => amount !== '0.00'),
    subject,
    body: text(128).optional(),
    scene: z.literal('ZHIMA_CREDIT_CODE'),
    product_code: z.literal('GENERAL_WITHHOLDING'),
    is_async_pay: z.literal(true),
    extend_params: z.strictObject({ creditTradeScene: z.literal('CREDIT_PAY_UNCERTAIN_FEE') }),
  }),
  tradeQuery: z.union([
    z.strictObject({ out_trade_no: creditOrderNo }),
    z.strictObject({ trade_no: tradeNo }),
  ]),
  refund: z.strictObject({
    trade_no: tradeNo,
    refund_amount: yuan.refine((amount) => amount !== '0.00'),
    out_request_no: requestNo,
    refund_reason: z.string().max(256).optional(),
  }),
  refundQuery: z.strictObject({ trade_no: tradeNo, out_request_no: requestNo }),
  billUrl: z.strictObject({
    bill_type: z.enum(['trade', 'signcustomer']),
    bill_date: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  }),
} as const;

/** The content by its rule; a failure as the gateway would answer. */
export function checked<T>(rule: z.ZodType<T>, content: string): T {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Failure('40002', 'isv.illegal-json', 'JSON格式非法');
  }
  const result = rule.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Failure('40002', 'isv.invalid-parameter', `参数无效：${issue?.path.join('.') ?? ''}`);
}
