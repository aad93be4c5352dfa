/**
 * Facts about WeChat Pay Score (微信支付分, API v3) and refunds, collected 2026-11-27 (those marked 29: 2026-11-29); check
 * them against pay.weixin.qq.com before going live. Sources: pages pay.weixin.qq.com/docs/merchant/apis/weixin-pay-score…
 * and …/weixin-pay-score-no-confirm of 2024-06 to 2025-03 with their FAQ, github.com/TheNorthMemory/wechatpay-openapi
 * docs/v3/payscore (MIT, 2025-03), github.com/wechatpay-apiv3/wechatpay-go (validators), answers on
 * developers.weixin.qq.com.
 */

/**
 * What an error code says of what was asked. `unknown`: nothing. `limit`: not taken, later perhaps. `own_fault`: keys,
 * permissions or clock are ours to mend; the same number afterwards. `not_found`: not there, yet. `query`: also used for a
 * wrong state and for a repeat with other parameters, so that only a query says what is so.
 */
export type CodeClass = 'unknown' | 'limit' | 'own_fault' | 'not_found' | 'query';

export interface ErrorCode {
  readonly http: number;
  readonly zh: string;
  readonly class: CodeClass;
}

/** Of Pay Score; every 5xx is as SYSTEM_ERROR, and a code that is not here is unknown. */
export const errorCodes = {
  SYSTEM_ERROR: { http: 500, zh: '系统错误', class: 'unknown' },
  PARAM_ERROR: { http: 400, zh: '参数错误', class: 'query' },
  INVALID_REQUEST: { http: 400, zh: '请求参数符合参数格式，但不符合业务规则', class: 'query' },
  INVALID_ORDER_STATE: { http: 400, zh: '单据状态错误', class: 'query' },
  ORDER_CANCELED: { http: 400, zh: '单据已取消', class: 'query' },
  ORDER_DONE: { http: 400, zh: '订单已完成', class: 'query' },
  SIGN_ERROR: { http: 401, zh: '签名错误', class: 'own_fault' },
  NO_AUTH: { http: 403, zh: '商户暂无权限使用此服务', class: 'own_fault' },
  ORDER_NOT_EXIST: { http: 404, zh: '订单不存在', class: 'not_found' },
  FREQUENCY_LIMITED: { http: 429, zh: '频率超限', class: 'limit' },
} as const satisfies Record<string, ErrorCode>;

/** Of refunds, beside those above (29). */
export const refundErrorCodes = {
  NOT_ENOUGH: { http: 403, zh: '基本账户余额不足，请充值后重新发起', class: 'query' },
  USER_ACCOUNT_ABNORMAL: { http: 403, zh: '用户账户注销', class: 'query' },
  RESOURCE_NOT_EXISTS: { http: 404, zh: '退款单不存在', class: 'not_found' },
  MCH_NOT_EXISTS: { http: 404, zh: '商户号不存在', class: 'own_fault' },
} as const satisfies Record<string, ErrorCode>;

/** Of bills, beside those above. The first also of a day on which nothing moved. */
export const billErrorCodes = {
  NO_STATEMENT_EXIST: { http: 400, zh: '账单文件不存在', class: 'not_found' },
  STATEMENT_CREATING: { http: 400, zh: '账单生成中', class: 'limit' },
} as const satisfies Record<string, ErrorCode>;

/** What a code says; unknown for one that is not known here, or with another status than it has. */
export function classOf(status: number, code: string): CodeClass {
  const known: Readonly<Record<string, ErrorCode>> = {
    ...errorCodes,
    ...refundErrorCodes,
    ...billErrorCodes,
  };
  const fact = Object.hasOwn(known, code) ? known[code] : undefined;
  return fact?.http === status ? fact.class : 'unknown';
}

/**
 * Messages of INVALID_REQUEST at the creation of an order that are about the person, not about the request (29; FAQ of the
 * no-confirm mode and community answers). The risk control gives no other reason.
 */
export const personRefusals = [
  { part: '综合评估', reason: 'account.declined' },
  { part: '用户未开启服务', reason: 'account.authentication_required' },
  { part: '未授权', reason: 'account.authentication_required' },
] as const;

/** Lengths are in characters, amounts in fen. */
export const limits = {
  orderNumberMax: 32,
  introductionMax: 20,
  paymentsMax: 100,
  discountsMax: 30,
  discountNameMax: 20,
  /** What smart retail (智慧零售) demands as the name of every line. */
  paymentName: '商品信息',
  descriptionMax: 30,
  countMax: 100,
  reasonMax: 50,
  refundReasonMax: 80,
  openidMax: 128,
  deviceIdMax: 32,
  notifyUrlMax: 255,
} as const;

export const orderStates = ['CREATED', 'DOING', 'DONE', 'REVOKED', 'EXPIRED'] as const;
/** Of DOING alone. */
export const stateDescriptions = ['USER_CONFIRM', 'MCH_COMPLETE'] as const;
export const collectionStates = ['USER_PAYING', 'USER_PAID'] as const;
export const refundStates = ['SUCCESS', 'PROCESSING', 'CLOSED', 'ABNORMAL'] as const;

/**
 * Whether a member has opened the service; the last (m): they have closed it. What is said of a number before anybody has opened
 * it is not known: refused counts as not yet.
 */
export const authorizationStates = ['UNAVAILABLE', 'AVAILABLE', 'UNBINDUSER'] as const;
/** What WeChat's own page for it is called by (m), and how long its token is good. */
export const signUpBusiness = 'wxpayScoreEnable';
export const signUpTokenLifeMs = 3_600_000;

export const eventTypes = {
  confirmed: 'PAYSCORE.USER_CONFIRM',
  paid: 'PAYSCORE.USER_PAID',
  serviceOpened: 'PAYSCORE.USER_OPEN_SERVICE',
  serviceClosed: 'PAYSCORE.USER_CLOSE_SERVICE',
} as const;
/** Before the state of a refund in the event type of its notice (29). */
export const refundEventPrefix = 'REFUND.';

/** A time-stamp may be so far from our clock, both ways. */
export const clockToleranceS = 300;
/** All that it settles in: there is no other currency in the mainland's API. */
export const currency = 'CNY';

/** Paths below the base address; `no`: the order number. */
export const paths = {
  orders: '/v3/payscore/serviceorder',
  order: (no: string, act: 'complete' | 'cancel' | 'modify') =>
    `/v3/payscore/serviceorder/${encodeURIComponent(no)}/${act}`,
  permissions: '/v3/payscore/permissions',
  permission: (code: string) => `/v3/payscore/permissions/authorization-code/${encodeURIComponent(code)}`,
  permissionOf: (openid: string) => `/v3/payscore/permissions/openid/${encodeURIComponent(openid)}`,
  permissionEnd: (openid: string) =>
    `/v3/payscore/permissions/openid/${encodeURIComponent(openid)}/terminate`,
  refunds: '/v3/refund/domestic/refunds',
  refund: (no: string) => `/v3/refund/domestic/refunds/${encodeURIComponent(no)}`,
} as const;
