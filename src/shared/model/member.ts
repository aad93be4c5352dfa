/**
 * A member code is what the shopper's phone shows (QR or Code 128):
 *
 *   KM1.<member id>.<expires: seconds since epoch, base 36>.<nonce: 12 base64url>.<Ed25519 signature: 86 base64url>
 *
 * signed by the operator over everything before the last dot. It is shown for a minute and works once.
 * Only printable ASCII without blanks; at most `memberCodeMaxLength` characters.
 */
export const memberCodeMaxLength = 200;
export const memberCodePrefix = 'KM1';
