import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from './codec.ts';
import { lockDeviceDecoder, lockHostDecoder } from './lock-8a.ts';
import { cu16DeviceDecoder, cu16HostDecoder } from './lock-kerong-cu16.ts';
import { wklyDeviceDecoder, wklyHostDecoder } from './lock-wkly.ts';
import type { Protocol } from './protocol-entry.ts';
import { protocols } from './protocols.ts';
import { rfidDeviceDecoder, rfidHostDecoder } from './rfid-r200.ts';
import { modbusDeviceDecoder, modbusHostDecoder } from './scale-modbus.ts';
import { sw5357DeviceDecoder, sw5357HostDecoder } from './rfid-sw5357.ts';
import { uhf18DeviceDecoder, uhf18HostDecoder } from './rfid-uhfreader18.ts';
import { readScannerDescriptor } from './scanner-descriptor.ts';

interface Vector {
  name: string;
  direction: 'host->device' | 'device->host';
  hex: string;
}

function vectors(name: string): Vector[] {
  const text = readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as Vector[];
}

/** What the sources say each golden frame means. A vector without an entry here fails the test below. */
const meanings: Record<string, Record<string, unknown>> = {
  'lock-8a': {
    hold_off_ch1: { type: 'release', address: 1, channel: 1 },
    hold_on_ch1: { type: 'hold', address: 1, channel: 1 },
    open_all_board1: { type: 'openAll', address: 1 },
    open_board1_ch1: { type: 'openOne', address: 1, channel: 1 },
    open_multi_2_10_18: { type: 'openSeveral', address: 1, groupCount: 3, channels: [2, 10, 18] },
    open_pulse_3s_ch1: { type: 'openOne', address: 1, channel: 1, seconds: 3 },
    open_reply_00_2024: { type: 'opened', address: 1, channel: 1, feedback: 0 },
    open_reply_00_old: { type: 'feedback', address: 1, channel: 1, feedback: 0 },
    push_open_ch1_head81: { type: 'pushed', head: 0x81, address: 1, channel: 1, feedback: 1 },
    query_address: { type: 'askAddress' },
    status_all_board2: { type: 'readAll', address: 2 },
    status_all_reply_12ch: { type: 'allFeedback', address: 2, groupCount: 2, channels: [1, 2, 9, 11] },
    status_all_reply_24ch_all0: { type: 'allFeedback', address: 1, groupCount: 3, channels: [] },
    status_all_reply_32ch_all1: {
      type: 'allFeedback',
      address: 1,
      groupCount: 4,
      channels: Array.from({ length: 32 }, (_, i) => i + 1),
    },
    status_one_board1_ch1: { type: 'readOne', address: 1, channel: 1 },
    status_one_reply_11: { type: 'feedback', address: 1, channel: 1, feedback: 1 },
  },
  'lock-wkly': {
    channel_off_reply: {
      type: 'channelDone',
      command: 'channelOff',
      address: 0,
      isDone: true,
      channel: 3,
    },
    channel_on_reply: { type: 'channelDone', command: 'channelOn', address: 0, isDone: true, channel: 2 },
    fail_reply: { type: 'done', command: 'openTogether', address: 0, isDone: false },
    flash_ch1: { type: 'flash', address: 0, channel: 1 },
    flash_reply: { type: 'channelDone', command: 'flash', address: 0, isDone: true, channel: 1 },
    open_all: { type: 'openAll', address: 0 },
    open_all_reply: { type: 'done', command: 'openAll', address: 0, isDone: true },
    open_board0_ch1: { type: 'openOne', address: 0, channel: 1 },
    open_board10_ch1: { type: 'openOne', address: 10, channel: 1 },
    open_board1_ch2: { type: 'openOne', address: 1, channel: 2 },
    open_in_turn: { type: 'openInTurn', address: 0, channels: [1, 2, 3] },
    open_in_turn_reply: { type: 'done', command: 'openInTurn', address: 0, isDone: true },
    open_many_together: { type: 'openTogether', address: 0, channels: [1, 2, 3] },
    open_reply: { type: 'opened', address: 0, isDone: true, channel: 1, feedback: 0 },
    open_reply_still_closed: { type: 'opened', address: 0, isDone: true, channel: 5, feedback: 1 },
    open_together_reply: { type: 'done', command: 'openTogether', address: 0, isDone: true },
    push_ch1_closed: { type: 'pushed', address: 0, channel: 1, feedback: 1 },
    push_ch2_open: { type: 'pushed', address: 0, channel: 2, feedback: 0 },
    read_all: { type: 'readAll', address: 0 },
    read_all_reply_4: { type: 'allStates', address: 0, isDone: true, feedbacks: [0, 1, 1, 0] },
    read_ch1: { type: 'readOne', address: 0, channel: 1 },
    read_reply_ch1_open: { type: 'state', address: 0, isDone: true, channel: 1, feedback: 0 },
    status_all_reply_24: {
      type: 'allStates',
      address: 0,
      isDone: true,
      feedbacks: new Array<number>(24).fill(0),
    },
  },
  'lock-kerong-cu16': {
    ask_unlock_time: { type: 'askUnlockTime', board: 0, lock: 1, dataHex: '' },
    read_all_boards: { type: 'readAll', board: 15, lock: 1 },
    status: { type: 'read', board: 0, lock: 1 },
    status_reply_all_locked: {
      type: 'state',
      board: 0,
      lock: 1,
      hooks: Array.from({ length: 16 }, (_, i) => i + 1),
      infrared: [],
    },
    status_reply_lock1_open: {
      type: 'state',
      board: 0,
      lock: 1,
      hooks: Array.from({ length: 15 }, (_, i) => i + 2),
      infrared: [],
    },
    status_reply_lock9_open_ir1: {
      type: 'state',
      board: 0,
      lock: 1,
      hooks: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16],
      infrared: [1],
    },
    unlock_1: { type: 'unlock', board: 0, lock: 1 },
    unlock_16: { type: 'unlock', board: 0, lock: 16 },
    unlock_2: { type: 'unlock', board: 0, lock: 2 },
    unlock_7: { type: 'unlock', board: 0, lock: 7 },
    unlock_9: { type: 'unlock', board: 0, lock: 9 },
    unlock_all: { type: 'unlockAll', board: 0, lock: 1 },
  },
  'relay-dcttech': {
    all_off: { type: 'allOff' },
    all_on: { type: 'allOn' },
    off_1: { type: 'off', relay: 1 },
    off_2: { type: 'off', relay: 2 },
    off_8: { type: 'off', relay: 8 },
    on_1: { type: 'on', relay: 1 },
    on_8: { type: 'on', relay: 8 },
    set_serial_ABCDE: { type: 'setId', id: 'ABCDE' },
    setup_GET_REPORT_feature: { type: 'setupRead' },
    setup_SET_REPORT_feature: { type: 'setupWrite' },
    state_psuis_1: { type: 'state', hasReportId: true, id: 'PSUIS', spare: 0, on: [1] },
    state_psuis_1_no_report_id: { type: 'state', hasReportId: false, id: 'PSUIS', spare: 0, on: [1] },
  },
  'rfid-r200': {
    fhss_on: { type: 'setHopping', on: true },
    get_demod_reply: { type: 'demodulator', mixerGain: 3, ifGain: 6, threshold: 0x1b0 },
    get_power: { type: 'getPower' },
    get_power_reply_20: { type: 'power', centiDbm: 2000 },
    get_query: { type: 'getQuery' },
    get_region: { type: 'getRegion' },
    hw_version_reply: { type: 'info', what: 'hardware', text: 'M100 V1.00' },
    maker: { type: 'getInfo', what: 'maker' },
    no_tag: { type: 'error', code: 0x15, name: 'no_tag', tail: '' },
    read_fail: { type: 'error', code: 0x09, name: 'read_failed', tail: '' },
    set_baud_19200: { type: 'setBaud', hundredBaud: 192 },
    set_power_20: { type: 'setPower', centiDbm: 2000 },
    set_power_26: { type: 'setPower', centiDbm: 2600 },
    set_power_reply: { type: 'done', command: 0xb6 },
    set_query: { type: 'setQuery', query: 0x1020 },
    set_region_cn900: { type: 'setRegion', region: 'china-900' },
    set_region_us: { type: 'setRegion', region: 'us' },
    set_select_epc: {
      type: 'setSelect',
      parameter: 1,
      pointer: 0x20,
      truncate: false,
      mask: '30751FEB705C5904E3D50D70',
    },
    stop_reply: { type: 'done', command: 0x28 },
    tag_notice: tag(0x22, -55, 0x3400, '30751FEB705C5904E3D50D70', 0x3a76),
    tag_notice_cmd27: tag(0x27, -55, 0x3400, '30751FEB705C5904E3D50D70', 0x3a76),
    tag_notice_real_1: tag(0x22, -60, 0x3000, 'E200001D7315016521408FC6', 0xb83e),
    tag_notice_real_2: tag(0x22, -53, 0x3400, 'E200471BB0006013044509D0', 0x9582),
    tag_notice_sgtin: tag(0x22, -50, 0x3000, '3035A537C837754000000001', 0),
  },
  'scale-hid': {
    g_136: hidWeight('stable', 'gram', 0, 136, 2),
    g_20: hidWeight('stable', 'gram', 0, 20),
    g_2444: hidWeight('stable', 'gram', 0, 2444),
    in_motion: hidWeight('in_motion', 'gram', 0, 120),
    kg_1_234: hidWeight('stable', 'kilogram', -3, 1234),
    over_limit: hidWeight('over_limit', 'gram', 0, 0),
    oz_4_8: hidWeight('stable', 'ounce', -1, 48, 2),
    tare: { type: 'command', zero: true, enforcedZeroReturn: false },
  },
  'thermometer-temper': {
    inner_29_00: { type: 'reading', part: 0x80, temperature: 2900, humidity: 0x4e20, rest: 0 },
    outer_25_06: { type: 'reading', part: 1, temperature: 2506, humidity: 0x4e20, rest: 0 },
    query: { type: 'query' },
  },
  'scale-modbus': {
    auto_tare: { type: 'writeRegisters', unit: 1, register: 84, values: [0x7fff, 0xffff] },
    read_ad: { type: 'readRegisters', unit: 1, function: 3, register: 44, count: 2 },
    read_measured_reply: { type: 'registers', unit: 1, function: 3, values: [0, 354] },
    read_net: { type: 'readRegisters', unit: 1, function: 3, register: 82, count: 2 },
    read_weight: { type: 'readRegisters', unit: 1, function: 3, register: 80, count: 2 },
    read_weight_reply: { type: 'registers', unit: 1, function: 3, values: [0, 132] },
    set_tare_reply: { type: 'registersWritten', unit: 1, register: 84, count: 2 },
    status_reply: { type: 'registers', unit: 1, function: 3, values: [0x0802] },
    unlock_config: { type: 'writeRegisters', unit: 1, register: 5, values: [0x5aa5] },
    zero_calibration: { type: 'writeRegisters', unit: 1, register: 38, values: [0, 0] },
    zero_calibration_reply: { type: 'registersWritten', unit: 1, register: 38, count: 2 },
  },
  'rfid-uhfreader18': {
    get_mode_reply: {
      type: 'workMode',
      address: 0,
      wiegand: '001E0A0F',
      readMode: 1,
      modeState: 2,
      memInven: 4,
      firstAdr: 2,
      wordNum: 6,
      tagTime: 0,
      accuracy: 0,
      offsetTime: 0,
    },
    info_ff: { type: 'getInfo', address: 255 },
    inventory_ff: { type: 'inventory', address: 255 },
    inventory_none: { type: 'status', address: 0, command: 0x01, status: 0xfb, name: 'no_tag' },
    inventory_rru9816: {
      type: 'inventoryNew',
      address: 0,
      q: 1,
      session: 0,
      target: 0,
      antenna: 0x80,
      scanTime100Ms: 10,
    },
    set_addr: { type: 'setAddress', address: 0, newAddress: 0 },
    set_answer_mode: {
      type: 'setWorkMode',
      address: 0,
      readMode: 0,
      modeState: 2,
      memInven: 4,
      firstAdr: 2,
      wordNum: 6,
      tagTime: 0,
    },
    set_baud_9600: { type: 'setBaud', address: 255, code: 0 },
    set_mode_reply: { type: 'status', address: 0, command: 0x35, status: 0, name: 'ok' },
    set_power_30: { type: 'setPower', address: 0, powerDbm: 30 },
    set_scan_time_2s: { type: 'setScanTime', address: 0, scanTime100Ms: 20 },
    single_inventory: { type: 'inventorySingle', address: 0 },
    single_reply: {
      type: 'tags',
      address: 0,
      command: 0x0f,
      status: 1,
      form: 'old',
      antenna: null,
      tags: [{ epc: 'E284361100001000094944AA', rssi: null }],
    },
  },
  'rfid-sw5357': {
    no_tag: { type: 'status', address: 0, command: 0x01, status: 0 },
    set_ok: { type: 'status', address: 0, command: 0x24, status: 1 },
    set_power_26: { type: 'setParam', address: 255, param: 5, value: 26 },
    start: { type: 'start', address: 255 },
    sysinfo: { type: 'getSystemInfo', address: 255 },
    three_tags: {
      type: 'tags',
      address: 0,
      tags: [
        { tagType: 1, antenna: 2, epc: 'E2002067551602701270920F', rssi: 0x49 },
        { tagType: 1, antenna: 2, epc: 'E200207560100186251016A3', rssi: 0x48 },
        { tagType: 1, antenna: 2, epc: 'E20020756010018501010101', rssi: 0x4d },
      ],
    },
  },
  'epc-sgtin96': {
    sgtin96_30000001_p5: {
      gtin: '06901234567892',
      filter: 1,
      partition: 5,
      companyPrefix: '6901234',
      itemReference: '056789',
      serial: 1,
    },
    sgtin96_3000002A_p0: {
      gtin: '31234567890129',
      filter: 0,
      partition: 0,
      companyPrefix: '123456789012',
      itemReference: '3',
      serial: 42,
    },
    sgtin96_3001E240_p4: {
      gtin: '06901234567892',
      filter: 1,
      partition: 4,
      companyPrefix: '69012345',
      itemReference: '06789',
      serial: 123456,
    },
    sgtin96_300F4241_p5: {
      gtin: '06921168509300',
      filter: 3,
      partition: 5,
      companyPrefix: '6921168',
      itemReference: '050930',
      serial: 1000001,
    },
  },
  'scanner-wedge': {
    key_1: { type: 'report', modifiers: 0, keys: [0x1e, 0, 0, 0, 0, 0] },
    release: { type: 'report', modifiers: 0, keys: [0, 0, 0, 0, 0, 0] },
  },
  'scanner-serial': {
    ean13_cr: { type: 'code', suffix: 'cr', text: '6901234567892' },
    qr_crlf: { type: 'code', suffix: 'crlf', text: 'KM1.m0042' },
  },
  'scanner-hid-pos': {
    access_is_part1_of_2: {
      layout: 'standard',
      aim: ']Q0',
      vendorSymbology: 0x73,
      more: true,
      dataHex: toHex(new TextEncoder().encode('M1GATHERGOOD/MICHAEL YABCDEF LHRDURAK 3542 052Y003D23   ')),
    },
    ean13_64: {
      aim: ']E0',
      vendorSymbology: 0x64,
      more: false,
      dataHex: toHex(new TextEncoder().encode('3046920029759')),
    },
    ean8_64: {
      aim: ']E4',
      vendorSymbology: 0x44,
      more: false,
      dataHex: toHex(new TextEncoder().encode('96385074')),
    },
    qr_part2_of_3_62: {
      layout: 'counted',
      aim: ']Q1',
      more: true,
      dataHex: toHex(new TextEncoder().encode('67890123456789012345678901234567890123456789012345678901')),
    },
  },
};

