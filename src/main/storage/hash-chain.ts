import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/util/canonical-json.ts';

/** Lower-case hex of SHA-256 over the UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** What stands before the first event. */
export const chainStart = '0'.repeat(64);

export interface ChainedEvent {
  readonly seq: number;
  readonly chargeId: string;
  readonly atMs: number;
  readonly type: string;
  /** Canonical JSON. */
  readonly dataJson: string;
}

/**
 * Hash of one event: SHA-256 over the hash before it and the canonical JSON of the event. A changed, removed, inserted
 * or reordered event breaks every hash after it.
 */
export function chainHash(prevHash: string, event: ChainedEvent): string {
  const data: unknown = JSON.parse(event.dataJson);
  const { seq, chargeId, atMs, type } = event;
  return sha256Hex(prevHash + canonicalJson({ seq, charge_id: chargeId, at_ms: atMs, type, data }));
}
