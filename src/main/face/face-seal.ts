import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FaceTemplate } from '../../core/identity/face-match.ts';
import { type EmbedderName, descriptorLengths, embedderNameSchema } from '../../shared/model/face.ts';

const nonceByteCount = 12;
const tagByteCount = 16;
const keyByteCount = 32;

/** What one row holds of a face, sealed. */
export interface SealedFace {
  /** The person's own data key, under the vault's. Without it the rest is noise. */
  readonly wrappedKey: Uint8Array;
  readonly template: Uint8Array;
  readonly phoneDigits: Uint8Array | null;
}

/** The vault's key, in two that do not tell of each other: for the file, and for the keys in it. */
export function vaultKeys(vaultKeyHex: string): { fileKeyHex: string; wrappingKey: Uint8Array } {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(vaultKeyHex, 'hex'), '', `kaimen ${purpose}`, keyByteCount));
  return { fileKeyHex: derive('faces.db').toString('hex'), wrappingKey: derive('face data keys') };
}

/** Seals under a new key of the person's own; every part is bound to member, model and what it is. */
export function sealFace(
  wrappingKey: Uint8Array,
  face: FaceTemplate,
  phoneDigits: string | null,
): SealedFace {
  const { memberId, model, acceptMin, centroid } = face;
  const bound = boundTo(memberId, model);
  const dataKey = randomBytes(keyByteCount);
  const plain = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT + centroid.byteLength);
  plain.writeDoubleLE(acceptMin, 0);
  for (const [i, value] of centroid.entries()) plain.writeFloatLE(value, offsetOf(i));
  const sealed = {
    wrappedKey: seal(wrappingKey, dataKey, bound('key')),
    template: seal(dataKey, plain, bound('template')),
    phoneDigits: phoneDigits === null ? null : seal(dataKey, Buffer.from(phoneDigits), bound('digits')),
  };
  dataKey.fill(0);
  plain.fill(0);
  return sealed;
}

/** The template in the row; null: it is damaged, of another person or model, or of another vault. */
export function unsealTemplate(
  wrappingKey: Uint8Array,
  memberId: string,
  modelName: string,
  sealed: Pick<SealedFace, 'wrappedKey' | 'template'>,
): FaceTemplate | null {
  const model = embedderNameSchema.safeParse(modelName);
  if (!model.success) return null;
  const bound = boundTo(memberId, model.data);
  const plain = unseal(
    unseal(wrappingKey, sealed.wrappedKey, bound('key')),
    sealed.template,
    bound('template'),
  );
  if (plain?.length !== offsetOf(descriptorLengths[model.data])) return null;
  const centroid = new Float32Array(descriptorLengths[model.data]);
  for (let i = 0; i < centroid.length; i++) centroid[i] = plain.readFloatLE(offsetOf(i));
  const acceptMin = plain.readDoubleLE(0);
  plain.fill(0);
  return { memberId, model: model.data, acceptMin, centroid };
}

/** The last four digits of the phone in the row; null: none, or damaged. */
export function unsealDigits(
  wrappingKey: Uint8Array,
  memberId: string,
  modelName: string,
  sealed: Pick<SealedFace, 'wrappedKey' | 'phoneDigits'>,
): Buffer | null {
  const model = embedderNameSchema.safeParse(modelName);
  if (!model.success || sealed.phoneDigits === null) return null;
  const bound = boundTo(memberId, model.data);
  return unseal(unseal(wrappingKey, sealed.wrappedKey, bound('key')), sealed.phoneDigits, bound('digits'));
}

function offsetOf(index: number): number {
  return Float64Array.BYTES_PER_ELEMENT + index * Float32Array.BYTES_PER_ELEMENT;
}

function boundTo(memberId: string, model: EmbedderName): (part: string) => Buffer {
  return (part) => Buffer.from(`${part}\n${memberId}\n${model}`);
}

/** AES-256-GCM: nonce, tag, ciphertext. */
function seal(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = randomBytes(nonceByteCount);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagByteCount });
  cipher.setAAD(bound);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function unseal(key: Uint8Array | null, sealed: Uint8Array, bound: Uint8Array): Buffer | null {
  const textFrom = nonceByteCount + tagByteCount;
  if (key?.length !== keyByteCount || sealed.length < textFrom) return null;
  const nonce = sealed.subarray(0, nonceByteCount);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagByteCount });
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(nonceByteCount, textFrom));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(textFrom)), decipher.final()]);
  } catch {
    return null;
  }
}
