/**
 * Facts about Alipay's pay-after-use (芝麻先享, dynamic amount), collected 2026-11-27 to 29; check them against
 * opendocs.alipay.com before going live. Sources: github.com/xiaojianpinga/skills (copies of opendocs.alipay.com/open/03vtf0
 * and /03ulp5 with their FAQ of 2025-07), github.com/alipay/alipay-sdk-java-all (fields of requests and answers),
 * github.com/alipay/alipay-sdk-nodejs-all (signatures), public lists of the gateway's codes. Marked (m): from memory.
 */
import type { DeclineReason } from '../provider.ts';

/**
 * What a refusal says of what was asked. `unknown`: nothing. `limit`: not taken, later perhaps. `own_fault`: keys,
 * permissions, contract or clock are ours to mend; the same number afterwards. `account`: the payer cannot pay now.
 * `not_found`: not there, yet. `argument`: the request is wrong. `query`: only a query says what is so.
 */
export type CodeClass = 'unknown' | 'limit' | 'own_fault' | 'account' | 'not_found' | 'argument' | 'query';

export interface CodeFact {
  readonly class: CodeClass;
  /** Of `account`. */
  readonly reason?: DeclineReason;
}

/** Of the gateway: what `code` says where there is no more exact `sub_code`. Not here: 10000 and 10003, which are no refusals. */
export const gatewayCodes: Readonly<Record<string, CodeClass>> = {
  '20000': 'unknown',
  '20001': 'own_fault',
  '40001': 'argument',
  '40002': 'argument',
  '40003': 'own_fault',
  // A business failure: the sub_code says which.
  '40004': 'query',
  '40005': 'limit',
  '40006': 'own_fault',
};

/** Taken; 10003: the payer's side is not done yet. */
export const acceptedCodes = ['10000', '10003'] as const;

/** Of 40002: the request never came as far as its content. */
const ownFaultsOfGateway = [
  'isv.invalid-signature',
  'isv.invalid-signature-type',
  'isv.invalid-app-id',
  'isv.invalid-timestamp',
  'isv.missing-signature-config',
  'isv.invalid-charset',
  'isv.suspected-attack',
  'isv.forbidden-api',
] as const;

const poor = { class: 'account', reason: 'account.insufficient_funds' } as const;
const declined = { class: 'account', reason: 'account.declined' } as const;
const needsConsent = { class: 'account', reason: 'account.authentication_required' } as const;
const ownFault = { class: 'own_fault' } as const;
const argument = { class: 'argument' } as const;
const query = { class: 'query' } as const;

/** `sub_code` of the calls about trades. */
export const subCodes = {
  'ACQ.SYSTEM_ERROR': { class: 'unknown' },
  'ACQ.TRADE_HAS_SUCCESS': query,
  'ACQ.TRADE_HAS_CLOSE': query,
  'ACQ.BUYER_BALANCE_NOT_ENOUGH': poor,
  'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH': poor,
  'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': declined,
  'ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR': declined,
  'ACQ.ERROR_BALANCE_PAYMENT_DISABLE': declined,
  'ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE': declined,
  'ACQ.BUYER_ENABLE_STATUS_FORBID': declined,
  'ACQ.PAYMENT_REQUEST_HAS_RISK': declined,
  'ACQ.PAYMENT_FAIL': declined,
  'ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT': needsConsent,
  'ACQ.AGREEMENT_NOT_EXIST': needsConsent,
  'ACQ.AGREEMENT_INVALID': needsConsent,
  'ACQ.AGREEMENT_STATUS_NOT_NORMAL': needsConsent,
  'ACQ.MERCHANT_AGREEMENT_NOT_EXIST': ownFault,
  'ACQ.MERCHANT_AGREEMENT_INVALID': ownFault,
  'ACQ.MERCHANT_STATUS_NOT_NORMAL': ownFault,
  'ACQ.SELLER_BEEN_BLOCKED': ownFault,
  'ACQ.PARTNER_ERROR': ownFault,
  'ACQ.ACCESS_FORBIDDEN': ownFault,
  'ACQ.BEYOND_PAY_RESTRICTION': ownFault,
  'ACQ.BEYOND_PER_RECEIPT_RESTRICTION': ownFault,
  'ACQ.INVALID_PARAMETER': argument,
  'ACQ.TOTAL_FEE_EXCEED': argument,
  'ACQ.TRADE_BUYER_NOT_MATCH': argument,
  'ACQ.BUYER_SELLER_EQUAL': argument,
  'ACQ.EXIST_FORBIDDEN_WORD': argument,
  'ACQ.PAYMENT_AUTH_CODE_INVALID': argument,
  // The same number with another content: what was sent first counts.
  'ACQ.CONTEXT_INCONSISTENT': query,
  'ACQ.TRADE_NOT_EXIST': { class: 'not_found' },
  // Of refunds (m).
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': query,
  'ACQ.REASON_TRADE_REFUND_FEE_ERR': query,
  'ACQ.DISCORDANT_REPEAT_REQUEST': query,
  'ACQ.TRADE_STATUS_ERROR': query,
} as const satisfies Record<string, CodeFact>;

