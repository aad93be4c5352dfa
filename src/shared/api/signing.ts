/**
 * Cabinet requests are signed with the cabinet's own Ed25519 key (made on the cabinet, never leaves it).
 * Signed text: six lines, each ended by "\n": method, path, cabinet id, Unix time in ms, nonce, SHA-256 of the body (hex).
 * The operator refuses a time more than `clockSkewMaxMs` off and a nonce seen within that window.
 */
export const signatureHeaders = {
  cabinet: 'kaimen-cabinet',
  timestamp: 'kaimen-timestamp',
  nonce: 'kaimen-nonce',
  signature: 'kaimen-signature',
} as const;

/**
 * The SHA-256 that is in the signed text (hex), so that the operator can check the signature before it reads the body.
 * Cabinets from before version 2 do not send it: of them little is read before it is known who they are.
 */
export const bodyDigestHeader = 'kaimen-body-sha256';

/**
 * With this header a cabinet says which version of the replies it can read; it is not signed, as it changes nothing but
 * words. Without it: a cabinet from before there were versions (operator/http/earlier-cabinet.ts).
 */
export const apiVersionHeader = 'kaimen-api';
export const apiVersion = 2;

export const clockSkewMaxMs = 5 * 60_000;

export interface SignedParts {
  method: string;
  path: string;
  cabinetId: string;
  timestampMs: number;
  /** 16 random bytes, base64url. */
  nonce: string;
  /** Lower-case hex of SHA-256 over the exact body bytes (of no bytes when there is none). */
  bodySha256Hex: string;
}

export function textToSign(p: SignedParts): string {
  return `${p.method}\n${p.path}\n${p.cabinetId}\n${String(p.timestampMs)}\n${p.nonce}\n${p.bodySha256Hex}\n`;
}