function hidWeight(
  status: string,
  unit: string,
  exponent: number,
  value: number,
  padding = 0,
): Record<string, unknown> {
  return { type: 'weight', reportId: 3, status, unit, exponent, value, padding };
}

function tag(notice: number, rssiDbm: number, pc: number, epc: string, crc: number): Record<string, unknown> {
  return { type: 'tag', notice, rssiDbm, pc, epc, crc };
}

function check(protocol: Protocol, vector: Vector): void {
  const codec =
    protocol.directions[vector.direction === 'host->device' ? 'host-to-device' : 'device-to-host'];
  const message = codec.decode(bytesOfHex(vector.hex));
  expect(message).toMatchObject({ ok: true });
  if (!message.ok) return;
  expect(message.value).toMatchObject(meanings[protocol.name]?.[vector.name] as object);
  const again = codec.encode(message.value);
  expect(again.ok ? toHex(again.value) : again.error).toBe(vector.hex);
}

const frames = (name: string): Vector[] => vectors(name).filter((v) => !v.name.startsWith('desc_'));

describe.each(protocols)('golden frames of $name', (protocol) => {
  it.each(frames(protocol.name))('$name', (vector) => {
    expect(Object.keys(meanings[protocol.name] ?? {})).toContain(vector.name);
    check(protocol, vector);
  });
});

