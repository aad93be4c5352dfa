import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { bytesOfHex } from '../protocol/codec.ts';
import { lockDeviceDecoder } from '../protocol/lock-8a.ts';
import type { LockDeviceMessage } from '../protocol/lock-8a.ts';
import { MemoryTransport } from '../transport/memory.ts';
import { Conversation, lateReplyMaxMs, silentReconnectMs } from './conversation.ts';
import type { Request } from './conversation.ts';

/** The engine alone, with 8A frames: board 1 is ours, `82` is pushed, all else answers something. */
const replyHex = '8001011191';
const pushHex = '8201010082';
const ofAnotherBoardHex = '8002011192';
const timeoutMs = 500;

let clock: FakeClock;
let memory: MemoryTransport;
let conversation: Conversation<LockDeviceMessage>;
let received: string[];
let aborted: string[];

beforeEach(() => {
  clock = new FakeClock();
  received = [];
  aborted = [];
  conversation = new Conversation({
    name: 'the board',
    clock,
    decoder: lockDeviceDecoder(),
    isHalfDuplex: true,
    classify: (message) => {
      if (message.address !== 1) return 'unrelated';
      return message.type === 'pushed' ? 'push' : 'unexpected';
    },
    received: (message, kind) => received.push(`${kind} ${message.type}`),
    healthChanged: () => undefined,
  });
});

async function connect(): Promise<void> {
  memory = new MemoryTransport();
  const { hostEnd } = memory;
  hostEnd.onData((bytes) => {
    conversation.receive(bytes);
  });
  await hostEnd.open(new AbortController().signal);
  conversation.start({
    write: (bytes) => hostEnd.write(bytes),
    sendFeature: (report) => hostEnd.sendFeature(report),
    getFeature: (id, maxBytes) => hostEnd.getFeature(id, maxBytes),
    abort: (reason) => aborted.push(reason),
  });
}

function send(hex: string): void {
  memory.send(bytesOfHex(hex));
}

/** Requests the contact; what it comes to lands in the array. */
function request(change: Partial<Request<LockDeviceMessage, string>> = {}): string[] {
  const outcomes: string[] = [];
  const sent = conversation.exchange<string>({
    frame: bytesOfHex('80010133B3'),
    timeoutMs,
    matchReply: (message) => (message.type === 'feedback' && message.address === 1 ? ok('read') : null),
    ...change,
  });
  void sent.then((result: Result<string, { code: string }>) => {
    outcomes.push(result.ok ? result.value : result.error.code);
  });
  return outcomes;
}

describe('an exchange', () => {
  it('a push in between is a push, the reply is the reply, a second one is unexpected and counted', async () => {
    await connect();
    const outcomes = request();
    send(pushHex + replyHex + replyHex);
    await clock.advance(0);
    expect(outcomes).toEqual(['read']);
    expect(received).toEqual(['push pushed', 'reply feedback', 'unexpected feedback']);
    expect(conversation.health()).toMatchObject({ errorCount: 1, lastSeenMs: 0 });
  });

  it('nothing comes: device.timeout; other things come: device.protocol', async () => {
    await connect();
    const silent = request();
    await clock.advance(timeoutMs);
    const noisy = request();
    send(ofAnotherBoardHex);
    await clock.advance(timeoutMs);
    expect([silent, noisy]).toEqual([['device.timeout'], ['device.protocol']]);
    expect(conversation.health()).toMatchObject({ errorCount: 3, lastSeenMs: null });
  });

  it('a write that hangs ends the connection, one that is refused too', async () => {
    await connect();
    memory.stallWrite = true;
    const outcomes = request();
    await clock.advance(timeoutMs);
    expect([outcomes, aborted]).toEqual([['device.disconnected'], ['a write has stalled']]);
    memory.unplug();
    const refused = request();
    await clock.advance(0);
    expect(refused).toEqual(['device.disconnected']);
    expect(aborted.length).toBe(2);
  });

  it('it dies with its connection, and a request of the old connection is never written on the new one', async () => {
    await connect();
    const { connection } = conversation;
    const outcomes = request();
    conversation.stop();
    await connect();
    send(replyHex);
    const frame = bytesOfHex('80010133B3');
    const late = await conversation.exchange({ frame, timeoutMs, matchReply: () => ok() }, connection);
    expect([outcomes, late.ok]).toEqual([['device.disconnected'], false]);
    expect(memory.written).toEqual([]);
  });
});

it('a cut frame does not hold back what follows the quiet gap', async () => {
  await connect();
  send('800101');
  await clock.advance(60);
  send(pushHex);
  expect(received).toEqual(['push pushed']);
});

it('an answer that ends as the request begins is not held back where no echo is known', async () => {
  await connect();
  const outcomes = request();
  send('8001010080');
  await clock.advance(0);
  expect(outcomes).toEqual(['read']);
});

