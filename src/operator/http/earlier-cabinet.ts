import type { IncomingHttpHeaders } from 'node:http';
import { apiVersion, apiVersionHeader } from '../../shared/api/signing.ts';
import { nearestReason } from '../../shared/model/charge.ts';

/** What a cabinet that names no version can read: the API as it was when cabinets began to name one. */
const linesMax = 100;
const piecesMax = 100;
const reasons: ReadonlySet<string> = new Set([
  'network.unreachable',
  'network.timeout',
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
  'account.code_unknown',
  'account.code_expired',
  'account.code_replayed',
  'account.code_malformed',
  'recognition.reader_lost',
  'recognition.differs_from_confirmed',
  'recognition.door_left_open',
  'recognition.line_reported',
]);

/** The cabinet names no version of the API, or an older one than ours. */
export function isEarlier(headers: IncomingHttpHeaders): boolean {
  const version = headers[apiVersionHeader];
  return typeof version !== 'string' || !/^\d{1,6}$/.test(version) || Number(version) < apiVersion;
}

/**
 * Any reply of this API as a cabinet can read it that names no version. It takes one word or one number that it does
 * not know for an answer that is not ours at all, and then asks about that charge for ever. So a newer reason becomes
 * the nearest one of the same cause, and a purchase with more lines or pieces than it can count is left out.
 */
export function forEarlierCabinet(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null) return reply;
  const told: Record<string, unknown> = { ...reply };
  if (typeof told['reason'] === 'string') told['reason'] = knownReason(told['reason']);
  if ('charge' in told) told['charge'] = forEarlierCabinet(told['charge']);
  if (Array.isArray(told['purchases']))
    told['purchases'] = told['purchases'].filter(canCount).map(forEarlierCabinet);
  return told;
}

function knownReason(reason: string): string {
  return reasons.has(reason) ? reason : nearestReason(reason);
}

function canCount(purchase: unknown): boolean {
  const { lines, heldLines } = purchase as Record<'lines' | 'heldLines', readonly { count: number }[]>;
  return [lines, heldLines].every(
    (list) => list.length <= linesMax && list.every(({ count }) => count <= piecesMax),
  );
}
