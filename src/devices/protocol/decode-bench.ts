import { encodeLockDeviceMessage, lockDeviceDecoder } from './lock-8a.ts';
import { encodeRfidDeviceMessage, rfidDeviceDecoder } from './rfid-r200.ts';
import { decodeScanReport, encodeScan, ScanAssembler } from './scanner-hid-pos.ts';

export interface DecodeRate {
  readonly protocol: string;
  readonly framesPerSecond: number;
  /** What the fastest line of this kind can carry, for comparison. */
  readonly lineFramesPerSecond: number;
}

const lumpFrames = 50;

/** Decodes for about `perProtocolMs` each. `nowMs` is a monotonic clock. */
export function measureDecoders(nowMs: () => number, perProtocolMs: number): DecodeRate[] {
  const lock = lockDeviceDecoder();
  const lockBytes = repeat(
    encodeLockDeviceMessage({ type: 'feedback', address: 1, channel: 1, feedback: 1 }),
    lumpFrames,
  );
  const rfid = rfidDeviceDecoder();
  const epc = '3035A537C837754000000001';
  const tag = { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0x3000, epc, crc: 0 } as const;
  const rfidBytes = repeat(encodeRfidDeviceMessage(tag), lumpFrames);
  const reports = encodeScan({ layout: 'standard', text: '1234567890'.repeat(12), aim: ']Q1' });
  const assembler = new ScanAssembler();
  const scan = (): number => {
    for (const bytes of reports) {
      const report = decodeScanReport(bytes, 'standard');
      if (report.ok) assembler.push(report.value, 0);
    }
    return reports.length;
  };
  return [
    // 9600 Bd / 10 bits / 5 bytes; 115200 Bd / 10 bits / 24 bytes; full-speed HID, one report per ms.
    rate('lock-8a', 192, nowMs, perProtocolMs, () => lock.push(lockBytes).length),
    rate('rfid-r200', 480, nowMs, perProtocolMs, () => rfid.push(rfidBytes).length),
    rate('scanner-hid-pos', 1000, nowMs, perProtocolMs, scan),
  ];
}

function rate(
  protocol: string,
  lineFramesPerSecond: number,
  nowMs: () => number,
  durationMs: number,
  run: () => number,
): DecodeRate {
  const startMs = nowMs();
  let frames = 0;
  while (nowMs() - startMs < durationMs) frames += run();
  const framesPerSecond = Math.round((frames * 1000) / (nowMs() - startMs));
  return { protocol, framesPerSecond, lineFramesPerSecond };
}

function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  for (let i = 0; i < count; i++) all.set(bytes, i * bytes.length);
  return all;
}
