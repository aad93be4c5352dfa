import { createHmac, timingSafeEqual } from 'node:crypto';
import { serviceCodeLength } from '../model/service.ts';

/** Of a one-time code: the number of its issue for this cabinet, and the last day (UTC, since 1970) on which it is good. */
export interface ServiceCodeParts {
  readonly serial: number;
  readonly lastDay: number;
}

const serialDigits = 6;
const dayDigits = 5;
export const serialMax = 10 ** serialDigits - 1;

/** What a code is for: this person at this cabinet. */
export interface ServiceCodeFor {
  /** 32 bytes, base64url, that only the operator and this cabinet have. */
  readonly codeKey: string;
  readonly cabinetId: string;
  readonly staffNo: string;
}

/**
 * A one-time code that lets one person of the staff in at one cabinet, as it is read out on the telephone and typed on a number
 * pad: serial, last day, and nine digits that only the operator could make. A cabinet without a network can tell that it is true.
 */
export function makeServiceCode(of: ServiceCodeFor, parts: ServiceCodeParts): string {
  const head = headOf(parts);
  return head + sealOf(of, head);
}

/** Null: it is not a code for this person here. Whether it was used, or is too old, core/service/staff-list.ts says. */
export function readServiceCode(of: ServiceCodeFor, typed: string): ServiceCodeParts | null {
  const code = typed.replaceAll(/[\s-]/g, '');
  if (!/^\d+$/.test(code) || code.length !== serviceCodeLength) return null;
  const head = code.slice(0, serialDigits + dayDigits);
  const isTrue = timingSafeEqual(Buffer.from(code.slice(head.length)), Buffer.from(sealOf(of, head)));
  if (!isTrue) return null;
  return { serial: Number(head.slice(0, serialDigits)), lastDay: Number(head.slice(serialDigits)) };
}

function headOf({ serial, lastDay }: ServiceCodeParts): string {
  return String(serial).padStart(serialDigits, '0') + String(lastDay).padStart(dayDigits, '0');
}

function sealOf({ codeKey, cabinetId, staffNo }: ServiceCodeFor, head: string): string {
  const text = `kaimen service code\n${cabinetId}\n${staffNo}\n${head}`;
  const mac = createHmac('sha256', Buffer.from(codeKey, 'base64url')).update(text).digest();
  return String(mac.readBigUInt64BE() % 1_000_000_000n).padStart(9, '0');
}
