import { describe, expect, it } from 'vitest';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import { DeviceHarness, lockSpec } from '../../testkit/devices/device-harness.ts';
import { lateReplyMaxMs } from './conversation.ts';

/** Boards that answer readings late: the answer to the poll before must not pass for the acknowledgement of an opening. */

const lateMs = [300, 520, 600, 700, 900, 1200, 1700] as const;
const never = 1e9;

async function openings(
  harness: DeviceHarness,
  count: number,
): Promise<{ result: string; tookMs: number }[]> {
  const outcomes: { result: string; tookMs: number }[] = [];
  for (let i = 0; i < count; i++) {
    await harness.clock.advance(3_000 + i * 170);
    outcomes.push(await harness.outcome(harness.supervisor.unlock(), 20_000));
  }
  return outcomes;
}

describe.each(['idle', 'active'] as const)('polled as in %s', (pollMode) => {
  it.each(lateMs)('readings after %i ms, deaf to openings: no opening counts as taken', async (ms) => {
    const harness = new DeviceHarness();
    harness.board.isOld = true;
    harness.board.readReplyMs = ms;
    harness.board.openReplyMs = never;
    await harness.up([lockSpec]);
    harness.supervisor.setPollMode(pollMode);
    const outcomes = await openings(harness, 12);
    expect(outcomes.filter(({ result }) => result === 'ok')).toEqual([]);
  });

  it.each(lateMs)('readings after %i ms, and it opens: acknowledged, one open frame each', async (ms) => {
    const harness = new DeviceHarness();
    harness.board.isOld = true;
    harness.board.readReplyMs = ms;
    harness.board.openReplyMs = 1000;
    await harness.up([lockSpec]);
    harness.supervisor.setPollMode(pollMode);
    const outcomes = await openings(harness, 12);
    // From 1.5 s on it counts as silent now and then, and is asked before it is opened.
    if (ms < 1500) expect(outcomes.map(({ result }) => result)).toEqual(outcomes.map(() => 'ok'));
    const taken = outcomes.filter(({ result }) => result === 'ok').length;
    expect(harness.openCount()).toBe(taken);
    for (const { tookMs } of outcomes) expect(tookMs).toBeLessThan(500 + lateReplyMaxMs + 1_100);
    // What comes late never moves the door.
    expect(harness.doors().filter((door) => door === 'open')).toEqual([]);
  });
});

describe.each(boardNames)('%s: a good board is opened at once, also after an answer was lost', (name) => {
  it.each([
    ['idle', 500, 4_000, 10],
    ['active', 300, 3_000, 10],
    ['active', 500, 10_000, 10],
    ['active', 2_000, 30_000, 10],
    ['active', 500, 3_000, 60],
  ] as const)(
    'polled as in %s, silent for %i ms, %i ms ago; it answers readings after %i ms',
    async (pollMode, silentMs, agoMs, readReplyMs) => {
      const harness = new BoardHarness(name);
      harness.fake.readReplyMs = readReplyMs;
      harness.fake.openReplyMs = 50;
      await harness.up([boardSpec(name)]);
      harness.supervisor.setPollMode(pollMode);
      await harness.clock.advance(5_000);
      const first = await harness.outcome(harness.supervisor.unlock());
      harness.fake.silent = true;
      await harness.clock.advance(silentMs);
      harness.fake.silent = false;
      await harness.clock.advance(agoMs);
      const second = await harness.outcome(harness.supervisor.unlock());
      expect([first.result, second.result]).toEqual(['ok', 'ok']);
      expect(Math.max(first.tookMs, second.tookMs)).toBeLessThan(350);
    },
  );

  // Before its first acknowledgement on this connection an 8A may be an old one.
  it('in the first visit of a connection', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(2_000);
    harness.fake.silent = true;
    await harness.clock.advance(300);
    harness.fake.silent = false;
    await harness.clock.advance(3_000);
    const opened = await harness.outcome(harness.supervisor.unlock());
    expect(opened.result).toBe('ok');
    expect(opened.tookMs).toBeLessThan(500);
  });
});

/**
 * One answer was late, all since come soon: those of a board that is one or more behind look as soon as those of one that is
 * not. What it was asked before it went deaf must prove nothing, nor may the door be moved by an acknowledgement.
 */
it.each([20, 70, 110, 150, 190, 240, 330, 470])(
  'old 8A that was late once and answers after %i ms since, deaf to openings: none counts as taken',
  async (ms) => {
    for (const lateOnceMs of [600, 900, 1_300, 1_900]) {
      const harness = new BoardHarness('lock-8a');
      harness.fake.isOld = true;
      harness.fake.isDeafToOpens = true;
      harness.fake.readReplyMs = ms;
      await harness.up([boardSpec('lock-8a')]);
      harness.supervisor.setPollMode('active');
      const results: string[] = [];
      for (let i = 0; i < 8; i++) {
        await harness.clock.advance(1_000);
        harness.fake.readReplyMs = lateOnceMs;
        await harness.clock.advance(120);
        harness.fake.readReplyMs = ms;
        await harness.clock.advance(3_000 + i * 37);
        results.push((await harness.outcome(harness.supervisor.unlock(), 20_000)).result);
      }
      expect(results.filter((result) => result === 'ok')).toEqual([]);
    }
  },
);

it('CU16: the late answer to a poll is no proof that a board lives which has died meanwhile', async () => {
  const harness = new BoardHarness('lock-kerong-cu16');
  harness.fake.readReplyMs = 600;
  await harness.up([boardSpec('lock-kerong-cu16')]);
  harness.supervisor.setPollMode('active');
  const results: string[] = [];
  for (let i = 0; i < 12; i++) {
    await harness.clock.advance(3_000 + i * 170);
    // What it was asked before is still answered, and nothing else any more.
    harness.fake.holdReplies = true;
    results.push((await harness.outcome(harness.supervisor.unlock(), 20_000)).result);
    harness.fake.holdReplies = false;
    harness.fake.held.length = 0;
  }
  expect(results.filter((result) => result === 'ok')).toEqual([]);
});

it('the late acknowledgement of an opening that has failed is no reading of the door', async () => {
  const harness = new DeviceHarness();
  harness.board.isOld = true;
  harness.board.openReplyMs = never;
  harness.board.readReplyMs = 300;
  await harness.up([lockSpec]);
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(1_000);
  const call = harness.outcome(harness.supervisor.unlock());
  // The first attempt is not heard; the second one is acknowledged after 1.7 s, with the contact as it was then.
  await harness.clock.advance(1_000);
  harness.board.openReplyMs = 1_700;
  await harness.clock.advance(1_500);
  harness.board.feedback = 0;
  expect((await call).result).toBe('device.timeout');
  await harness.clock.advance(3_000);
  expect(harness.doors()).toEqual(['closed', 'open']);
});
