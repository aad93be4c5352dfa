import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from '../protocol/codec.ts';
import { encodeLockDeviceMessage } from '../protocol/lock-8a.ts';
import { lockSpec, openFrameHex, readFrameHex, DeviceHarness } from '../../testkit/devices/device-harness.ts';

async function harnessWithLock(
  change: (harness: DeviceHarness) => void = () => undefined,
): Promise<DeviceHarness> {
  const harness = new DeviceHarness();
  change(harness);
  await harness.up([lockSpec]);
  return harness;
}

const counts = async (harness: DeviceHarness): Promise<{ result: string; opens: number }> => {
  const { result } = await harness.outcome(harness.supervisor.unlock());
  return { result, opens: harness.openCount() };
};

describe('unlock', () => {
  it('sends the open frame once and returns with the acknowledgement', async () => {
    const harness = await harnessWithLock();
    const { result, tookMs } = await harness.outcome(harness.supervisor.unlock());
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(500);
    expect(tookMs).toBeLessThan(600);
    await harness.clock.advance(10_000);
    expect(harness.openCount()).toBe(1);
  });

  it('the acknowledgement does not move the door, whatever feedback it carries', async () => {
    const harness = await harnessWithLock();
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    harness
      .transport('lock')
      .send(encodeLockDeviceMessage({ type: 'opened', address: 1, channel: 1, feedback: 0 }));
    await harness.clock.advance(0);
    expect(await call).toEqual({ ok: true, value: { door: 'closed' } });
    expect(harness.doors()).toEqual(['closed']);
  });

  it('an older board acknowledges with head 80 after a second', async () => {
    const harness = await harnessWithLock(({ board }) => {
      board.isOld = true;
      board.openReplyMs = 1000;
    });
    expect(await counts(harness)).toEqual({ result: 'ok', opens: 1 });
  });

  it('silence: two attempts, then device.timeout, and nothing is sent later', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    const { result, tookMs } = await harness.outcome(harness.supervisor.unlock());
    expect(result).toBe('device.timeout');
    expect(tookMs).toBeGreaterThanOrEqual(3000);
    expect(tookMs).toBeLessThan(3700);
    harness.board.silent = false;
    await harness.clock.advance(30_000);
    expect(harness.openCount()).toBe(2);
  });

  it('a board that has gone silent is sent no open frame, which might lie in a queue until it is back', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    await harness.clock.advance(2600);
    expect(harness.health('lock')).toBe('silent');
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.timeout');
    harness.board.silent = false;
    await harness.clock.advance(10_000);
    expect(harness.openCount()).toBe(0);
    expect(await counts(harness)).toEqual({ result: 'ok', opens: 1 });
  });

  it('back from silence and asked before the next poll: it answers, and is opened', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    await harness.clock.advance(2600);
    harness.board.silent = false;
    expect(await counts(harness)).toEqual({ result: 'ok', opens: 1 });
  });

  it('the first acknowledgement lost: the one retry opens', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').muteDevice = true;
    const call = harness.supervisor.unlock();
    await harness.clock.advance(1600);
    harness.transport('lock').muteDevice = false;
    expect((await harness.outcome(call)).result).toBe('ok');
    expect(harness.openCount()).toBe(2);
  });

  it('unplugged before the acknowledgement: device.disconnected at once, not sent again afterwards', async () => {
    const harness = await harnessWithLock();
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    harness.transport('lock').unplug();
    const { result, tookMs } = await harness.outcome(call);
    expect([result, tookMs]).toEqual(['device.disconnected', 0]);
    await harness.clock.advance(20_000);
    expect(harness.health('lock')).toBe('ready');
    expect(harness.transports.lock.length).toBe(2);
    expect(harness.openCount()).toBe(1);
  });

  it('a call that waits for its turn dies with the connection and is never sent', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    const read = harness.supervisor.readDoor();
    const unlock = harness.supervisor.unlock();
    await harness.clock.advance(50);
    harness.transport('lock').unplug();
    harness.board.silent = false;
    expect((await harness.outcome(read)).result).toBe('device.disconnected');
    expect((await harness.outcome(unlock)).result).toBe('device.disconnected');
    await harness.clock.advance(20_000);
    expect(harness.openCount()).toBe(0);
  });

  it('while disconnected it fails at once', async () => {
    const harness = new DeviceHarness();
    harness.players.lock = (transport) => {
      transport.refuseOpen = true;
    };
    await harness.up([lockSpec]);
    expect(await harness.outcome(harness.supervisor.unlock())).toEqual({
      result: 'device.disconnected',
      tookMs: 0,
    });
  });

  it('a write that stalls is not repeated: the handle is closed, device.disconnected', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').stallWrite = true;
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.disconnected');
    await harness.clock.advance(10_000);
    expect(harness.transports.lock[0]?.isOpen).toBe(false);
    expect(harness.transports.lock.length).toBe(2);
    expect(harness.openCount()).toBeLessThanOrEqual(1);
  });

  it('wrong address: not taken for an acknowledgement; device.protocol', async () => {
    const harness = await harnessWithLock();
    harness.board.address = 2;
    expect(await counts(harness)).toEqual({ result: 'device.protocol', opens: 2 });
  });

  it('wrong channel: not taken for an acknowledgement; device.protocol', async () => {
    const harness = await harnessWithLock();
    harness.board.channel = 5;
    expect(await counts(harness)).toEqual({ result: 'device.protocol', opens: 2 });
  });

  it('wrong checksums only: device.protocol, counted', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').corrupt = (bytes) => bytes.map((b, i) => (i === 4 ? b ^ 1 : b));
    expect(await counts(harness)).toEqual({ result: 'device.protocol', opens: 2 });
    expect(harness.supervisor.health()[0]?.errorCount).toBeGreaterThan(2);
  });

  it('garbage around the acknowledgement does not hide it', async () => {
    const harness = await harnessWithLock(({ board }) => {
      board.distort = (frame) => [
        bytesOfHex('00FF8A80'),
        frame.subarray(0, 2),
        frame.subarray(2),
        bytesOfHex('7F'),
      ];
    });
    expect(await counts(harness)).toEqual({ result: 'ok', opens: 1 });
  });

  it('a push between request and acknowledgement moves the door and settles nothing', async () => {
    const harness = await harnessWithLock();
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    harness.board.push(0);
    await harness.clock.advance(100);
    expect(harness.doors()).toEqual(['closed', 'open']);
    const { result, tookMs } = await harness.outcome(call);
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(290);
    expect(harness.openCount()).toBe(1);
  });

  it('a push cut by the next request still leaves the acknowledgement readable', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').send(bytesOfHex('8201'));
    const call = harness.supervisor.unlock();
    await harness.clock.advance(10);
    harness.transport('lock').send(bytesOfHex('010083'));
    expect((await harness.outcome(call)).result).toBe('ok');
  });

  it('the late answer to a read that timed out is not an acknowledgement', async () => {
    const harness = await harnessWithLock(({ board }) => {
      board.isOld = true;
      board.openReplyMs = 1000;
    });
    harness.board.readReplyMs = 600;
    const read = harness.supervisor.readDoor();
    const unlock = harness.supervisor.unlock();
    expect((await harness.outcome(read)).result).toBe('device.timeout');
    // The read's answer arrives now, 100 ms after the open frame; the open's own comes at 1000 ms.
    const { result, tookMs } = await harness.outcome(unlock);
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(990);
    expect(harness.openCount()).toBe(1);
  });

  it('once a board has acknowledged with 8A, a unrelated 80 is no acknowledgement', async () => {
    const harness = await harnessWithLock();
    await harness.outcome(harness.supervisor.unlock());
    const call = harness.supervisor.unlock();
    await harness.clock.advance(100);
    harness
      .transport('lock')
      .send(encodeLockDeviceMessage({ type: 'feedback', address: 1, channel: 1, feedback: 1 }));
    const { tookMs } = await harness.outcome(call);
    expect(tookMs).toBeGreaterThanOrEqual(390);
  });

  it('doubled replies confuse nothing', async () => {
    const harness = await harnessWithLock(({ board }) => {
      board.copies = 2;
    });
    expect(await counts(harness)).toEqual({ result: 'ok', opens: 1 });
    harness.board.feedback = 0;
    await harness.clock.advance(1500);
    expect(harness.doors()).toEqual(['closed', 'open']);
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('ok');
  });

  it('replies in the wrong order: the acknowledgement after a unrelated read answer still counts once', async () => {
    const harness = await harnessWithLock();
    harness.board.holdReplies = true;
    const unlock = harness.supervisor.unlock();
    await harness.clock.advance(100);
    expect(harness.board.held.map(toHex)).toEqual(['8A0101119B']);
    harness.board.releaseHeld([0, 0]);
    expect((await harness.outcome(unlock)).result).toBe('ok');
    expect(harness.openCount()).toBe(1);
  });

  it('more calls than the bound: device.busy', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    const calls = Array.from({ length: 6 }, () => harness.outcome(harness.supervisor.unlock(), 20_000));
    await harness.clock.advance(20_000);
    const results = (await Promise.all(calls)).map((c) => c.result);
    expect(results.filter((r) => r === 'device.busy').length).toBeGreaterThanOrEqual(2);
  });

  it('never two frames on the wire at once', async () => {
    const harness = await harnessWithLock();
    const calls = [harness.supervisor.unlock(), harness.supervisor.readDoor(), harness.supervisor.readDoor()];
    await harness.clock.advance(400);
    const frames = harness.transport('lock').written.map(toHex);
    expect(frames.at(-1)).toBe(openFrameHex);
    await harness.clock.advance(2000);
    expect((await Promise.all(calls)).every((r) => r.ok)).toBe(true);
  });
});

