import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { MemoryTransport } from './memory.ts';
import { formatTraceLine, parseTrace, recordingTransport, ReplayTransport } from './recording.ts';
import type { TransportFailure } from './transport.ts';

const never = new AbortController().signal;

describe('recording', () => {
  it('writes one line an event, and reads them back', async () => {
    const clock = new FakeClock();
    const memory = new MemoryTransport();
    const lines: string[] = [];
    const transport = recordingTransport(memory.hostEnd, clock, (line) => lines.push(line));
    transport.onData(() => undefined);
    await transport.open(never);
    await transport.write(Uint8Array.of(0x8a, 1));
    await clock.advance(12);
    memory.send(Uint8Array.of(0x80));
    expect(lines).toEqual(['0 => 8A 01', '12 <= 80']);
    const parsed = parseTrace(`# a comment\n\n${lines.join('\n')}\n`);
    expect(parsed.ok && parsed.value.map(formatTraceLine)).toEqual(lines);
  });

  it('feature reports too, with what came of them', async () => {
    const clock = new FakeClock();
    const memory = new MemoryTransport();
    memory.playFeatures({ set: () => true, get: (id) => Uint8Array.of(id, 0x55) });
    const lines: string[] = [];
    const transport = recordingTransport(memory.hostEnd, clock, (line) => lines.push(line));
    await transport.open(never);
    await transport.sendFeature(Uint8Array.of(0, 0xff));
    await transport.getFeature(3, 9);
    memory.refuseFeature = true;
    await transport.getFeature(3, 9);
    expect(lines).toEqual([
      '0 f=> 00 FF',
      '0 f<= 00',
      '0 f? 03 00 09',
      '0 f<= 03 55',
      '0 f? 03 00 09',
      '0 f! io',
    ]);
    const parsed = parseTrace(lines.join('\n'));
    expect(parsed.ok && parsed.value.map(formatTraceLine)).toEqual(lines);
  });

  it('the report descriptor comes first, and is there again at a replay', async () => {
    const clock = new FakeClock();
    const memory = new MemoryTransport();
    memory.reportDescriptor = Uint8Array.of(0x05, 0x01);
    const lines: string[] = [];
    const transport = recordingTransport(memory.hostEnd, clock, (line) => lines.push(line));
    transport.onData(() => undefined);
    await transport.open(never);
    expect(transport.reportDescriptor).toEqual(Uint8Array.of(0x05, 0x01));
    memory.send(Uint8Array.of(0x80));
    expect(lines).toEqual(['0 d<= 05 01', '0 <= 80']);
    const parsed = parseTrace(lines.join('\n'));
    if (!parsed.ok) throw new Error(parsed.error.message);
    const again = new ReplayTransport(parsed.value, clock);
    const data: string[] = [];
    again.onData((bytes) => data.push(String(bytes)));
    await again.open();
    await clock.advance(0);
    expect(again.reportDescriptor).toEqual(Uint8Array.of(0x05, 0x01));
    expect(data).toEqual(['128']);
    expect(again.isDone).toBe(true);
  });

  it.each([
    ...['5 <- 80', '5 => ', '-1 => 80', '5 => 8', 'x', '5 => 80 0G'],
    ...['5 f! 80', '5 f! nonsense', '5 f<= ', '5 f= 80'],
  ])('refuses the line "%s"', (line) => {
    expect(parseTrace(line)).toMatchObject({ error: { code: 'trace.bad_line' } });
  });
});

describe('replay', () => {
  async function replay(trace: string) {
    const clock = new FakeClock();
    const lines = parseTrace(trace);
    if (!lines.ok) throw new Error(lines.error.message);
    const transport = new ReplayTransport(lines.value, clock);
    const got: [number, number][] = [];
    const closed: TransportFailure[] = [];
    transport.onData((bytes) => got.push([clock.monotonicMs(), bytes[0] ?? -1]));
    transport.onClosed((why) => closed.push(why));
    await transport.open();
    return { clock, transport, got, closed };
  }

  it('gives back at the recorded distances', async () => {
    const { clock, transport, got } = await replay('5 <= 01\n10 => AA\n30 <= 02\n31 <= 03');
    await clock.advance(100);
    expect(got).toEqual([[5, 1]]);
    expect(await transport.write(Uint8Array.of(0xaa))).toMatchObject({ ok: true });
    await clock.advance(100);
    expect(got.slice(1)).toEqual([
      [120, 2],
      [121, 3],
    ]);
    expect(transport.isDone).toBe(true);
  });

  it('feature reports are answered as recorded, failures too', async () => {
    const { clock, transport } = await replay('0 f=> 00 01\n5 <= 09\n7 f<= 00\n8 f? 02 00 09\n20 f! timeout');
    const set = transport.sendFeature(Uint8Array.of(0, 1));
    await clock.advance(10);
    expect(await set).toEqual({ ok: true, value: undefined });
    const read = transport.getFeature(2, 9);
    await clock.advance(12);
    expect(await read).toMatchObject({ error: { code: 'transport.timeout' } });
    expect(transport.isDone).toBe(true);
    expect(await transport.getFeature(2, 9)).toMatchObject({ error: { code: 'transport.mismatch' } });
  });

  it.each([
    ['a feature report instead of a write', '0 f=> AA', [0xaa]],
    ['other bytes', '0 => AA', [0xab]],
    ['more bytes', '0 => AA', [0xaa, 0]],
    ['a write before what should have come', '5 <= 01\n6 => AA', [0xaa]],
    ['a write after the end', '', [0xaa]],
  ])('%s end it with transport.mismatch', async (_name, trace, bytes) => {
    const { transport, closed } = await replay(trace);
    expect(await transport.write(Uint8Array.from(bytes))).toMatchObject({
      error: { code: 'transport.mismatch' },
    });
    expect(closed.map((c) => c.code)).toEqual(['transport.mismatch']);
    expect(await transport.write(Uint8Array.of(1))).toMatchObject({ error: { code: 'transport.closed' } });
  });
});
