import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  apiVersion,
  apiVersionHeader,
  bodyDigestHeader,
  signatureHeaders,
  textToSign,
} from '../../shared/api/signing.ts';
import { idRandomByteCount, makeChargeId, makeEnrolmentId, makeVisitId } from '../../shared/ids.ts';
import type { ChargeId, EnrolmentId, VisitId } from '../../shared/ids.ts';
import { minor, sumMinor } from '../../shared/money.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';

/** A cabinet as the operator sees one: an id and a key that signs. */
export interface TestCabinet {
  readonly cabinetId: string;
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function makeCabinet(cabinetId: string): TestCabinet {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return { cabinetId, publicKey: raw, privateKey };
}

export interface ToSign {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly timestampMs: number;
  readonly nonce?: string;
}

export function signedHeaders(cabinet: TestCabinet, request: ToSign): Record<string, string> {
  const { method, path, body = '', timestampMs } = request;
  const nonce = request.nonce ?? randomBytes(16).toString('base64url');
  const bodySha256Hex = createHash('sha256').update(body).digest('hex');
  const text = textToSign({
    ...{ method, path, cabinetId: cabinet.cabinetId, timestampMs, nonce, bodySha256Hex },
  });
  return {
    [apiVersionHeader]: String(apiVersion),
    [signatureHeaders.cabinet]: cabinet.cabinetId,
    [signatureHeaders.timestamp]: String(timestampMs),
    [signatureHeaders.nonce]: nonce,
    [bodyDigestHeader]: bodySha256Hex,
    [signatureHeaders.signature]: sign(null, Buffer.from(text), cabinet.privateKey).toString('base64url'),
  };
}

export const newVisitId = (nowMs: number): VisitId => makeVisitId(nowMs, randomBytes(idRandomByteCount));
export const newEnrolmentId = (nowMs: number): EnrolmentId =>
  makeEnrolmentId(nowMs, randomBytes(idRandomByteCount));
export const newChargeId = (nowMs: number): ChargeId => makeChargeId(nowMs, randomBytes(idRandomByteCount));

export function line(sku: string, unitPriceMinor: number, count: number): ChargeLine {
  const amountMinor = minor(unitPriceMinor * count);
  return {
    sku,
    name: { zh: `货${sku}`, en: `goods ${sku}` },
    unitPriceMinor: minor(unitPriceMinor),
    count,
    amountMinor,
  };
}

/** When an id was made: its first 48 bits (shared/ids.ts). */
function timeOf(visitId: VisitId): number {
  const digits = Array.from(visitId.slice(1, 11), (digit) =>
    '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit),
  );
  return digits.reduce((sum, digit) => sum * 32 + digit, 0);
}

/** A charge body that is right in itself, of a minute's visit; `change` goes on top. */
export function chargeBody(
  ids: Pick<ChargeBody, 'chargeId' | 'visitId' | 'cabinetId' | 'memberId'>,
  change: Partial<ChargeBody> = {},
): ChargeBody {
  const lines = change.lines ?? [line('A1', 350, 2), line('B2', 600, 1)];
  return {
    ...ids,
    currency: 'CNY',
    lines,
    totalMinor: sumMinor(lines.map((l) => l.amountMinor)),
    heldLines: [],
    review: [],
    confirmedByShopper: true,
    openedAtMs: timeOf(ids.visitId),
    closedAtMs: timeOf(ids.visitId) + 60_000,
    ...change,
  };
}
