import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { asciiBytes, byteAt, hexByte } from './codec.ts';
import type { CodecFailure, ProtocolCodec } from './codec.ts';

/**
 * dcttech "USBRelay1..8": USB HID, 16C0:05DF, product string `USBRelayN`. Feature reports of 8 bytes, no report ids: the
 * id byte 00 stands in front of what is sent.
 *
 *   relay n on / off   00 FF n 00 00 00 00 00 00 / 00 FD n ..
 *   all on / off       00 FE 00 .. / 00 FC 00 ..
 *   set the 5-char id  00 FA c1 c2 c3 c4 c5 00 00     (permanent)
 *   read               GET feature → id[5] 00 xx state          bit 0 of state = relay 1, 1 = ON
 *
 * A read comes with the report id 00 in front (9 bytes) or, from hidraw when another id is asked for, without (8 bytes,
 * or 9 with one left over at the end). An id never has a 00, so a first byte 00 tells them apart.
 * Sources: github pavel-a/usb-relay-hid (usb_relay_lib.c, usb_relay_hw.h), github darrylb123/usbrelay.
 */
export const relayCountMax = 8;
export const relayIdLength = 5;
/** To ask for with GET feature, the id byte included. */
export const relayReportBytes = 9;
const dataBytes = 8;
const commands = { on: 0xff, off: 0xfd, allOn: 0xfe, allOff: 0xfc, setId: 0xfa } as const;
/** HID 1.11, 7.2: SET_REPORT / GET_REPORT, feature, id 0, interface 0, 8 bytes. What the system sends for us. */
const setupPackets = {
  setupWrite: [0x21, 0x09, 0x00, 0x03, 0x00, 0x00, 0x08, 0x00],
  setupRead: [0xa1, 0x01, 0x00, 0x03, 0x00, 0x00, 0x08, 0x00],
} as const;
type SetupType = keyof typeof setupPackets;

const relaySchema = z.number().int().min(1).max(relayCountMax);
/** Printable ASCII without blanks, as the vendor's library takes it. */
export const relayIdSchema = z.string().regex(/^[\x21-\x7e]{5}$/);
const byteSchema = z.number().int().min(0).max(255);

export const relayHostMessageSchema = z.union([
  z.object({ type: z.enum(['on', 'off']), relay: relaySchema }),
  z.object({ type: z.enum(['allOn', 'allOff']) }),
  z.object({ type: z.literal('setId'), id: relayIdSchema }),
  /** The USB control packets that carry the reports; for reading traces. */
  z.object({ type: z.enum(['setupWrite', 'setupRead']) }),
]);
export type RelayHostMessage = z.infer<typeof relayHostMessageSchema>;

export const relayDeviceMessageSchema = z.object({
  type: z.literal('state'),
  /** Whether the report id 00 stood in front. */
  hasReportId: z.boolean(),
  id: relayIdSchema,
  /** The byte before the state; nobody says what it is. */
  spare: byteSchema,
  /** Relays that are on, ascending. */
  on: z.array(relaySchema).refine((list) => list.every((relay, i) => relay > (list[i - 1] ?? 0)), {
    message: 'relays must ascend',
  }),
});
export type RelayDeviceMessage = z.infer<typeof relayDeviceMessageSchema>;

/** One feature report, id byte first. The message must fit its schema. */
export function encodeRelayHostMessage(message: RelayHostMessage): Uint8Array {
  switch (message.type) {
    case 'on':
    case 'off':
      return report(commands[message.type], [message.relay]);
    case 'allOn':
    case 'allOff':
      return report(commands[message.type], []);
    case 'setId':
      return report(commands.setId, asciiBytes(message.id));
    case 'setupWrite':
    case 'setupRead':
      return Uint8Array.from(setupPackets[message.type]);
    default:
      return unreachable(message);
  }
}

/** What GET feature answers. The message must fit its schema. */
export function encodeRelayDeviceMessage(message: RelayDeviceMessage): Uint8Array {
  const state = message.on.reduce((bits, relay) => bits | (1 << (relay - 1)), 0);
  const data = [...asciiBytes(message.id), 0, message.spare, state];
  return Uint8Array.from(message.hasReportId ? [0, ...data] : data);
}

