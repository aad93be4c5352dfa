import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { Line, lateMs } from './line.ts';

const frame = Uint8Array.of(0x80, 0x01, 0x01, 0x11, 0x91);
let clock: FakeClock;
let out: Uint8Array[];

beforeEach(() => {
  clock = new FakeClock();
  out = [];
});

function line(framing: 'stream' | 'report' = 'stream'): Line {
  return new Line({
    clock,
    framing,
    random: new SeededRandom(3),
    spoilCheck: (bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    write: (unit) => out.push(unit),
  });
}
const joined = (): number[] => out.flatMap((unit) => [...unit]);

test('without a fault a frame goes as it is', () => {
  line().send(frame);
  expect(out).toEqual([frame]);
});

test.each(['silent', 'mute'] as const)('%s: nothing comes', async (fault) => {
  const one = line();
  one.setFault(fault);
  one.send(frame);
  await clock.advance(10_000);
  expect(out).toEqual([]);
  expect(one.reachesDevice).toBe(fault === 'mute');
});

test('noise: the whole frame comes behind some other bytes', () => {
  const one = line();
  one.setFault('noise');
  one.send(frame);
  expect(joined().length).toBeGreaterThan(frame.length);
  expect(joined().slice(-frame.length)).toEqual([...frame]);
});

test('noise among reports is a report of its own', () => {
  const one = line('report');
  one.setFault('noise');
  one.send(frame);
  expect(out).toHaveLength(2);
  expect(out[1]).toEqual(frame);
});

test('garbage, cut and bad_checksum: never the frame', () => {
  for (const fault of ['garbage', 'cut', 'bad_checksum'] as const) {
    const one = line();
    one.setFault(fault);
    for (let i = 0; i < 50; i++) one.send(frame);
    expect(out).toHaveLength(50);
    for (const unit of out) expect([...unit]).not.toEqual([...frame]);
    if (fault === 'cut') for (const unit of out) expect(unit.length).toBeLessThan(frame.length);
    out = [];
  }
});

test('late: all of it, but later than anybody waits', async () => {
  const one = line();
  one.setFault('late');
  one.send(frame);
  await clock.advance(lateMs - 1);
  expect(out).toEqual([]);
  await clock.advance(1);
  expect(out).toEqual([frame]);
});

test('doubled: twice', () => {
  const one = line();
  one.setFault('doubled');
  one.send(frame);
  expect(out).toEqual([frame, frame]);
});

test('dribble: byte by byte, in order also over two frames', async () => {
  const one = line();
  one.setFault('dribble');
  one.send(frame);
  one.send(frame);
  await clock.advance(1000);
  expect(out).toHaveLength(2 * frame.length);
  expect(joined()).toEqual([...frame, ...frame]);
});

test('flood goes on until the fault is taken away, and frames still come', async () => {
  const one = line();
  one.setFault('flood');
  await clock.advance(100);
  const before = joined().length;
  expect(before).toBeGreaterThan(1000);
  one.send(frame);
  expect(out.at(-1)).toEqual(frame);
  one.setFault('none');
  out = [];
  await clock.advance(1000);
  expect(out).toEqual([]);
});

test('what waits on the line is bounded, and forgotten when the cable is pulled', async () => {
  const one = line();
  one.setFault('late');
  for (let i = 0; i < 10_000; i++) one.send(frame);
  one.clear();
  one.send(frame);
  await clock.advance(lateMs);
  expect(out).toHaveLength(1);
  out = [];
  for (let i = 0; i < 10_000; i++) one.send(frame);
  await clock.advance(lateMs);
  expect(out).toHaveLength(4096);
});

test('echo: what the kiosk writes comes back, the device neither hears nor answers', () => {
  const one = line();
  one.heard(frame);
  expect(out).toEqual([]);
  one.setFault('echo');
  expect(one.reachesDevice).toBe(false);
  one.heard(frame);
  one.send(frame);
  expect(out).toEqual([frame]);
});
