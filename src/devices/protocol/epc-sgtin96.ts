import { z } from 'zod';
import { assert } from '../../shared/assert.ts';
import {
  decodeSgtin96,
  encodeSgtin96,
  normalGtin,
  sgtinPrefixDigitsMax,
  sgtinPrefixDigitsMin,
  sgtinSerialMax,
} from '../../shared/epc.ts';
import type { EpcErrorCode } from '../../shared/epc.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { bytesOfHex, toHex } from './codec.ts';
import type { CodecErrorCode, CodecFailure, ProtocolCodec } from './codec.ts';

/**
 * The 12 bytes of an SGTIN-96 EPC as a "protocol", for `npm run codec`: the meaning is in shared/epc.ts. The number of a
 * tag has no direction; both decode alike.
 */
export const sgtinBytes = 12;

const sgtinMessageSchema = z
  .object({
    type: z.literal('sgtin96'),
    /** 14 digits with the check digit. */
    gtin: z.string().regex(/^\d{14}$/),
    /** Digits of the company prefix: 12 minus the partition. */
    prefixDigits: z.number().int().min(sgtinPrefixDigitsMin).max(sgtinPrefixDigitsMax),
    filter: z.number().int().min(0).max(7),
    serial: z.number().int().min(0).max(sgtinSerialMax),
    /** Follow from the GTIN and the length of the prefix; ignored when encoding. */
    partition: z.number().int().optional(),
    companyPrefix: z.string().max(12).optional(),
    itemReference: z.string().max(7).optional(),
  })
  .refine((m) => normalGtin(m.gtin) === m.gtin && Number(m.gtin) !== 0, { message: 'not a GTIN' });
type SgtinMessage = z.infer<typeof sgtinMessageSchema>;

const codes: Readonly<Record<EpcErrorCode, CodecErrorCode>> = {
  'epc.bad_length': 'codec.bad_length',
  'epc.bad_header': 'codec.bad_head',
  'epc.bad_partition': 'codec.bad_field',
  'epc.bad_field': 'codec.bad_field',
};

function decode(bytes: Uint8Array): Result<SgtinMessage, CodecFailure> {
  if (bytes.length < sgtinBytes) return fail('codec.too_short', `${bytes.length} bytes of 12`);
  if (bytes.length > sgtinBytes) return fail('codec.too_long', `${bytes.length} bytes of 12`);
  const found = decodeSgtin96(toHex(bytes));
  if (!found.ok) return fail(codes[found.error.code], found.error.message);
  const { gtin, filter, serial, partition, companyPrefix, itemReference } = found.value;
  const prefixDigits = companyPrefix.length;
  return ok({
    type: 'sgtin96',
    gtin,
    prefixDigits,
    filter,
    serial,
    partition,
    companyPrefix,
    itemReference,
  });
}

function encode(message: SgtinMessage): Uint8Array {
  const epc = encodeSgtin96(message);
  assert(epc.ok, 'the schema holds all fields within their bounds');
  return bytesOfHex(epc.value);
}

export const epcSgtin96Codec: ProtocolCodec<SgtinMessage, SgtinMessage> = {
  name: 'epc-sgtin96',
  hostMessageSchema: sgtinMessageSchema,
  deviceMessageSchema: sgtinMessageSchema,
  encodeHostMessage: encode,
  encodeDeviceMessage: encode,
  decodeHostFrame: decode,
  decodeDeviceFrame: decode,
};
