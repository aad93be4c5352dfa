import { beforeEach, expect, test } from 'vitest';
import { FakeClock, sleep } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { retryCapMs } from '../../core/charge/delivery.ts';
import { FaceCountSender, faceCountEveryMs } from './face-count-sender.ts';
import type { OperatorFailure } from './operator-client.ts';

/** A vault, a link and an operator that answers 50 ms later; `arrived` is what it was told. */
class World {
  readonly clock = new FakeClock();
  readonly arrived: number[] = [];
  readonly warnings: unknown[] = [];
  readonly staff: string[] = [];
  online = false;
  count: Result<number, Failure<string>> = ok(0);
  answer: Result<null, OperatorFailure> = ok(null);
  sentCount = 0;
  #vaultChanged: () => void = () => undefined;
  #linkChanged: (online: boolean) => void = () => undefined;

  /** As after a start of the app: nothing of an earlier one is left. */
  start(): FaceCountSender {
    const quiet = (): void => undefined;
    return new FaceCountSender({
      vault: {
        enrolledCount: () => this.count,
        onChange: (listener) => {
          this.#vaultChanged = listener;
          return quiet;
        },
      },
      client: {
        faceCount: async ({ enrolled }) => {
          this.sentCount++;
          const { answer } = this;
          await sleep(this.clock, 50);
          if (answer.ok) this.arrived.push(enrolled);
          return answer;
        },
      },
      link: {
        isOnline: () => this.online,
        onChange: (listener) => {
          this.#linkChanged = listener;
          return quiet;
        },
      },
      clock: this.clock,
      random: () => 0.5,
      tellStaff: (detail) => void this.staff.push(detail),
      logger: { debug: quiet, info: quiet, error: quiet, warn: (_, fields) => this.warnings.push(fields) },
    });
  }
  enrolled(count: number): void {
    this.count = ok(count);
    this.#vaultChanged();
  }
  unreadable(): void {
    this.count = fail('storage.io', 'cannot be read');
    this.#vaultChanged();
  }
  link(online: boolean): void {
    this.online = online;
    this.#linkChanged(online);
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

test('told when the link is there or back, at each change and once a day; nobody is a number, too', async () => {
  const { clock } = world;
  world.start();
  await clock.advance(1_000);
  expect(world.arrived).toEqual([]);
  world.link(true);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([0]);
  world.enrolled(1);
  await clock.advance(1_000);
  world.enrolled(0);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([0, 1, 0]);
  await clock.advance(3 * faceCountEveryMs + 1_000);
  expect(world.arrived).toEqual([0, 1, 0, 0, 0, 0]);
  world.link(false);
  world.link(true);
  await clock.advance(1_000);
  expect(world.arrived).toHaveLength(7);
});

test('offline nothing is sent, also not when the day is over; the link brings the last number', async () => {
  const { clock } = world;
  world.start();
  world.link(true);
  await clock.advance(1_000);
  world.link(false);
  for (const count of [1, 2, 3]) world.enrolled(count);
  await clock.advance(3 * faceCountEveryMs);
  expect(world.sentCount).toBe(1);
  world.link(true);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([0, 3]);
});

test.each([
  'network.unreachable',
  'network.timeout',
  'operator.unavailable',
  'operator.garbage',
  'operator.unauthenticated',
  // The cabinet's time has gone back a little: soon it is ahead again.
  'operator.conflict',
] as const)('%s: again and again, ever later, until it has arrived; then a day of rest', async (code) => {
  const { clock } = world;
  world.start();
  world.answer = fail(code, 'test');
  world.link(true);
  await clock.advance(60_000);
  expect(world.sentCount).toBeGreaterThan(5);
  await clock.advance(faceCountEveryMs);
  // The jitter is half here.
  expect(world.sentCount).toBeLessThan(20 + (2 * faceCountEveryMs) / retryCapMs);
  expect(world.warnings).toHaveLength(world.sentCount);
  world.answer = ok(null);
  world.count = ok(7);
  await clock.advance(retryCapMs);
  expect(world.arrived).toEqual([7]);
  await clock.advance(faceCountEveryMs - retryCapMs);
  expect(world.arrived).toEqual([7]);
  // And the next trouble begins with short waits.
  world.answer = fail(code, 'test');
  world.enrolled(8);
  await clock.advance(1_000);
  world.answer = ok(null);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([7, 8]);
});

test('a time that the operator asks for is kept', async () => {
  const { clock } = world;
  world.start();
  world.answer = { ok: false, error: { code: 'operator.unavailable', message: 'x', retryAfterMs: 600_000 } };
  world.link(true);
  await clock.advance(599_000);
  expect(world.sentCount).toBe(1);
  await clock.advance(2_000);
  expect(world.sentCount).toBe(2);
});

test('an operator that does not know the question is not pressed: the next day, the next change', async () => {
  const { clock } = world;
  world.start();
  world.answer = fail('operator.refused', 'no such path');
  world.link(true);
  await clock.advance(faceCountEveryMs - 1_000);
  expect(world.sentCount).toBe(1);
  await clock.advance(2_000);
  expect(world.sentCount).toBe(2);
  // The law counts by it: people hear that this cabinet is not counted, once.
  expect(world.staff).toEqual(['face_count_not_taken: operator.refused']);
  world.answer = ok(null);
  world.enrolled(1);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([1]);
});

test('what changes while one is under way follows it, the last number only, one request at a time', async () => {
  const { clock } = world;
  world.start();
  world.link(true);
  await clock.advance(10);
  for (const count of [1, 2, 3]) world.enrolled(count);
  world.link(false);
  world.link(true);
  await clock.advance(10);
  expect(world.sentCount).toBe(1);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([0, 3]);
  // Gone and back within one request: nothing is left to say.
  world.enrolled(4);
  await clock.advance(10);
  for (const count of [5, 4]) world.enrolled(count);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([0, 3, 4]);
});

test('what changes while one fails goes with the next try', async () => {
  const { clock } = world;
  world.start();
  world.answer = fail('network.timeout', 'lost');
  world.link(true);
  await clock.advance(10);
  world.enrolled(1);
  world.answer = ok(null);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([1]);
});

test('a vault that does not answer says no number, and is asked again', async () => {
  const { clock } = world;
  world.start();
  world.count = fail('storage.io', 'test');
  world.link(true);
  await clock.advance(10_000);
  expect(world.sentCount).toBe(0);
  expect(world.warnings[0]).toEqual({ error: 'storage.io' });
  world.count = ok(5);
  await clock.advance(60_000);
  expect(world.arrived).toEqual([5]);
});

test('after a restart the number is told anew, whatever was lost before', async () => {
  const { clock } = world;
  const first = world.start();
  world.answer = fail('network.timeout', 'lost');
  world.link(true);
  world.enrolled(2);
  await clock.advance(10);
  first.stop();
  const sentBefore = world.sentCount;
  // What was under way ends later; nothing more comes of it, and nothing more is read.
  world.count = fail('storage.closed', 'closed');
  await clock.advance(2 * faceCountEveryMs);
  world.enrolled(3);
  expect(world.sentCount).toBe(sentBefore);
  expect(world.warnings).toEqual([{ error: 'network.timeout' }]);

  world.online = false;
  world.answer = ok(null);
  world.start();
  world.link(true);
  await clock.advance(1_000);
  expect(world.arrived).toEqual([3]);
});

test('stopped while one is under way that arrives: nothing is read or sent after it', async () => {
  const { clock } = world;
  const sender = world.start();
  world.link(true);
  await clock.advance(10);
  sender.stop();
  world.enrolled(1);
  await clock.advance(2 * faceCountEveryMs);
  expect(world.arrived).toEqual([0]);
});

test('a vault that cannot be read after a first number is read again after the back-off', async () => {
  world.online = true;
  world.count = ok(1);
  world.start();
  world.link(true);
  await world.clock.advance(1_000);
  expect(world.arrived).toEqual([1]);
  world.unreadable();
  await world.clock.advance(10);
  world.count = ok(2);
  await world.clock.advance(5_000);
  expect(world.arrived).toEqual([1, 2]);
});
