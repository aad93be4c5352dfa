import { cabinetIdSchema } from '../../shared/api/operator.ts';
import {
  cabinetCodeMaxLength,
  cabinetCodePrefix,
  showingByteCount,
} from '../../shared/model/cabinet-code.ts';
import { showingSchema } from '../../shared/model/cabinet-code.schema.ts';
import { assert } from '../../shared/assert.ts';
import { type Result, err, ok } from '../../shared/result.ts';
import { base32, fromBase32 } from './base32.ts';

/** What a cabinet code says; whether it is true only its signature tells. */
export interface CabinetCode {
  readonly cabinetId: string;
  readonly expiresAtS: number;
  readonly showing: string;
}

const signatureByteCount = 64;
const form = /(KC1\.([A-Z0-9-]{1,32})\.([0-9A-Z]{1,8})\.([A-Z2-7]{8}))\.([A-Z2-7]+)$/;

/** Names one turn of the code screen. */
export function makeShowing(random: Uint8Array): string {
  assert(random.length === showingByteCount, 'a showing takes 5 random bytes');
  return base32(random);
}

/** The part that is signed (model/cabinet-code.ts). */
export function cabinetCodeToSign({ cabinetId, expiresAtS, showing }: CabinetCode): string {
  return `${cabinetCodePrefix}.${cabinetId}.${expiresAtS.toString(36).toUpperCase()}.${showing}`;
}

/** What goes into the QR: where phones go, the signed part, the raw Ed25519 signature (64 bytes). */
export function cabinetCodeText(shopperUrl: string, signed: string, signature: Uint8Array): string {
  assert(signature.length === signatureByteCount, 'an Ed25519 signature has 64 bytes');
  return `${shopperUrl}${signed}.${base32(signature)}`;
}

/** Reads the form; whatever stands before the prefix (the address) is not looked at. */
export function readCabinetCode(
  text: string,
): Result<CabinetCode & { signed: string; signature: Uint8Array }, { code: 'malformed' }> {
  const malformed = err({ code: 'malformed' as const });
  if (text.length > cabinetCodeMaxLength) return malformed;
  // Told by its end: a cabinet's number, a moment and the address may all have the prefix in them.
  const [, signed = '', cabinetId = '', expires = '', showing = '', spelled = ''] = form.exec(text) ?? [];
  const signature = fromBase32(spelled);
  if (!cabinetIdSchema.safeParse(cabinetId).success || !showingSchema.safeParse(showing).success)
    return malformed;
  const code = { cabinetId, expiresAtS: Number.parseInt(expires, 36), showing };
  // One spelling of each: leading zeros would be another code for the same moment.
  if (signature?.length !== signatureByteCount || cabinetCodeToSign(code) !== signed) return malformed;
  return ok({ ...code, signed, signature });
}
