import { causeOf } from '../../shared/model/charge.ts';
import type { ActsWhen, Actor, ReasonCause, ReasonCode } from '../../shared/model/charge.ts';

export interface ReasonFacts {
  readonly cause: ReasonCause;
  readonly nextActor: Actor;
  readonly when: ActsWhen;
  /** Key of the words in the renderer's i18n: what happened, what it means for the bill, what to do. */
  readonly wordsKey: `reason.${ReasonCode}`;
}

type Row = readonly [whoActsNext: Actor, when: ActsWhen];

/** Exhaustive by type: a new code does not compile until it has a row here. */
const rows: Record<ReasonCode, Row> = {
  'network.unreachable': ['system', 'when_network_returns'],
  'network.timeout': ['system', 'when_network_returns'],
  'system.operator_error': ['system', 'on_its_own_soon'],
  'system.provider_error': ['system', 'on_its_own_soon'],
  'system.rejected': ['operator', 'working_days'],
  'system.conflict': ['operator', 'working_days'],
  'system.device_fault': ['operator', 'working_days'],
  'system.storage_fault': ['operator', 'working_days'],
  'account.declined': ['shopper', 'when_shopper_acts'],
  'account.insufficient_funds': ['shopper', 'when_shopper_acts'],
  'account.expired_card': ['shopper', 'when_shopper_acts'],
  'account.authentication_required': ['shopper', 'when_shopper_acts'],
  'account.suspended': ['shopper', 'when_shopper_acts'],
  'account.unpaid_charges': ['shopper', 'when_shopper_acts'],
  'account.code_unknown': ['shopper', 'when_shopper_acts'],
  'account.code_expired': ['shopper', 'when_shopper_acts'],
  'account.code_replayed': ['shopper', 'when_shopper_acts'],
  'account.code_malformed': ['shopper', 'when_shopper_acts'],
  'account.face_not_enrolled': ['shopper', 'when_shopper_acts'],
  'recognition.reader_lost': ['operator', 'working_days'],
  'recognition.differs_from_confirmed': ['operator', 'working_days'],
  'recognition.door_left_open': ['operator', 'working_days'],
  'recognition.line_reported': ['operator', 'working_days'],
};

/** Cause, who acts next, when, and where the words are. */
export function reasonFacts(code: ReasonCode): ReasonFacts {
  const [whoActsNext, when] = rows[code];
  return { cause: causeOf(code), nextActor: whoActsNext, when, wordsKey: `reason.${code}` };
}
