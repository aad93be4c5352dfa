import { epcSgtin96Codec, sgtinBytes } from './epc-sgtin96.ts';
import { lock8aCodec, lockDeviceDecoder, lockFrameMaxBytes, lockHostDecoder } from './lock-8a.ts';
import {
  cu16DeviceDecoder,
  cu16FrameMaxBytes,
  cu16HostDecoder,
  lockKerongCu16Codec,
} from './lock-kerong-cu16.ts';
import { lockWklyCodec, wklyDeviceDecoder, wklyFrameMaxBytes, wklyHostDecoder } from './lock-wkly.ts';
import { protocol } from './protocol-entry.ts';
import type { Protocol } from './protocol-entry.ts';
import { relayDcttechCodec, relayReportBytes } from './relay-dcttech.ts';
import { rfidDeviceDecoder, rfidFrameMaxBytes, rfidHostDecoder, rfidR200Codec } from './rfid-r200.ts';
import { scaleHidCodec, scaleReportMaxBytes } from './scale-hid.ts';
import {
  modbusDeviceDecoder,
  modbusFrameMaxBytes,
  modbusHostDecoder,
  scaleModbusCodec,
} from './scale-modbus.ts';
import {
  rfidSw5357Codec,
  sw5357DeviceDecoder,
  sw5357FrameMaxBytes,
  sw5357HostDecoder,
} from './rfid-sw5357.ts';
import {
  rfidUhfReader18Codec,
  uhf18DeviceDecoder,
  uhf18FrameMaxBytes,
  uhf18HostDecoder,
} from './rfid-uhfreader18.ts';
import { scannerHidPosCodec, scanReportMaxBytes } from './scanner-hid-pos.ts';
import { scannerSerialCodec, serialFrameMaxBytes } from './scanner-serial.ts';
import { temperAbsent, temperReportBytes, thermometerTemperCodec } from './thermometer-temper.ts';
import { bootReportBytes, scannerWedgeCodec } from './scanner-wedge.ts';
import type { ScaleWeight } from './scale-hid.ts';
import type { HidPosLayout, ScanReport } from './scanner-hid-pos.ts';

/**
 * All protocols that this project speaks: the one list behind `npm run codec`, the decode rows of `npm run bench`, the
 * fuzz run and the golden frames' test. A new protocol is added here and nowhere else.
 */

const epc = '3035A537C837754000000001';

