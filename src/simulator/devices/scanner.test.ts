import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ScanAssembler, decodeScanReport } from '../../devices/protocol/scanner-hid-pos.ts';
import { Scanner, reportIntervalMs, spoilReport } from './scanner.ts';

let clock: FakeClock;
let reports: Uint8Array[];

beforeEach(() => {
  clock = new FakeClock();
  reports = [];
});

function scanner(layout: 'standard' | 'counted' | 'newland' = 'standard'): Scanner {
  return new Scanner({ clock, layout, send: (report) => reports.push(report) });
}

test.each(['standard', 'counted', 'newland'] as const)(
  '%s: what is scanned arrives, long or short',
  async (layout) => {
    const one = scanner(layout);
    const assembler = new ScanAssembler();
    const texts = [
      '6901234567892',
      `KM1.M1001.T9Z8Q1.AAAAAAAAAAAA.${'b'.repeat(86)}`,
      'x'.repeat(56),
      '门'.repeat(40),
    ];
    for (const text of texts) one.scan(text);
    await clock.advance(1000);
    const got = reports.flatMap((bytes) => {
      const report = decodeScanReport(bytes, layout);
      if (!report.ok) throw new Error(report.error.message);
      return assembler.push(report.value, 0)?.text ?? [];
    });
    expect(got).toEqual(texts);
  },
);

test('a product code with its AIM id is the published report', () => {
  scanner().scan('3046920029759', ']E0');
  const wanted = `020D5D4530${Buffer.from('3046920029759').toString('hex')}`.padEnd(61 * 2, '0') + '730000';
  expect(Buffer.from(reports[0]!).toString('hex').toUpperCase()).toBe(wanted.toUpperCase());
});

test('one report each time the host asks', async () => {
  scanner().scan('y'.repeat(150));
  expect(reports).toHaveLength(1);
  await clock.advance(reportIntervalMs);
  expect(reports).toHaveLength(2);
  await clock.advance(100);
  expect(reports).toHaveLength(3);
});

test('a second scan waits for the first', async () => {
  const one = scanner();
  one.scan('a'.repeat(100));
  one.scan('b');
  await clock.advance(100);
  expect(reports.map((r) => String.fromCharCode(r[5]!))).toEqual(['a', 'a', 'b']);
});

test('its buffer has an end, and power off empties it', async () => {
  const one = scanner();
  let taken = 0;
  while (one.scan('z'.repeat(56 * 10)) && taken < 1000) taken++;
  expect(taken).toBeGreaterThan(10);
  expect(taken).toBeLessThan(100);
  one.powerOff();
  reports = [];
  await clock.advance(10_000);
  expect(reports).toEqual([]);
  expect(one.scan('again')).toBe(true);
  expect(reports).toHaveLength(1);
});

test('a spoilt report is refused by the decoder', () => {
  scanner().scan('6901234567892');
  expect(decodeScanReport(spoilReport(reports[0]!), 'standard').ok).toBe(false);
});
