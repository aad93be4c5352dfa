import { beforeEach, expect, test } from 'vitest';
import type { Alarm } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import { idRandomByteCount, makeVisitId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { AlarmSender, alarmRefusalsMax, refusedAlarmAgainMs, waitingAlarmsMax } from './alarm-sender.ts';
import type { OperatorFailure } from './operator-client.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let clock: FakeClock;
let stored: string | null;
let isFull: boolean;
let arrived: string[];
let triedCount: number;
let answerTo: (alarm: Alarm) => Result<null, OperatorFailure>;
let linkIsBack: () => void;

beforeEach(() => {
  clock = new FakeClock();
  stored = null;
  isFull = false;
  arrived = [];
  triedCount = 0;
  answerTo = () => ok(null);
});

function start(): AlarmSender {
  return new AlarmSender({
    client: {
      alarm: async (alarm) => {
        triedCount++;
        await Promise.resolve();
        const answer = answerTo(alarm);
        if (answer.ok) arrived.push(alarm.detail);
        return answer;
      },
    },
    link: {
      onChange: (listener) => {
        linkIsBack = () => listener(true);
        return () => undefined;
      },
    },
    meta: {
      ifUndone: () => undefined,
      get: () => ok(stored),
      set: (_, value) => {
        if (isFull) return fail('storage.io', 'full');
        stored = value;
        return ok();
      },
    },
    clock,
    random: () => 0.5,
    logger: silent,
  });
}
const alarm = (detail: string, kind: Alarm['kind'] = 'device_fault'): Alarm => ({
  kind,
  visitId: null,
  atMs: 0,
  detail,
});
const offline = (): Result<null, OperatorFailure> => fail('network.unreachable', 'x');

test('what waits for the network survives a power cut', async () => {
  answerTo = offline;
  const first = start();
  first.raise(alarm('one'));
  first.raise(alarm('two'));
  await clock.advance(1_000);
  first.stop();
  answerTo = () => ok(null);
  start();
  await clock.advance(10);
  expect(arrived).toEqual(['one', 'two']);
  await clock.advance(3_600_000);
  start();
  await clock.advance(1_000);
  expect(arrived).toEqual(['one', 'two']);
});

test('one that the operator refuses is kept, tried again and holds up no other; it has an end', async () => {
  answerTo = ({ detail }) => (detail === 'bad' ? fail('operator.refused', 'no') : ok(null));
  const sender = start();
  sender.raise(alarm('bad'));
  sender.raise(alarm('good'));
  await clock.advance(1_000);
  expect(arrived).toEqual(['good']);
  expect(stored).toContain('bad');
  await clock.advance(2 * refusedAlarmAgainMs);
  expect(triedCount).toBe(4);
  // A faulty deployment is mended: it arrives after all.
  answerTo = () => ok(null);
  await clock.advance(refusedAlarmAgainMs);
  expect(arrived).toEqual(['good', 'bad']);
});

test('of one that is given up people hear that there was one; of that word itself nothing more', async () => {
  answerTo = ({ detail }) => (detail === 'bad' ? fail('operator.refused', 'no') : ok(null));
  const sender = start();
  const visitId = makeVisitId(1, new Uint8Array(idRandomByteCount));
  sender.raise({ ...alarm('bad', 'door_left_open'), visitId });
  await clock.advance((alarmRefusalsMax + 1) * refusedAlarmAgainMs);
  expect(arrived).toEqual([`alarm_given_up: door_left_open, bad, visit ${visitId}`]);
  answerTo = () => fail('operator.refused', 'no');
  sender.raise(alarm('bad'));
  await clock.advance(2 * (alarmRefusalsMax + 1) * refusedAlarmAgainMs);
  expect(stored).toBe('[]');
});

test('an operator that does not take it is asked ever more rarely, and at once when the link is back', async () => {
  answerTo = () => fail('operator.not_served', '404');
  const sender = start();
  sender.raise(alarm('one'));
  await clock.advance(3_600_000);
  expect(triedCount).toBeLessThan(60);
  answerTo = () => ok(null);
  linkIsBack();
  await clock.advance(10);
  expect(arrived).toEqual(['one']);
});

test('the same again while it waits is one with a count; while it is under way it is another', async () => {
  answerTo = offline;
  const sender = start();
  for (let i = 0; i < 500; i++) sender.raise(alarm('door', 'door_open_without_visit'));
  await clock.advance(1_000);
  answerTo = () => ok(null);
  linkIsBack();
  await clock.advance(10);
  expect(arrived).toEqual(['door (×500)']);
  sender.raise(alarm('x'));
  await clock.advance(0);
  sender.raise(alarm('x'));
  await clock.advance(10);
  expect(arrived.filter((detail) => detail.startsWith('x'))).toHaveLength(2);
});

test('so many different ones wait at most; none is dropped uncounted, the first ones stay', async () => {
  answerTo = offline;
  const sender = start();
  sender.raise(alarm('open', 'door_left_open'));
  for (let i = 0; i < 1_000; i++) sender.raise(alarm(`fault ${i}`));
  sender.raise(alarm('forced', 'door_open_without_visit'));
  await clock.advance(1_000);
  answerTo = () => ok(null);
  linkIsBack();
  for (let i = 0; i < 2 * waitingAlarmsMax && stored !== '[]'; i++) await clock.advance(10);
  expect(arrived.length).toBeLessThanOrEqual(waitingAlarmsMax);
  expect(arrived.slice(0, 2)).toEqual(['open', 'fault 0']);
  expect(arrived).toContain('forced');
  const counts = arrived.map((detail) => Number(/×(\d+)/.exec(detail)?.[1] ?? '1'));
  expect(counts.reduce((a, b) => a + b)).toBe(1_002);
});

test('a full disk or a damaged record stops no alarm', async () => {
  isFull = true;
  stored = '[{"alarm":';
  const sender = start();
  sender.raise(alarm('one'));
  await clock.advance(10);
  expect(arrived).toEqual(['one']);
});

test('while there is no network, a device that comes and goes takes no place of what is about money', async () => {
  answerTo = offline;
  const sender = start();
  const aboutMoney = ['A', 'B', 'C', 'D'].map((id) => `charge_unreadable: ${id}`);
  for (let i = 0; i < waitingAlarmsMax; i++) sender.raise(alarm(`reader: ${i}`));
  for (const detail of aboutMoney) sender.raise(alarm(detail));
  for (let i = 0; i < waitingAlarmsMax; i++) sender.raise(alarm(`lock: ${i}`));
  answerTo = () => ok(null);
  linkIsBack();
  for (let i = 0; i < 2 * waitingAlarmsMax; i++) await clock.advance(10);
  sender.stop();
  expect(arrived).toEqual(expect.arrayContaining(aboutMoney));
});

test('one that cannot be read costs none of the others that wait', async () => {
  answerTo = offline;
  const first = start();
  first.raise(alarm('one'));
  first.raise(alarm('two'));
  first.stop();
  stored = stored?.replace('"kind":"device_fault"', '"kind":"of_tomorrow"') ?? null;
  answerTo = () => ok(null);
  start();
  await clock.advance(1_000);
  expect(arrived).toEqual(['two']);
});

test('two of one kind in the same ms are told as two', async () => {
  const times: number[] = [];
  answerTo = ({ atMs }) => {
    times.push(atMs);
    return ok(null);
  };
  const sender = start();
  for (const detail of ['goods_vanished', 'goods_of_no_product', 'goods_at_two_prices'])
    sender.raise(alarm(detail));
  await clock.advance(1_000);
  sender.stop();
  expect(times).toEqual([0, 1, 2]);
});
