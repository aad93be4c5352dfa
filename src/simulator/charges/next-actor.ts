/** Who acts next on a charge that is not debited, by the first part of its reason; the reasons of the four causes. */
const nextActors: Readonly<Record<string, 'system' | 'operator' | 'shopper'>> = {
  'network.unreachable': 'system',
  'network.timeout': 'system',
  'system.operator_error': 'system',
  'system.provider_error': 'system',
  'system.rejected': 'operator',
  'system.conflict': 'operator',
  'system.device_fault': 'operator',
  'system.storage_fault': 'operator',
  'account.declined': 'shopper',
  'account.insufficient_funds': 'shopper',
  'account.expired_card': 'shopper',
  'account.authentication_required': 'shopper',
  'account.suspended': 'shopper',
  'account.limit_reached': 'operator',
  'account.code_unknown': 'operator',
  'account.code_expired': 'operator',
  'account.code_replayed': 'operator',
  'account.face_not_enrolled': 'operator',
  'recognition.reader_lost': 'operator',
  'recognition.differs_from_confirmed': 'operator',
  'recognition.door_left_open': 'operator',
  'recognition.line_reported': 'operator',
  'recognition.expired': 'operator',
};

/** States in which nothing is expected of the system any more by itself. */
const settled = ['paid', 'voided', 'needs_attention', 'collecting'];
/** Who is asked next about a charge that is not debited; null: nobody, and that is a finding. */
export function nextActorOf(state: string, reason: string | null): string | null {
  if (!settled.includes(state)) return null;
  return reason === null ? null : (nextActors[reason] ?? null);
}
