import { z } from 'zod';
import { hexSchema } from './codec.ts';
import { entryEpcSchema, lengthFlagSchema } from './inventory-entry.ts';

/** Messages of the UHFReader18 / Chafon / 288 readers; their bytes are in rfid-uhfreader18.ts, where the sources are named. */
/** Len is one byte and counts all that follows it: data of a command, of a reply. */
export const uhf18CommandDataMaxBytes = 251;
export const uhf18ReplyDataMaxBytes = 250;
/** Most tags in one frame that are taken for tags. */
export const uhf18FrameTagMax = 80;

const u8 = z.number().int().min(0).max(0xff);
/** 0..254; 255 = all readers on the bus. */
const address = u8;

/**
 * The two shapes of inventory data: `old` = num, (len, EPC)*; `new` = ant, num, (len, EPC, rssi)*. Which one a reader
 * speaks depends on its firmware.
 */
export const uhf18FormSchema = z.enum(['old', 'new']);
export type Uhf18Form = z.infer<typeof uhf18FormSchema>;

/** MaxFre and MinFre as on the wire: the band in bits 7-6 of both, the channel number in bits 5-0. */
const frequencyFields = { maxFre: u8, minFre: u8 };
const workModeFields = {
  /** 0 answer, 1 scan (tags are pushed), 2 trigger. */
  readMode: u8,
  modeState: u8,
  memInven: u8,
  firstAdr: u8,
  wordNum: u8,
  tagTime: u8,
};

export const uhf18HostMessageSchema = z.discriminatedUnion('type', [
  /** 01 without data: the older firmware's inventory, for as long as the scan time says. */
  z.object({ type: z.literal('inventory'), address }),
  /** 01 with start address and word count: the older firmware's inventory of TIDs. */
  z.object({ type: z.literal('inventoryTid'), address, start: u8, words: u8 }),
  /** 01 of the newer firmware. `antenna`: 80h + number; scan time in units of 100 ms. */
  z.object({
    type: z.literal('inventoryNew'),
    address,
    q: u8,
    session: u8,
    target: u8,
    antenna: u8,
    scanTime100Ms: u8,
  }),
  z.object({ type: z.literal('inventorySingle'), address }),
  z.object({ type: z.literal('getInfo'), address }),
  z.object({ type: z.literal('setFrequency'), address, ...frequencyFields }),
  z.object({ type: z.literal('setAddress'), address, newAddress: u8 }),
  /** In units of 100 ms; the manual knows 3..255. */
  z.object({ type: z.literal('setScanTime'), address, scanTime100Ms: u8 }),
  /** 0: 9600, 1: 19200, 2: 38400, 5: 57600, 6: 115200. */
  z.object({ type: z.literal('setBaud'), address, code: u8 }),
  z.object({ type: z.literal('setPower'), address, powerDbm: u8 }),
  z.object({ type: z.literal('setWorkMode'), address, ...workModeFields }),
  z.object({ type: z.literal('getWorkMode'), address }),
  /** 76, newer firmware: 0 answer, 1 real-time (tags are pushed). */
  z.object({ type: z.literal('setReadMode'), address, readMode: u8 }),
  /** 93: ends an inventory that is running. */
  z.object({ type: z.literal('stop'), address }),
  /** A well-formed command that is not spelled out above (read, write, lock, kill …). */
  z.object({
    type: z.literal('rawCommand'),
    address,
    command: u8,
    data: hexSchema(0, uhf18CommandDataMaxBytes),
  }),
]);
export type Uhf18HostMessage = z.infer<typeof uhf18HostMessageSchema>;

/** What the status byte says. The first five are the inventory's own. */
export const uhf18StatusNames: Readonly<Record<number, string>> = {
  0x00: 'ok',
  0x01: 'finished',
  0x02: 'scan_time_over',
  0x03: 'more_follows',
  0x04: 'memory_full',
  0xf8: 'antenna_error',
  0xf9: 'command_failed',
  0xfa: 'poor_communication',
  0xfb: 'no_tag',
  0xfc: 'tag_error',
  0xfd: 'bad_length',
  0xfe: 'bad_command',
  0xff: 'bad_parameter',
};

/** Even, as an EPC is made of words; 62 bytes is the longest that Gen2 knows. */
const epc = hexSchema(2, 62).regex(/^(?:.{4})+$/);

export const uhf18DeviceMessageSchema = z.discriminatedUnion('type', [
  /** Tags of one inventory frame; `status` 1..4 says whether more frames follow. */
  z
    .object({
      type: z.literal('tags'),
      address,
      command: z.union([z.literal(0x01), z.literal(0x0f)]),
      status: z.number().int().min(1).max(4),
      form: uhf18FormSchema,
      /** One bit of eight in the new form; null in the old one. */
      antenna: u8.nullable(),
      tags: z
        .array(
          z.object({
            epc: entryEpcSchema,
            lengthFlag: lengthFlagSchema,
            /** As the reader gives it (unit not known); null in the old form. */
            rssi: u8.nullable(),
          }),
        )
        .max(uhf18FrameTagMax),
    })
    .refine(
      (m) =>
        (m.antenna === null) === (m.form === 'old') &&
        m.tags.every((t) => (t.rssi === null) === (m.form === 'old')),
      { message: 'antenna and rssi belong to the new form' },
    )
    .refine((m) => m.form === 'old' || isOneBit(m.antenna ?? 0), { message: 'the antenna is one bit' }),
  /** A tag sent without being asked (active mode). The new form says antenna and rssi too. */
  z
    .object({
      type: z.literal('pushed'),
      address,
      form: uhf18FormSchema,
      antenna: u8.nullable(),
      epc,
      rssi: u8.nullable(),
    })
    .refine((m) => (m.antenna === null) === (m.form === 'old') && (m.rssi === null) === (m.form === 'old'), {
      message: 'antenna and rssi belong to the new form',
    })
    .refine((m) => m.form === 'old' || isOneBit(m.antenna ?? 0), { message: 'the antenna is one bit' }),
  z.object({
    type: z.literal('info'),
    address,
    /** Major, minor. */
    version: z.tuple([u8, u8]),
    readerType: u8,
    /** Tag protocols, one bit each: 2 = EPC Gen2. */
    tagProtocols: u8,
    ...frequencyFields,
    powerDbm: u8,
    scanTime100Ms: u8,
    /** What newer firmware adds (antennas, beeper …). */
    tail: hexSchema(0, 16),
  }),
  z.object({
    type: z.literal('workMode'),
    address,
    /** Wiegand mode, interval, pulse width, pulse interval. */
    wiegand: hexSchema(4, 4),
    ...workModeFields,
    accuracy: u8,
    offsetTime: u8,
  }),
  /** A reply that is nothing but a status. `name` follows from the code; ignored when encoding. */
  z.object({ type: z.literal('status'), address, command: u8, status: u8, name: z.string().max(20) }),
  z.object({
    type: z.literal('rawReply'),
    address,
    command: u8,
    status: u8,
    data: hexSchema(1, uhf18ReplyDataMaxBytes),
  }),
]);
export type Uhf18DeviceMessage = z.infer<typeof uhf18DeviceMessageSchema>;

/** Whether an antenna byte names exactly one of eight antennas. */
export function isOneBit(byte: number): boolean {
  return byte !== 0 && (byte & (byte - 1)) === 0;
}
