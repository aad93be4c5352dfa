import { createHash, createHmac } from 'node:crypto';
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

/** 32 bytes that are in no database: `Secrets.chainKey`. */
export type ChainKey = Uint8Array;

/**
 * Seal of one event, lower-case hex of HMAC-SHA-256: covers its hash and the seal before it, so that nobody without the
 * key can compute a chain anew.
 */
export function chainSeal(key: ChainKey, prevSeal: string, hash: string): string {
  return hmacHex(key, `event\n${prevSeal}\n${hash}`);
}

/** What stands for the seal before the first sealed event: covers all events that were there before there were seals. */
export function chainAnchor(key: ChainKey, lastSeq: number, lastHash: string): string {
  return hmacHex(key, `anchor\n${lastSeq}\n${lastHash}`);
}

/** Seal of the end of the chain, kept beside it: an end that is missing does not fit it. */
export function chainEndSeal(key: ChainKey, seq: number, seal: string): string {
  return hmacHex(key, `end\n${seq}\n${seal}`);
}

/** Seal of where the record begins after events of the front were removed: over the last one of those. */
export function chainBeginSeal(key: ChainKey, seq: number, hash: string, seal: string | null): string {
  return hmacHex(key, `begin\n${seq}\n${hash}\n${seal ?? ''}`);
}

function hmacHex(key: ChainKey, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
