/** A charge's life (docs/payments.md#a-charges-life): only forward, nothing is ever deleted. */
export const chargeStates = [
  'open',
  'finalised',
  'queued',
  'submitting',
  'in_doubt',
  'accepted',
  'paid',
  'collecting',
  'voided',
  'needs_attention',
] as const;
export type ChargeState = (typeof chargeStates)[number];

/**
 * Why a charge is not paid yet (or a visit was refused): a closed union, grouped by the four causes of the field.
 * Who acts next, and when: told-money.ts; texts and remedy: shared/i18n; both exhaustive.
 */
export const reasonCodes = [
  'network.unreachable',
  'network.timeout',
  'network.offline_time_unknown',
  'network.offline_no_policy',
  'network.offline_cabinet_cap',
  'network.offline_face_list_old',
  'system.operator_error',
  'system.provider_error',
  'system.rejected',
  'system.conflict',
  'system.device_fault',
  'system.storage_fault',
  'account.declined',
  'account.insufficient_funds',
  'account.expired_card',
  'account.authentication_required',
  'account.suspended',
  'account.unpaid_charges',
  'account.limit_reached',
  'account.code_unknown',
  'account.code_expired',
  'account.code_replayed',
  'account.code_malformed',
  'account.face_not_enrolled',
  'account.offline_unverified',
  'account.offline_denied',
  'account.offline_member_cap',
  'recognition.reader_lost',
  'recognition.differs_from_confirmed',
  'recognition.door_left_open',
  'recognition.line_reported',
  'recognition.expired',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];
export type ReasonCause = 'network' | 'system' | 'account' | 'recognition';

export function causeOf(code: ReasonCode): ReasonCause {
  return code.slice(0, code.indexOf('.')) as ReasonCause;
}

/** Why a cabinet opens for nobody until it hears its operator. */
export const offlineBlocks = [
  'network.offline_time_unknown',
  'network.offline_no_policy',
  'network.offline_cabinet_cap',
] as const satisfies readonly ReasonCode[];
export type OfflineBlock = (typeof offlineBlocks)[number];

/**
 * What says the most of a reason that there is no word for here: by its cause, as far as that can be told. Nobody is told
 * of a cause that it may not have.
 */
export function nearestReason(word: string): ReasonCode {
  if (word.startsWith('account.')) return 'account.declined';
  return word.startsWith('recognition.') ? 'system.rejected' : 'system.operator_error';
}

/** It is the code that was shown, not the account behind it. */
export function isCodeReason(code: ReasonCode): boolean {
  return code.startsWith('account.code_');
}

const notRemediedByScan: readonly ReasonCode[] = [
  ...offlineBlocks,
  'system.conflict',
  'system.storage_fault',
  'account.suspended',
  'account.limit_reached',
  'account.offline_unverified',
  'account.offline_denied',
  'account.offline_member_cap',
  'recognition.differs_from_confirmed',
  'recognition.door_left_open',
  'recognition.line_reported',
  'recognition.expired',
];

/** Refused for this, a shopper may come in by scanning again, now or a little later; else only people or time can help. */
export function scanAgainHelps(code: ReasonCode): boolean {
  return !notRemediedByScan.includes(code);
}

/** Where the money of a finished visit is, in the shopper's terms. */
export const receiptStatuses = [
  'nothing', // nothing taken: nothing charged
  'sending', // on its way to the operator right now (shown for a moment)
  'paid',
  'follows', // network or system: durable here, will be charged once
  'collecting', // account: declined for now, reason and remedy below
  'review', // recognition or a human has to look
] as const;
export type ReceiptStatus = (typeof receiptStatuses)[number];

/** When the next thing happens, and with that who acts, in terms that a screen can say. */
export const actsWhens = [
  'on_its_own_soon',
  'when_network_returns',
  'when_shopper_pays', // here, now
  'unless_shopper_has_paid', // here, now; it may be paid already, for nobody has answered
  'when_shopper_acts', // puts the account right; then it is tried again
  'working_days',
] as const;
export type ActsWhen = (typeof actsWhens)[number];
