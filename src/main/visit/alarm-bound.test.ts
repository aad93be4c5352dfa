import { beforeEach, expect, test } from 'vitest';
import type { Alarm } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeVisitId } from '../../shared/ids.ts';
import { AlarmBound, alarmHourMs, alarmsAtOnceMax, differentAlarmsMax } from './alarm-bound.ts';

let clock: FakeClock;
let raised: string[];
let undos: (() => void)[];
let bound: AlarmBound;
beforeEach(() => {
  clock = new FakeClock();
  raised = [];
  undos = [];
  bound = new AlarmBound({
    clock,
    ifUndone: (undo) => undos.push(undo),
    raise: ({ visitId, detail }) => raised.push(visitId === null ? detail : `${visitId} ${detail}`),
  });
});
const visitOf = (number: number) => makeVisitId(0, new Uint8Array(10).fill(number));
const fault = (detail: string, visitId: Alarm['visitId'] = null): Alarm => ({
  ...{ kind: 'device_fault', visitId, atMs: 0, detail },
});
const often = (alarm: Alarm, count: number) => {
  for (let i = 0; i < count; i++) bound.raise(alarm);
};

test('what flaps is told some times at once, and then its sum each hour', async () => {
  often(fault('flaps'), alarmsAtOnceMax + 7);
  expect(raised).toEqual(Array(alarmsAtOnceMax).fill('flaps'));
  await clock.advance(alarmHourMs);
  expect(raised.at(-1)).toBe('flaps (×7 more within an hour)');
});

test('it crowds out neither another word nor another visit', () => {
  often(fault('flaps'), 50);
  often(fault('goods_vanished', visitOf(1)), 50);
  bound.raise(fault('goods_vanished'));
  bound.raise(fault('goods_vanished', visitOf(2)));
  expect(raised.slice(2 * alarmsAtOnceMax)).toEqual(['goods_vanished', `${visitOf(2)} goods_vanished`]);
});

test('what is undone with its transaction does not count', () => {
  for (let i = 0; i < 50; i++) {
    bound.raise(fault('again'));
    for (const undo of undos.splice(0)) undo();
  }
  expect(raised).toHaveLength(50);
  bound.raise(fault('again'));
  expect(raised).toHaveLength(51);
  bound.stop();
  expect(raised).toHaveLength(51);
});

test('ever new words are bounded all the same', () => {
  for (let i = 0; i < differentAlarmsMax + 50; i++) bound.raise(fault(`word ${i}`));
  expect(raised).toHaveLength(differentAlarmsMax + alarmsAtOnceMax);
  bound.stop();
  expect(raised.at(-1)).toContain('×45 more');
});