export const protocols: readonly Protocol[] = [
  protocol(lock8aCodec, {
    hostDecoder: lockHostDecoder,
    deviceDecoder: lockDeviceDecoder,
    frameMaxBytes: lockFrameMaxBytes,
    lineFramesPerSecond: 192, // 9600 Bd / 10 bits / 5 bytes
    hostExamples: [
      { type: 'openOne', address: 1, channel: 1 },
      { type: 'readOne', address: 1, channel: 1 },
      { type: 'openSeveral', address: 1, groupCount: 3, channels: [2, 10, 18] },
      { type: 'openOne', address: 9, channel: 12, seconds: 3 },
    ],
    deviceExamples: [
      { type: 'feedback', address: 1, channel: 1, feedback: 1 },
      { type: 'opened', address: 1, channel: 1, feedback: 0 },
      { type: 'pushed', head: 0x82, address: 1, channel: 1, feedback: 1 },
      { type: 'allFeedback', address: 2, groupCount: 2, channels: [1, 2, 9, 11] },
    ],
    certainty: 'high',
    experimental: false,
    note: 'polarity of the contact and order of the groups differ by board',
  }),
  protocol(lockWklyCodec, {
    hostDecoder: wklyHostDecoder,
    deviceDecoder: wklyDeviceDecoder,
    frameMaxBytes: wklyFrameMaxBytes,
    lineFramesPerSecond: 87, // 9600 Bd / 10 bits / 11 bytes
    hostExamples: [
      { type: 'openOne', address: 0, channel: 1 },
      { type: 'readOne', address: 0, channel: 1 },
      { type: 'openTogether', address: 0, channels: [1, 2, 3] },
      { type: 'readAll', address: 10 },
    ],
    deviceExamples: [
      { type: 'state', address: 0, isDone: true, channel: 1, feedback: 1 },
      { type: 'opened', address: 0, isDone: true, channel: 1, feedback: 0 },
      { type: 'pushed', address: 0, channel: 2, feedback: 0 },
      { type: 'allStates', address: 0, isDone: true, feedbacks: [0, 1, 1, 0] },
      { type: 'failed', command: 'openOne', address: 0 },
    ],
    certainty: 'high',
    experimental: false,
    note: 'polarity of the lock state differs by wiring; a failed answer without its channel is seen for 80 only',
  }),
  protocol(lockKerongCu16Codec, {
    hostDecoder: cu16HostDecoder,
    deviceDecoder: cu16DeviceDecoder,
    frameMaxBytes: cu16FrameMaxBytes,
    lineFramesPerSecond: 213, // 19200 Bd / 10 bits / 9 bytes
    hostExamples: [
      { type: 'unlock', board: 0, lock: 1 },
      { type: 'read', board: 0, lock: 1 },
      { type: 'askUnlockTime', board: 0, lock: 1, dataHex: '' },
    ],
    deviceExamples: [
      { type: 'state', board: 0, lock: 1, hooks: [1, 2, 3, 4, 5, 6, 7, 8, 10, 16], infrared: [1] },
      { type: 'stateOfAll', board: 3, lock: 1, hooks: [], infrared: [] },
    ],
    certainty: 'high',
    experimental: false,
    note: '30 and 31 are sure, 32, 33 and 36 likely; the data of 37, 38 and 39 are not documented and stay raw',
  }),
  protocol(relayDcttechCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: relayReportBytes,
    lineFramesPerSecond: 333, // low-speed USB: a control transfer has three stages, each in a frame of 1 ms
    hostExamples: [{ type: 'on', relay: 1 }, { type: 'allOff' }, { type: 'setId', id: 'ABCDE' }],
    deviceExamples: [
      { type: 'state', hasReportId: true, id: 'PSUIS', spare: 0, on: [1] },
      { type: 'state', hasReportId: false, id: 'PSUIS', spare: 0, on: [] },
    ],
    certainty: 'high',
    experimental: false,
    note: 'no door feedback: the door needs a contact of its own',
  }),
  protocol(rfidR200Codec, {
    hostDecoder: rfidHostDecoder,
    deviceDecoder: rfidDeviceDecoder,
    frameMaxBytes: rfidFrameMaxBytes,
    lineFramesPerSecond: 480, // 115200 Bd / 10 bits / 24 bytes
    hostExamples: [
      { type: 'pollMany', count: 10_000 },
      { type: 'setPower', centiDbm: 2600 },
      { type: 'stop' },
    ],
    deviceExamples: [
      { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0x3000, epc, crc: 0 },
      { type: 'error', code: 0x15, name: 'no_tag', tail: '' },
      { type: 'done', command: 0xb6 },
      { type: 'info', what: 'hardware', text: 'M100 V1.00' },
    ],
    certainty: 'high',
    experimental: false,
    note: '',
  }),
  protocol(rfidUhfReader18Codec, {
    hostDecoder: uhf18HostDecoder,
    deviceDecoder: () => uhf18DeviceDecoder(),
    frameMaxBytes: uhf18FrameMaxBytes,
    lineFramesPerSecond: 288, // 57600 Bd / 10 bits / 20 bytes
    hostExamples: [
      { type: 'inventory', address: 0 },
      { type: 'inventoryNew', address: 0, q: 4, session: 0, target: 0, antenna: 0x80, scanTime100Ms: 3 },
      { type: 'setPower', address: 0, powerDbm: 26 },
      { type: 'setFrequency', address: 0, maxFre: 0x13, minFre: 0x40 },
    ],
    deviceExamples: [
      {
        type: 'tags',
        address: 0,
        command: 1,
        status: 1,
        form: 'old',
        antenna: null,
        tags: [{ epc, rssi: null }],
      },
      {
        type: 'tags',
        address: 0,
        command: 1,
        status: 3,
        form: 'new',
        antenna: 1,
        tags: [
          { epc, rssi: 0x5d },
          { epc: 'E28068940000500A9D2298C6', rssi: 0x48 },
        ],
      },
      { type: 'status', address: 0, command: 1, status: 0xfb, name: 'no_tag' },
      { type: 'pushed', address: 0, form: 'old', antenna: null, epc, rssi: null },
    ],
    certainty: 'medium',
    experimental: true,
    note: 'frames are sure; inventory data has an old and a new form, by firmware; not tried on a reader by us',
  }),
  protocol(rfidSw5357Codec, {
    hostDecoder: sw5357HostDecoder,
    deviceDecoder: sw5357DeviceDecoder,
    frameMaxBytes: sw5357FrameMaxBytes,
    lineFramesPerSecond: 443, // 115200 Bd / 10 bits / 26 bytes
    hostExamples: [
      { type: 'inventory', address: 255 },
      { type: 'setParam', address: 255, param: 5, value: 26 },
      { type: 'stop', address: 255 },
    ],
    deviceExamples: [
      { type: 'tags', address: 0, tags: [{ tagType: 1, antenna: 2, epc, rssi: 0x49 }] },
      { type: 'status', address: 0, command: 1, status: 0 },
      { type: 'param', address: 0, param: 5, value: 30 },
    ],
    certainty: 'medium',
    experimental: true,
    note: "the manual's examples only; not tried on a reader by us",
  }),
  protocol(epcSgtin96Codec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: sgtinBytes,
    lineFramesPerSecond: 480, // no line of its own: what the R200's carries
    hostExamples: [],
    deviceExamples: [
      {
        type: 'sgtin96',
        gtin: '06901234567892',
        prefixDigits: 7,
        filter: 1,
        serial: 1,
        partition: 5,
        companyPrefix: '6901234',
        itemReference: '056789',
      },
    ],
    certainty: 'high',
    experimental: false,
    note: 'the number in a tag, not a wire protocol',
  }),
  protocol(scannerHidPosCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: scanReportMaxBytes,
    lineFramesPerSecond: 1000, // full-speed HID: one report each ms
    hostExamples: [{ type: 'enableHidPos' }],
    deviceExamples: [
      scan('standard', ']Q1', 0x73),
      scan('counted', ']E0', 0),
      scan('newland', null, 0x73),
      scan('uncounted', ']Q1', 0),
    ],
    certainty: 'high',
    experimental: false,
    note: 'the layout follows from the report descriptor or the maker',
  }),
  protocol(scaleHidCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: scaleReportMaxBytes,
    lineFramesPerSecond: 1000, // full-speed HID: one report each ms
    hostExamples: [{ type: 'command', zero: true, enforcedZeroReturn: false }],
    deviceExamples: [
      weight({ status: 'stable', unit: 'gram', exponent: 0, value: 2444, padding: 0 }),
      weight({ status: 'in_motion', unit: 'ounce', exponent: -1, value: 48, padding: 2 }),
      weight({ status: 'under_zero', unit: 'kilogram', exponent: -3, value: 12, padding: 0 }),
    ],
    certainty: 'high',
    experimental: false,
    note: 'tael and avoir ton are several weights each and are not converted',
  }),
  protocol(scaleModbusCodec, {
    hostDecoder: modbusHostDecoder,
    deviceDecoder: modbusDeviceDecoder,
    frameMaxBytes: modbusFrameMaxBytes,
    lineFramesPerSecond: 106, // 9600 Bd / 10 bits / 9 bytes
    hostExamples: [
      { type: 'readRegisters', unit: 1, function: 3, register: 82, count: 2 },
      { type: 'writeRegister', unit: 1, register: 5, value: 0x5aa5 },
      { type: 'writeRegisters', unit: 1, register: 84, values: [0x7fff, 0xffff] },
    ],
    deviceExamples: [
      { type: 'registers', unit: 1, function: 3, values: [0, 132] },
      { type: 'registerWritten', unit: 1, register: 5, value: 0x5aa5 },
      { type: 'registersWritten', unit: 1, register: 84, count: 2 },
      { type: 'exception', unit: 1, function: 3, code: 2, name: 'illegal_register' },
    ],
    certainty: 'high',
    experimental: false,
    note: 'the frames are a standard, the registers are not: each maker needs its register map',
  }),
  protocol(thermometerTemperCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: temperReportBytes,
    lineFramesPerSecond: 125, // low-speed HID: one report each 8 ms
    hostExamples: [{ type: 'query' }],
    deviceExamples: [
      { type: 'reading', part: 0x80, temperature: 2900, humidity: temperAbsent, rest: 0 },
      { type: 'reading', part: 0x80, temperature: -512, humidity: 4210, rest: 0 },
    ],
    certainty: 'medium',
    experimental: true,
    note: 'what one count is differs by firmware: 1/100 or 1/256 °C; not tried on one by us',
  }),
  protocol(scannerWedgeCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: bootReportBytes,
    lineFramesPerSecond: 125, // low-speed HID: one report each 8 ms
    hostExamples: [{ type: 'lamps', bits: 1 }],
    deviceExamples: [
      { type: 'report', modifiers: 2, keys: [0x04, 0, 0, 0, 0, 0] },
      { type: 'report', modifiers: 0, keys: [0, 0, 0, 0, 0, 0] },
    ],
    certainty: 'high',
    experimental: false,
    note: 'boot keyboard reports (Linux); elsewhere the window forwards its keys. US layout; no input method may be on',
  }),
  protocol(scannerSerialCodec, {
    hostDecoder: null,
    deviceDecoder: null,
    frameMaxBytes: serialFrameMaxBytes,
    lineFramesPerSecond: 68, // 9600 Bd / 10 bits / 14 bytes
    hostExamples: [],
    deviceExamples: [
      { type: 'code', dataHex: '36393031323334353637383932', suffix: 'cr', text: '6901234567892' },
      { type: 'code', dataHex: '4B4D31', suffix: 'crlf', text: 'KM1' },
      { type: 'code', dataHex: '4B4D31', suffix: 'none', text: 'KM1' },
    ],
    certainty: 'high',
    experimental: false,
    note: 'bare text and a line end, as configured on the scanner: no check of any kind',
  }),
];

export function protocolNamed(name: string): Protocol | undefined {
  return protocols.find((one) => one.name === name);
}

function scan(layout: HidPosLayout, aim: string | null, vendorSymbology: number): ScanReport {
  const dataHex = '36393031323334353637383932';
  return { type: 'report', layout, aim, dataHex, vendorSymbology, more: false, extraByte: null };
}

function weight(fields: Omit<ScaleWeight, 'type' | 'reportId'>): ScaleWeight {
  return { type: 'weight', reportId: 3, ...fields };
}
