import { z } from 'zod';
import { hexSchema } from './codec.ts';

/** Messages of the R200 reader; their bytes are in rfid-r200.ts, where the sources are named. */
/**
 * Longest parameter block taken as real. The longest known frame (read of 32 words with a long EPC) is below 140;
 * a bigger stated length is a BB inside garbage, and waiting for 64 KiB would deafen the reader.
 */
export const rfidParamMaxBytes = 255;

const u8 = z.number().int().min(0).max(0xff);
const u16 = z.number().int().min(0).max(0xffff);

/** China 900 = 920.125 + 0.25·i MHz, the legal band of this kiosk in China. */
export const rfidRegionBytes = { 'china-900': 1, us: 2, europe: 3, 'china-800': 4, korea: 6 } as const;
export const rfidRegionSchema = z.enum(['china-900', 'us', 'europe', 'china-800', 'korea']);
export type RfidRegion = z.infer<typeof rfidRegionSchema>;

export const rfidInfoKinds = ['hardware', 'software', 'maker'] as const;
const infoKindSchema = z.enum(rfidInfoKinds);

/** Error bytes of `FF` replies that the manual names. */
export const rfidErrorNames: Readonly<Record<number, string>> = {
  0x09: 'read_failed',
  0x10: 'write_failed',
  0x12: 'kill_failed',
  0x13: 'lock_failed',
  0x15: 'no_tag',
  0x16: 'wrong_password',
  0x17: 'bad_command',
  0x20: 'hopping_failed',
};
/** "No tag, or its CRC was wrong": one empty inventory round. */
export const rfidNoTagError = 0x15;

const demodulatorFields = { mixerGain: u8, ifGain: u8, threshold: u16 };
const selectFields = {
  /** Target, action and memory bank in one byte, as on the wire. */
  parameter: u8,
  /** Bit address of the mask. */
  pointer: z.number().int().min(0).max(0xffffffff),
  truncate: z.boolean(),
  mask: hexSchema(0, 31),
};

export const rfidHostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('getInfo'), what: infoKindSchema }),
  z.object({ type: z.literal('pollOnce') }),
  /** Inventory rounds without pause; ends by itself after `count` rounds. */
  z.object({ type: z.literal('pollMany'), count: u16 }),
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('setRegion'), region: rfidRegionSchema }),
  z.object({ type: z.literal('getRegion') }),
  z.object({ type: z.literal('setPower'), centiDbm: u16 }),
  z.object({ type: z.literal('getPower') }),
  z.object({ type: z.literal('setHopping'), on: z.boolean() }),
  z.object({ type: z.literal('setChannel'), channel: u8 }),
  z.object({ type: z.literal('getChannel') }),
  z.object({ type: z.literal('insertChannels'), channels: z.array(u8).max(64) }),
  z.object({ type: z.literal('setQuery'), query: u16 }),
  z.object({ type: z.literal('getQuery') }),
  z.object({ type: z.literal('setDemodulator'), ...demodulatorFields }),
  z.object({ type: z.literal('getDemodulator') }),
  z.object({ type: z.literal('setSelect'), ...selectFields }),
  z.object({ type: z.literal('getSelect') }),
  z.object({ type: z.literal('setSelectMode'), mode: u8 }),
  /** In hundreds of baud (1152 = 115200). The module does not reply. */
  z.object({ type: z.literal('setBaud'), hundredBaud: u16 }),
  /** A well-formed command that is not spelled out above (read, write, lock, kill …). */
  z.object({ type: z.literal('rawCommand'), command: u8, params: hexSchema(0, rfidParamMaxBytes) }),
]);
export type RfidHostMessage = z.infer<typeof rfidHostMessageSchema>;

export const rfidDeviceMessageSchema = z.discriminatedUnion('type', [
  /** One tag seen in one round. `notice`: 34 (22h) or, as the English manual prints it, 39 (27h): both are real. */
  z.object({
    type: z.literal('tag'),
    notice: z.union([z.literal(0x22), z.literal(0x27)]),
    rssiDbm: z.number().int().min(-128).max(127),
    /** Gen2 protocol control word; the tag's own EPC length in words is its top 5 bits. */
    pc: u16,
    /** All words behind the PC: where its XI bit is set, XPC words stand before the EPC (shared/epc-control-words). */
    epc: hexSchema(0, 62),
    crc: u16,
  }),
  z.object({
    type: z.literal('error'),
    code: u8,
    /** Name of the code, or `other`. Follows from the code; ignored when encoding. */
    name: z.string().max(20),
    /** What follows the code: PC and EPC of the tag for access errors. */
    tail: hexSchema(0, rfidParamMaxBytes - 1),
  }),
  /** The reply 00 of a command that only sets something. */
  z.object({ type: z.literal('done'), command: u8 }),
  z.object({
    type: z.literal('info'),
    what: infoKindSchema,
    text: z
      .string()
      .regex(/^[\x20-\x7e]*$/)
      .max(rfidParamMaxBytes - 1),
  }),
  z.object({ type: z.literal('region'), region: rfidRegionSchema }),
  z.object({ type: z.literal('power'), centiDbm: u16 }),
  z.object({ type: z.literal('channel'), channel: u8 }),
  z.object({ type: z.literal('query'), query: u16 }),
  z.object({ type: z.literal('demodulator'), ...demodulatorFields }),
  z.object({ type: z.literal('select'), ...selectFields }),
  z.object({ type: z.literal('rawReply'), command: u8, params: hexSchema(0, rfidParamMaxBytes) }),
  z.object({ type: z.literal('rawNotice'), command: u8, params: hexSchema(0, rfidParamMaxBytes) }),
]);
export type RfidDeviceMessage = z.infer<typeof rfidDeviceMessageSchema>;
