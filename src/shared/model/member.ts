/** By what a member pays, as far as a screen can say it. `simulated`: no money moves. */
export const paymentMeans = ['wechat_pay', 'alipay', 'unionpay', 'card', 'balance', 'simulated'] as const;
export type PaymentMeans = (typeof paymentMeans)[number];

/**
 * A member code is what the shopper's phone shows (QR or Code 128):
 *
 *   KM1.<member id>.<expires: seconds since epoch, base 36>.<nonce: 12 base64url>.<Ed25519 signature: 86 base64url>
 *
 * signed by the operator over everything before the last dot. It is shown for a minute and works once.
 * An enrolment code begins with `KE1` instead: the member has said in the app that a face may be enrolled where it is
 * shown. It opens "my data" and no door. Cabinets from before do not know it, and take it for no code of ours.
 * Only printable ASCII without blanks; at most `memberCodeMaxLength` characters.
 */
export const memberCodeMaxLength = 200;
/** No code has a later end than this from now. */
export const memberCodeLifetimeS = 60;
export const memberCodePrefixes = { visit: 'KM1', enrol: 'KE1' } as const;
export type MemberCodePurpose = keyof typeof memberCodePrefixes;

/** What a code says of itself; whether it is true only its signature tells. */
export interface MemberCode {
  /** `enrol`: a face may be enrolled with it; it opens no door. */
  readonly purpose: MemberCodePurpose;
  readonly memberId: string;
  readonly expiresAtMs: number;
  /** What makes the code work once. */
  readonly nonce: string;
}

// Ten base-36 digits stay below 2^53 seconds, and so below 2^63 ms; a code made today has six.
const memberCodeForm =
  /^K([ME])1\.([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{86})$/;

/** Reads the form alone; null for what cannot be a code. `signed` is what the signature (base64url) covers. */
export function parseMemberCode(
  text: string,
): (MemberCode & { readonly signed: string; readonly signature: string }) | null {
  if (text.length > memberCodeMaxLength) return null;
  const [, kind, memberId, expires, nonce, signature] = memberCodeForm.exec(text) ?? [];
  if (memberId === undefined || expires === undefined || nonce === undefined || signature === undefined)
    return null;
  const expiresAtMs = Number.parseInt(expires, 36) * 1000;
  if (!Number.isSafeInteger(expiresAtMs)) return null;
  const purpose = kind === 'E' ? 'enrol' : 'visit';
  return { purpose, memberId, expiresAtMs, nonce, signed: text.slice(0, -signature.length - 1), signature };
}
