/**
 * A cabinet code is the QR that the cabinet itself shows, for phones without a member code at hand:
 *
 *   <shopperUrl of the settings>KC1.<cabinet id>.<expires: seconds since epoch, base 36>.<showing>.<Ed25519 signature, base 32>
 *
 * signed with the cabinet's key over everything from `KC1` to before the last dot. Capitals and digits only (base 32 of RFC 4648, without
 * padding), so that a QR code may take its alphanumeric mode: 5.5 bits a character instead of 8, and so bigger squares. No request is
 * signed in this form (they begin with a method), so that neither can pass for the other.
 */
export const cabinetCodePrefix = 'KC1';

/** One turn of the code screen, from its appearance until it is left: 5 random bytes. All codes of one turn carry the same. */
export const showingByteCount = 5;

/** Longest `shopperUrl`, characters: longer ones make squares too small for an old phone. */
export const shopperUrlMaxLength = 64;
/** Longest address of the shopper's page that an operator may tell: what is put behind it makes a `shopperUrl`. */
export const phonePageMaxLength = shopperUrlMaxLength - 2;
/** Longest whole text. */
export const cabinetCodeMaxLength = 256;

/** A code is replaced on screen after this … */
export const cabinetCodeShownMs = 20_000;
/** … and taken for this long from when it appeared: the member's app needs its time to open. */
export const cabinetCodeLifetimeMs = 45_000;