/** One feature report, id byte first, or one of the setup packets. */
export function decodeRelayHostMessage(bytes: Uint8Array): Result<RelayHostMessage, CodecFailure> {
  const setup = (Object.keys(setupPackets) as SetupType[]).find((name) => isSame(bytes, setupPackets[name]));
  if (setup !== undefined) return ok({ type: setup });
  const wrong = wrongLength(bytes, relayReportBytes);
  if (wrong !== null) return wrong;
  if (byteAt(bytes, 0) !== 0) return fail('codec.bad_head', `report id ${hexByte(byteAt(bytes, 0))}`);
  const [, command = 0, first = 0] = bytes;
  const type = (Object.keys(commands) as (keyof typeof commands)[]).find(
    (name) => commands[name] === command,
  );
  if (type === undefined) return fail('codec.bad_field', `command ${hexByte(command)}`);
  const argumentBytes = { on: 1, off: 1, allOn: 0, allOff: 0, setId: relayIdLength }[type];
  if (bytes.subarray(2 + argumentBytes).some((byte) => byte !== 0)) {
    return fail('codec.bad_field', 'bytes after the arguments that are not 0');
  }
  if (type === 'allOn' || type === 'allOff') return ok({ type });
  if (type === 'setId') {
    const id = String.fromCharCode(...bytes.subarray(2, 2 + relayIdLength));
    return relayIdSchema.safeParse(id).success
      ? ok({ type, id })
      : fail('codec.bad_field', 'no printable id');
  }
  return first >= 1 && first <= relayCountMax
    ? ok({ type, relay: first })
    : fail('codec.bad_field', `relay ${first}`);
}

/** What GET feature answered, with or without the report id in front. */
export function decodeRelayState(bytes: Uint8Array): Result<RelayDeviceMessage, CodecFailure> {
  const hasReportId = byteAt(bytes, 0) === 0;
  const wrong = wrongLength(bytes, hasReportId ? relayReportBytes : Math.min(bytes.length, relayReportBytes));
  if (wrong !== null) return wrong;
  const data = bytes.subarray(hasReportId ? 1 : 0);
  if (data.length < dataBytes)
    return fail('codec.too_short', `${data.length} bytes; a state has ${dataBytes}`);
  const id = String.fromCharCode(...data.subarray(0, relayIdLength));
  if (!relayIdSchema.safeParse(id).success) return fail('codec.bad_field', 'no printable id');
  if (byteAt(data, relayIdLength) !== 0) return fail('codec.bad_end', 'no 00 after the id');
  const state = byteAt(data, 7);
  const on = [1, 2, 3, 4, 5, 6, 7, 8].filter((relay) => (state & (1 << (relay - 1))) !== 0);
  return ok({ type: 'state', hasReportId, id, spare: byteAt(data, 6), on });
}

export const relayDcttechCodec: ProtocolCodec<RelayHostMessage, RelayDeviceMessage> = {
  name: 'relay-dcttech',
  hostMessageSchema: relayHostMessageSchema,
  deviceMessageSchema: relayDeviceMessageSchema,
  encodeHostMessage: encodeRelayHostMessage,
  encodeDeviceMessage: encodeRelayDeviceMessage,
  decodeHostFrame: decodeRelayHostMessage,
  decodeDeviceFrame: decodeRelayState,
};

function report(command: number, args: Iterable<number>): Uint8Array {
  const bytes = new Uint8Array(relayReportBytes);
  bytes.set([0, command, ...args]);
  return bytes;
}

function wrongLength(bytes: Uint8Array, want: number): Result<never, CodecFailure> | null {
  if (bytes.length < want) return fail('codec.too_short', `${bytes.length} bytes, not ${want}`);
  return bytes.length > want ? fail('codec.too_long', `${bytes.length} bytes, not ${want}`) : null;
}

function isSame(bytes: Uint8Array, other: readonly number[]): boolean {
  return bytes.length === other.length && other.every((byte, i) => byte === bytes[i]);
}
