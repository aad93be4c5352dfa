import { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { byteAt } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';

/**
 * USB HID scales (HID Point of Sale Usage Tables 1.02, usage page 8D "Scale", usage 20). Reports, not a byte stream.
 *
 *   weight (input)    id | status | unit | exponent | lo hi     id 03 (some 04); weight = (hi lo) × 10^exponent
 *   command (output)  02 | bits                                 bit 0 enforced zero return, bit 1 zero the scale
 *
 * The exponent is a signed byte. The number is unsigned: "under zero" is said by the status. A read may be longer than the
 * report (8 bytes on some hosts); what follows the six bytes means nothing.
 * Sources: the usage tables; npm dymo-scale (tests), github erjiang/usbscale, antradar.com "Dymo USB scale interface".
 */
const commandReportId = 0x02;
const weightBytes = 6;
/** A full-speed interrupt endpoint carries 64 bytes. */
export const scaleReportMaxBytes = 64;
const enforcedZeroReturnBit = 0x01;
const zeroScaleBit = 0x02;

const statusCodes = {
  fault: 0x01,
  zero: 0x02, // stable at zero
  in_motion: 0x03,
  stable: 0x04,
  under_zero: 0x05,
  over_limit: 0x06,
  needs_calibration: 0x07,
  needs_zeroing: 0x08,
  zero_scale: 0x10,
  enforced_zero_return: 0x11,
} as const;
export type ScaleStatus = keyof typeof statusCodes;

const unitCodes = {
  milligram: 0x01,
  gram: 0x02,
  kilogram: 0x03,
  carat: 0x04,
  tael: 0x05,
  grain: 0x06,
  pennyweight: 0x07,
  metric_ton: 0x08,
  avoir_ton: 0x09,
  troy_ounce: 0x0a,
  ounce: 0x0b,
  pound: 0x0c,
} as const;
export type ScaleUnit = keyof typeof unitCodes;

export const scaleWeightSchema = z.object({
  type: z.literal('weight'),
  reportId: z.union([z.literal(3), z.literal(4)]),
  status: z.enum(namesOf(statusCodes)),
  unit: z.enum(namesOf(unitCodes)),
  /** Power of ten. */
  exponent: z.number().int().min(-128).max(127),
  value: z.number().int().min(0).max(0xffff),
  /** Bytes after the report, as some hosts deliver it; zero here, ignored when read. */
  padding: z
    .number()
    .int()
    .min(0)
    .max(scaleReportMaxBytes - weightBytes),
});
export type ScaleWeight = z.infer<typeof scaleWeightSchema>;

export const scaleCommandSchema = z.object({
  type: z.literal('command'),
  zero: z.boolean(),
  enforcedZeroReturn: z.boolean(),
});
export type ScaleCommand = z.infer<typeof scaleCommandSchema>;

/** One input report, id included. The message must fit its schema. */
export function encodeScaleWeight(weight: ScaleWeight): Uint8Array {
  const bytes = new Uint8Array(weightBytes + weight.padding);
  const { reportId, status, unit, exponent, value } = weight;
  bytes.set([reportId, statusCodes[status], unitCodes[unit], exponent & 0xff, value & 0xff, value >> 8]);
  return bytes;
}

/** One input report, id included, with or without padding. */
export function decodeScaleWeight(bytes: Uint8Array): Result<ScaleWeight, CodecFailure> {
  if (bytes.length < weightBytes) return fail('codec.too_short', `${bytes.length} bytes; a report has 6`);
  if (bytes.length > scaleReportMaxBytes) return fail('codec.too_long', `${bytes.length} bytes`);
  const [reportId = 0, statusCode = 0, unitCode = 0, exponent = 0, low = 0, high = 0] = bytes;
  if (reportId !== 3 && reportId !== 4) return fail('codec.bad_head', `report id ${reportId}`);
  const status = nameOf(statusCodes, statusCode);
  if (status === undefined) return fail('codec.bad_field', `status ${statusCode}`);
  const unit = nameOf(unitCodes, unitCode);
  if (unit === undefined) return fail('codec.bad_field', `unit ${unitCode}`);
  return ok({
    type: 'weight',
    reportId,
    status,
    unit,
    exponent: (exponent << 24) >> 24,
    value: high * 256 + low,
    padding: bytes.length - weightBytes,
  });
}

/** One output report, id included. */
export function encodeScaleCommand(command: ScaleCommand): Uint8Array {
  const bits = (command.zero ? zeroScaleBit : 0) | (command.enforcedZeroReturn ? enforcedZeroReturnBit : 0);
  return Uint8Array.of(commandReportId, bits);
}

/** One output report, id included; reserved bits are ignored. */
export function decodeScaleCommand(bytes: Uint8Array): Result<ScaleCommand, CodecFailure> {
  if (bytes.length < 2) return fail('codec.too_short', `${bytes.length} bytes; a command has 2`);
  if (bytes.length > 2) return fail('codec.too_long', `${bytes.length} bytes; a command has 2`);
  if (byteAt(bytes, 0) !== commandReportId) return fail('codec.bad_head', `report id ${byteAt(bytes, 0)}`);
  const bits = byteAt(bytes, 1);
  return ok({
    type: 'command',
    zero: (bits & zeroScaleBit) !== 0,
    enforcedZeroReturn: (bits & enforcedZeroReturnBit) !== 0,
  });
}

export const scaleHidCodec: ProtocolCodec<ScaleCommand, ScaleWeight> = {
  name: 'scale-hid',
  hostMessageSchema: scaleCommandSchema,
  deviceMessageSchema: scaleWeightSchema,
  encodeHostMessage: encodeScaleCommand,
  encodeDeviceMessage: encodeScaleWeight,
  decodeHostFrame: decodeScaleCommand,
  decodeDeviceFrame: decodeScaleWeight,
};

/**
 * What one of each unit weighs, in nanograms: exact by the definition of the pound (0.453 592 37 kg). Tael and "avoir ton"
 * are left out: the usage tables do not say which of several is meant (37.8 g, 50 g, 37.5 g; 2000 lb, 2240 lb).
 */
const nanogramsPer: Readonly<Partial<Record<ScaleUnit, bigint>>> = {
  milligram: 1_000_000n,
  gram: 1_000_000_000n,
  kilogram: 1_000_000_000_000n,
  carat: 200_000_000n,
  grain: 64_798_910n,
  pennyweight: 1_555_173_840n,
  metric_ton: 1_000_000_000_000_000n,
  troy_ounce: 31_103_476_800n,
  ounce: 28_349_523_125n,
  pound: 453_592_370_000n,
};
const nanogramsPerMilligram = 1_000_000n;
/** A thousand tons: more is no weight. Far below the integers that a number holds exactly. */
export const weightMaxMilligrams = 1_000_000_000_000;

/**
 * The weight in whole milligrams, rounded half away from zero once, at the end; negative when the scale says "under zero".
 * Null: the unit is not sure, or no scale weighs that much.
 */
export function milligramsOf(weight: ScaleWeight): number | null {
  const perUnit = nanogramsPer[weight.unit];
  if (perUnit === undefined) return null;
  const up = 10n ** BigInt(Math.max(weight.exponent, 0));
  const down = nanogramsPerMilligram * 10n ** BigInt(Math.max(-weight.exponent, 0));
  const milligrams = (BigInt(weight.value) * perUnit * up * 2n + down) / (down * 2n);
  if (milligrams > BigInt(weightMaxMilligrams)) return null;
  const size = Number(milligrams);
  return weight.status === 'under_zero' && size > 0 ? -size : size;
}

function namesOf<T extends object>(codes: T): (keyof T)[] {
  return Object.keys(codes) as (keyof T)[];
}

function nameOf<T extends Readonly<Record<string, number>>>(codes: T, code: number): keyof T | undefined {
  return namesOf(codes).find((name) => codes[name] === code);
}