describe('door', () => {
  it('is read after connecting, then only edges are emitted', async () => {
    const harness = await harnessWithLock();
    await harness.clock.advance(5000);
    expect(harness.doors()).toEqual(['closed']);
    harness.board.feedback = 0;
    await harness.clock.advance(1000);
    harness.board.feedback = 1;
    await harness.clock.advance(1000);
    expect(harness.doors()).toEqual(['closed', 'open', 'closed']);
  });

  it.each([
    [1, 1, 'closed'],
    [1, 0, 'open'],
    [0, 1, 'open'],
    [0, 0, 'closed'],
  ] as const)('polarity: closed reads %i, feedback %i is %s', async (closedFeedback, feedback, door) => {
    const harness = new DeviceHarness();
    harness.board.feedback = feedback;
    await harness.up([{ ...lockSpec, closedFeedback } as typeof lockSpec]);
    expect(harness.doors()).toEqual([door]);
  });

  it('is polled each 500 ms at rest and each 100 ms while watched', async () => {
    const harness = await harnessWithLock();
    const reads = (): number =>
      harness.transport('lock').written.filter((b) => toHex(b) === readFrameHex).length;
    const before = reads();
    await harness.clock.advance(5000);
    expect(reads() - before).toBe(10);
    harness.supervisor.setPollMode('active');
    const watched = reads();
    await harness.clock.advance(5000);
    expect(reads() - watched).toBeGreaterThanOrEqual(49);
    expect(reads() - watched).toBeLessThanOrEqual(51);
    harness.supervisor.setPollMode('idle');
    const rested = reads();
    await harness.clock.advance(5000);
    expect(reads() - rested).toBeLessThanOrEqual(11);
  });

  it('an edge is emitted within 120 ms while watched', async () => {
    const harness = await harnessWithLock();
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(333);
    harness.board.feedback = 0;
    const changedMs = harness.clock.monotonicMs();
    await harness.clock.advance(500);
    const edge = harness.of('door').at(-1);
    expect(edge?.door).toBe('open');
    expect((edge?.atMs ?? 0) - changedMs).toBeLessThanOrEqual(120);
  });

  it.each([0x81, 0x82] as const)('pushed with head %i it is known without a poll', async (head) => {
    const harness = await harnessWithLock();
    const atMs = harness.clock.monotonicMs();
    harness.board.push(0, head);
    expect(harness.of('door').at(-1)).toMatchObject({ type: 'door', door: 'open', atMs });
  });

  it('an edge says for how long the door was not read: long in an opening that is not acknowledged', async () => {
    const harness = await harnessWithLock();
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(1_000);
    const unread = async (): Promise<number> => {
      harness.board.feedback = 0;
      await harness.clock.advance(5_000);
      harness.board.feedback = 1;
      await harness.clock.advance(1_000);
      return harness.of('door').at(-2)?.unreadMs ?? Number.NaN;
    };
    expect(await unread()).toBeLessThanOrEqual(120);
    harness.board.silent = true;
    void harness.supervisor.unlock();
    await harness.clock.advance(2_900);
    harness.board.silent = false;
    expect(await unread()).toBeGreaterThanOrEqual(3_000);
  });

  it('the first reading on a connection does not say it', async () => {
    const harness = await harnessWithLock();
    expect(harness.of('door').map(({ unreadMs }) => unreadMs)).toEqual([undefined]);
  });

  it('a push of another channel is not ours', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').send(bytesOfHex('8201050086'));
    expect(harness.doors()).toEqual(['closed']);
  });

  it('a reading and a push that is newer, in the same bytes: the push has the last word', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    const call = harness.supervisor.readDoor();
    await harness.clock.advance(10);
    const open = encodeLockDeviceMessage({ type: 'feedback', address: 1, channel: 1, feedback: 0 });
    harness.transport('lock').send(Uint8Array.of(...open, ...bytesOfHex('8201011193')));
    await harness.clock.advance(0);
    expect(harness.doors()).toEqual(['closed', 'open', 'closed']);
    expect(await call).toEqual({ ok: true, value: { door: 'closed' } });
  });

  it('silence: unknown after three polls, silent, reconnected after five seconds, known again', async () => {
    const harness = await harnessWithLock();
    harness.board.silent = true;
    await harness.clock.advance(2600);
    expect(harness.doors()).toEqual(['closed', 'unknown']);
    expect(harness.health('lock')).toBe('silent');
    await harness.clock.advance(4000);
    expect(harness.transports.lock.length).toBe(2);
    harness.board.silent = false;
    await harness.clock.advance(1000);
    expect(harness.doors()).toEqual(['closed', 'unknown', 'closed']);
    expect(harness.health('lock')).toBe('ready');
  });

  it('unplugged: unknown at once', async () => {
    const harness = await harnessWithLock();
    harness.transport('lock').unplug();
    await harness.clock.advance(0);
    expect(harness.doors()).toEqual(['closed', 'unknown']);
  });

  it('garbage without end is device.protocol, never a door edge', async () => {
    const harness = await harnessWithLock(({ board }) => {
      board.distort = () => [bytesOfHex('80058A017F33')];
    });
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('device.protocol');
    await harness.clock.advance(3000);
    expect(harness.doors()).toEqual([]);
    expect(['silent', 'disconnected', 'connecting']).toContain(harness.health('lock'));
  });
});