/** What a refusal says; of a code that is not known here nothing, but for a business failure, after which a query says it. */
export function factOf(code: string, subCode: string): CodeFact {
  const known: Readonly<Record<string, CodeFact>> = subCodes;
  const fact = Object.hasOwn(known, subCode) ? known[subCode] : undefined;
  if (code === '40004') {
    if (fact !== undefined) return fact;
    // The codes of 芝麻's own calls stand in no public copy; these words are said of what nobody knows.
    return { class: /SYSTEM|UNKNOWN|TIMEOUT/i.test(subCode) ? 'unknown' : 'query' };
  }
  if (ownFaultsOfGateway.some((own) => own === subCode)) return ownFault;
  return { class: Object.hasOwn(gatewayCodes, code) ? (gatewayCodes[code] ?? 'unknown') : 'unknown' };
}

export const methods = {
  agreementSign: 'zhima.credit.payafteruse.creditagreement.sign',
  agreementQuery: 'zhima.credit.payafteruse.creditagreement.query',
  order: 'zhima.credit.payafteruse.creditbizorder.order',
  orderQuery: 'zhima.credit.payafteruse.creditbizorder.query',
  finish: 'zhima.credit.payafteruse.creditbizorder.finish',
  pay: 'alipay.trade.pay',
  tradeQuery: 'alipay.trade.query',
  refund: 'alipay.trade.refund',
  refundQuery: 'alipay.trade.fastpay.refund.query',
  billUrl: 'alipay.data.dataservice.bill.downloadurl.query',
  oauthToken: 'alipay.system.oauth.token',
} as const;
export type Method = (typeof methods)[keyof typeof methods];

/** `sub_code` of a code of the sign-in that is none, was used, or has ended. */
export const codeRefusal = 'isv.code-invalid';
/** The page of the sign-in that asks people for nothing (静默授权). */
export const authorizeUrl = 'https://openauth.alipay.com/oauth2/publicAppAuthorize.htm';

/** The bill of a merchant's trades (业务账单); the other one is of the account's movements. */
export const billType = 'trade';
/** `sub_code` where there is no bill for that day (m). */
export const noBillCodes = ['isp.bill_not_exist', 'isv.bill-not-exist'] as const;
/** Where the files are that answers name (m). */
export const billHosts = ['dwbillcenter.alipay.com'] as const;

/** `msg_method` of notices that come through the message service. */
export const messages = {
  agreementChanged: 'zhima.credit.payafteruse.creditagreement.changed',
  orderChanged: 'zhima.credit.payafteruse.creditbizorder.changed',
} as const;
/** `notify_type` of notices about a trade. */
export const tradeNotice = 'trade_status_sync';

export const agreementStates = ['VALID', 'INVALID', 'UNSIGNED'] as const;
/** Ordered; debited; cancelled or paid back in full. */
export const orderStates = ['INIT', 'TRADE_FINISHED', 'TRADE_CLOSED'] as const;
/** Not debited yet; closed or paid back in full; debited; debited and no more to be paid back. */
export const tradeStates = ['WAIT_BUYER_PAY', 'TRADE_CLOSED', 'TRADE_SUCCESS', 'TRADE_FINISHED'] as const;

/** What the debit of a credit order is marked with. */
export const payScene = {
  scene: 'ZHIMA_CREDIT_CODE',
  product_code: 'GENERAL_WITHHOLDING',
  is_async_pay: true,
  extend_params: { creditTradeScene: 'CREDIT_PAY_UNCERTAIN_FEE' },
} as const;
/** How long the text by which a member agrees is taken: as long as its time-stamp may be off (m). */
export const signUpLifeMs = 600_000;
export const creditProduct = 'CREDIT_PAY_AFTER_USE';

/** Lengths are in characters. */
export const limits = {
  outOrderNoMin: 8,
  outOrderNoMax: 64,
  subjectMax: 64,
  refundReasonMax: 80,
  /** Yuan; (m). */
  amountMaxMinor: 10_000_000_000,
} as const;

/** All that it settles in here. */
export const currency = 'CNY';
