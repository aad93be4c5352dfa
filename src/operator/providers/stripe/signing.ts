import { createHmac, timingSafeEqual } from 'node:crypto';

/** Stripe's signatures of events, as pure functions: for the adapter, and for tools outside. */

/** Why nothing of an event counts. */
type WebhookRefusal =
  /** The header is not there, or has no time-stamp, or no signature of the scheme v1. */
  | 'headers'
  /** The time-stamp is older than is allowed. */
  | 'timestamp'
  | 'signature';

interface WebhookOptions {
  /** Of the endpoint. Several: they are being rotated. */
  readonly secrets: readonly string[];
  /** Unix time, s. */
  readonly nowS: number;
  /** How old the time-stamp may be, s. */
  readonly toleranceS: number;
}

type VerifiedWebhook = { readonly ok: true } | { readonly ok: false; readonly refusal: WebhookRefusal };

/**
 * Whether an event is Stripe's: v1 = HMAC-SHA256(secret, t + "." + body), hex, and any one of several v1 of the header
 * suffices; other schemes count nothing. `body`: the bytes as they arrived. A time-stamp of the future passes, as
 * with Stripe's own libraries: only who has the secret can make one. Never throws.
 */
export function verifyWebhook(
  body: Buffer | string,
  header: string | undefined,
  { secrets, nowS, toleranceS }: WebhookOptions,
): VerifiedWebhook {
  const { timestamp, signatures } = parseHeader(header ?? '');
  if (timestamp === null || signatures.length === 0) return { ok: false, refusal: 'headers' };
  const isSigned = secrets.some((secret) => {
    // Anybody could sign with none.
    if (secret.trim() === '') return false;
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
    return signatures.some((signature) => timingSafeEqual(signature, expected));
  });
  if (!isSigned) return { ok: false, refusal: 'signature' };
  return nowS - Number(timestamp) > toleranceS ? { ok: false, refusal: 'timestamp' } : { ok: true };
}

/** The time-stamp as it stands there, and the signatures of the scheme v1 that can be ones. */
function parseHeader(header: string): {
  timestamp: string | null;
  signatures: readonly Buffer[];
} {
  const parts = header.split(',').map((part) => part.trim().split('=', 2));
  const valuesOf = (name: string) => parts.filter(([key]) => key === name).map(([, value = '']) => value);
  const [timestamp = ''] = valuesOf('t');
  const signatures = valuesOf('v1').filter((value) => /^[0-9a-f]{64}$/.test(value));
  return {
    timestamp: /^\d{1,12}$/.test(timestamp) ? timestamp : null,
    signatures: signatures.map((value) => Buffer.from(value, 'hex')),
  };
}
