import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FaceTemplate } from '../../core/identity/face-match.ts';
import { type EmbedderName, descriptorLengths } from '../../shared/model/face.ts';
import { embedderNameSchema } from '../../shared/model/face.schema.ts';

const nonceByteCount = 12;
const tagByteCount = 16;
const keyByteCount = 32;

/** One row of the face table: everything encrypted. */
export interface EncryptedFace {
  /** The person's own data key, under the vault's. Without it the rest is noise. */
  readonly wrappedKey: Uint8Array;
  readonly template: Uint8Array;
  readonly phoneDigits: Uint8Array | null;
}

/** Two independent keys derived from the vault's key: one for the file, one that wraps the data keys in it. */
export function vaultKeys(vaultKeyHex: string): { fileKeyHex: string; wrappingKey: Uint8Array } {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(vaultKeyHex, 'hex'), '', `kaimen ${purpose}`, keyByteCount));
  return { fileKeyHex: derive('faces.db').toString('hex'), wrappingKey: derive('face data keys') };
}

/** Encrypts under a new key of the person's own; every part is bound to member, model and what it is. */
export function encryptFace(
  wrappingKey: Uint8Array,
  face: FaceTemplate,
  phoneDigits: string | null,
): EncryptedFace {
  const { memberId, model, acceptMin, centroid } = face;
  const bound = boundTo(memberId, model);
  const dataKey = randomBytes(keyByteCount);
  const plain = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT + centroid.byteLength);
  plain.writeDoubleLE(acceptMin, 0);
  for (const [i, value] of centroid.entries()) plain.writeFloatLE(value, offsetOf(i));
  const encrypted = {
    wrappedKey: encrypt(wrappingKey, dataKey, bound('key')),
    template: encrypt(dataKey, plain, bound('template')),
    phoneDigits: phoneDigits === null ? null : encrypt(dataKey, Buffer.from(phoneDigits), bound('digits')),
  };
  dataKey.fill(0);
  plain.fill(0);
  return encrypted;
}

/** The template in the row; null: it is damaged, of another person or model, or of another vault. */
export function decryptTemplate(
  wrappingKey: Uint8Array,
  memberId: string,
  modelName: string,
  encrypted: Pick<EncryptedFace, 'wrappedKey' | 'template'>,
): FaceTemplate | null {
  const model = embedderNameSchema.safeParse(modelName);
  if (!model.success) return null;
  const bound = boundTo(memberId, model.data);
  const plain = decrypt(
    decrypt(wrappingKey, encrypted.wrappedKey, bound('key')),
    encrypted.template,
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
export function decryptDigits(
  wrappingKey: Uint8Array,
  memberId: string,
  modelName: string,
  encrypted: Pick<EncryptedFace, 'wrappedKey' | 'phoneDigits'>,
): Buffer | null {
  const model = embedderNameSchema.safeParse(modelName);
  if (!model.success || encrypted.phoneDigits === null) return null;
  const bound = boundTo(memberId, model.data);
  return decrypt(
    decrypt(wrappingKey, encrypted.wrappedKey, bound('key')),
    encrypted.phoneDigits,
    bound('digits'),
  );
}

function offsetOf(index: number): number {
  return Float64Array.BYTES_PER_ELEMENT + index * Float32Array.BYTES_PER_ELEMENT;
}

function boundTo(memberId: string, model: EmbedderName): (part: string) => Buffer {
  return (part) => Buffer.from(`${part}\n${memberId}\n${model}`);
}

/** AES-256-GCM: nonce, tag, ciphertext. */
function encrypt(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = randomBytes(nonceByteCount);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagByteCount });
  cipher.setAAD(bound);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Uint8Array | null, encrypted: Uint8Array, bound: Uint8Array): Buffer | null {
  const textFrom = nonceByteCount + tagByteCount;
  if (key?.length !== keyByteCount || encrypted.length < textFrom) return null;
  const nonce = encrypted.subarray(0, nonceByteCount);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagByteCount });
  decipher.setAAD(bound);
  decipher.setAuthTag(encrypted.subarray(nonceByteCount, textFrom));
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(textFrom)), decipher.final()]);
  } catch {
    return null;
  }
}
