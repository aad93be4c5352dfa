import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from './codec.ts';
import type { ProtocolCodec } from './codec.ts';
import { lock8aCodec, lockDeviceDecoder, lockHostDecoder } from './lock-8a.ts';
import { rfidDeviceDecoder, rfidHostDecoder, rfidR200Codec } from './rfid-r200.ts';
import { readScannerDescriptor } from './scanner-descriptor.ts';
import { scannerHidPosCodec } from './scanner-hid-pos.ts';

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

function tag(notice: number, rssiDbm: number, pc: number, epc: string, crc: number): Record<string, unknown> {
  return { type: 'tag', notice, rssiDbm, pc, epc, crc };
}

function check(codec: ProtocolCodec<never, never>, vector: Vector): void {
  const bytes = bytesOfHex(vector.hex);
  const toDevice = vector.direction === 'host->device';
  const message = toDevice ? codec.decodeHostFrame(bytes) : codec.decodeDeviceFrame(bytes);
  expect(message).toMatchObject({ ok: true });
  if (!message.ok) return;
  expect(message.value).toMatchObject(meanings[codec.name]?.[vector.name] as object);
  const again = toDevice ? codec.encodeHostMessage(message.value) : codec.encodeDeviceMessage(message.value);
  expect(toHex(again)).toBe(vector.hex);
}

const frames = (name: string): Vector[] => vectors(name).filter((v) => !v.name.startsWith('desc_'));

describe.each([lock8aCodec, rfidR200Codec, scannerHidPosCodec])('golden frames of $name', (codec) => {
  it.each(frames(codec.name))('$name', (vector) => {
    expect(Object.keys(meanings[codec.name] ?? {})).toContain(vector.name);
    check(codec as unknown as ProtocolCodec<never, never>, vector);
  });
});

describe('golden frames out of a stream, one after another, cut anywhere', () => {
  const cases = [
    { name: 'lock-8a', direction: 'host->device', make: () => lockHostDecoder({ groupCount: 3 }) },
    { name: 'lock-8a', direction: 'device->host', make: () => lockDeviceDecoder() },
    { name: 'rfid-r200', direction: 'host->device', make: rfidHostDecoder },
    { name: 'rfid-r200', direction: 'device->host', make: rfidDeviceDecoder },
  ];
  it.each(cases)('$name $direction', ({ name, direction, make }) => {
    // Replies to "read all" need the gap or the profile and have tests of their own.
    const list = frames(name).filter(
      (v) => v.direction === direction && !v.name.startsWith('status_all_reply'),
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