it('on a line that echoes an echo in pieces is no failure, and what stood before it is forgotten', async () => {
  await connect();
  const first = request();
  send('80010133B3' + replyHex);
  await clock.advance(0);
  const { errorCount } = conversation.health();
  const second = request();
  for (const piece of ['FF8001', '80', '010133', 'B3' + replyHex]) send(piece);
  await clock.advance(0);
  expect([first, second, conversation.health().errorCount - errorCount]).toEqual([['read'], ['read'], 0]);
});

it('late replies: after a request without an answer none is certain, until nothing was asked for 2 s', async () => {
  await connect();
  const answered = request();
  send(replyHex);
  await clock.advance(0);
  expect([answered, conversation.lateReplyMs]).toEqual([['read'], 0]);
  request();
  await clock.advance(timeoutMs);
  expect(conversation.lateReplyMs).toBe(lateReplyMaxMs - timeoutMs);
  await clock.advance(1000);
  // It may be the answer to the one before: then its own is still to come.
  request();
  send(replyHex);
  await clock.advance(0);
  expect(conversation.lateReplyMs).toBe(lateReplyMaxMs);
  let isOver = false;
  void conversation.lateRepliesOver().then(() => {
    isOver = true;
  });
  await clock.advance(lateReplyMaxMs - 1);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect([isOver, conversation.lateReplyMs]).toEqual([true, 0]);
});

describe('late replies, after a run of quick answers that is longer than any answer takes', () => {
  /** Each 100 ms a request that is answered after 10. */
  async function poll(forMs: number, everyMs = 100): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
      const answered = request();
      await clock.advance(10);
      send(replyHex);
      await clock.advance(everyMs - 10);
      expect(answered).toEqual(['read']);
    }
  }

  beforeEach(async () => {
    await connect();
    request();
    await clock.advance(timeoutMs);
  });

  it('the next one would come as soon: a short wait is enough, and then all is certain', async () => {
    await poll(1_900);
    expect(conversation.lateReplyMs).toBe(lateReplyMaxMs - 100);
    await poll(300);
    expect(conversation.lateReplyMs).toBe(150);
    await clock.advance(150);
    await poll(100);
    expect(conversation.lateReplyMs).toBe(0);
  });

  it('one that comes in that wait shows that there may be more', async () => {
    await poll(2_500);
    const started = clock.monotonicMs();
    let tookMs = 0;
    void conversation.lateRepliesOver().then(() => {
      tookMs = clock.monotonicMs() - started;
    });
    await clock.advance(50);
    send(replyHex);
    await clock.advance(lateReplyMaxMs);
    expect(tookMs).toBe(lateReplyMaxMs - 100);
  });

  it.each([
    ['an answer that took longer', 0, 150],
    ['a request that came later', 100, 10],
  ])('%s ends the run', async (_name, laterMs, answerMs) => {
    await poll(2_500);
    await clock.advance(laterMs);
    request();
    await clock.advance(answerMs);
    send(replyHex);
    await clock.advance(0);
    expect(conversation.lateReplyMs).toBe(lateReplyMaxMs - answerMs);
  });

  it('requests further apart are no such run', async () => {
    await poll(5_000, 200);
    expect(conversation.lateReplyMs).toBe(lateReplyMaxMs - 200);
  });

  it('the wait ends with the connection', async () => {
    let isOver = false;
    void conversation.lateRepliesOver().then(() => {
      isOver = true;
    });
    conversation.stop();
    await clock.advance(0);
    expect(isOver).toBe(true);
  });
});

it('a late reply may come on the next connection as well', async () => {
  await connect();
  request();
  await clock.advance(10);
  conversation.stop();
  await connect();
  expect(conversation.lateReplyMs).toBe(lateReplyMaxMs - 10);
});

it('silence: the connection is ended after its bound, counted from its start or the last sign of life', async () => {
  await connect();
  await clock.advance(silentReconnectMs - 1);
  conversation.abortWhenSilent();
  send(pushHex);
  await clock.advance(silentReconnectMs - 1);
  conversation.abortWhenSilent();
  expect(aborted).toEqual([]);
  await clock.advance(1);
  conversation.abortWhenSilent();
  expect(aborted).toEqual(['no answer']);
});

it('a feature report that hangs ends the connection; a refused one does not', async () => {
  await connect();
  memory.playFeatures({ set: () => false, get: () => null });
  const read = (): Promise<Result<unknown, { code: string }>> =>
    conversation.exchangeFeature((transport) => transport.getFeature(0, 9));
  expect(await read()).toMatchObject({ error: { code: 'device.protocol' } });
  memory.stallFeature = true;
  const hanging = read();
  await clock.advance(500);
  expect(await hanging).toMatchObject({ error: { code: 'device.timeout' } });
  expect(aborted).toEqual(['a feature report has stalled']);
});