describe('golden frames out of a stream, one after another, cut anywhere', () => {
  const cases = [
    { name: 'lock-8a', direction: 'host->device', make: () => lockHostDecoder({ groupCount: 3 }) },
    { name: 'lock-8a', direction: 'device->host', make: () => lockDeviceDecoder() },
    { name: 'lock-wkly', direction: 'host->device', make: wklyHostDecoder },
    { name: 'lock-wkly', direction: 'device->host', make: wklyDeviceDecoder },
    { name: 'lock-kerong-cu16', direction: 'host->device', make: cu16HostDecoder },
    { name: 'lock-kerong-cu16', direction: 'device->host', make: cu16DeviceDecoder },
    { name: 'scale-modbus', direction: 'host->device', make: modbusHostDecoder },
    { name: 'scale-modbus', direction: 'device->host', make: modbusDeviceDecoder },
    { name: 'rfid-r200', direction: 'host->device', make: rfidHostDecoder },
    { name: 'rfid-r200', direction: 'device->host', make: rfidDeviceDecoder },
    { name: 'rfid-uhfreader18', direction: 'host->device', make: uhf18HostDecoder },
    { name: 'rfid-uhfreader18', direction: 'device->host', make: () => uhf18DeviceDecoder() },
    { name: 'rfid-sw5357', direction: 'host->device', make: sw5357HostDecoder },
    { name: 'rfid-sw5357', direction: 'device->host', make: sw5357DeviceDecoder },
  ];
  it.each(cases)('$name $direction', ({ name, direction, make }) => {
    // 8A's replies to "read all" need the gap or the profile and have tests of their own.
    const list = frames(name).filter(
      (v) => v.direction === direction && !(name === 'lock-8a' && v.name.startsWith('status_all_reply')),
    );
    const all = bytesOfHex(list.map((v) => v.hex).join(''));
    for (let cut = 1; cut <= 9; cut++) {
      const decoder = make();
      const messages: unknown[] = [];
      for (let at = 0; at < all.length; at += cut) messages.push(...decoder.push(all.subarray(at, at + cut)));
      expect(messages).toEqual(list.map((v) => meanings[name]?.[v.name]));
      expect(decoder.stats.skippedByteCount).toBe(0);
    }
  });
});

describe('report descriptors', () => {
  it('names the layout', () => {
    const shapes = vectors('scanner-hid-pos')
      .filter((v) => v.name.startsWith('desc_'))
      .map((v) => [v.name, readScannerDescriptor(bytesOfHex(v.hex))]);
    expect(shapes).toEqual([
      [
        'desc_counted',
        {
          ok: true,
          value: { reportId: 2, byteLength: 62, dataOffset: 5, hasByteCount: true, layout: 'counted' },
        },
      ],
      [
        'desc_no_count',
        {
          ok: true,
          value: { reportId: 2, byteLength: 61, dataOffset: 4, hasByteCount: false, layout: 'uncounted' },
        },
      ],
    ]);
  });
});
