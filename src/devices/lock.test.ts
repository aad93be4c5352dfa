import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from './protocol/codec.ts';
import { encodeLockDeviceMessage } from './protocol/lock-8a.ts';
import { lockSpec, openFrameHex, readFrameHex, Rig } from './testing/rig.ts';

async function rigWithLock(change: (rig: Rig) => void = () => undefined): Promise<Rig> {
  const rig = new Rig();
  change(rig);
  await rig.up([lockSpec]);
  return rig;
}

const counts = async (rig: Rig): Promise<{ result: string; opens: number }> => {
  const { result } = await rig.outcome(rig.supervisor.unlock());
  return { result, opens: rig.openCount() };
};

describe('unlock', () => {
  it('sends the open frame once and returns with the acknowledgement', async () => {
    const rig = await rigWithLock();
    const { result, tookMs } = await rig.outcome(rig.supervisor.unlock());
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(500);
    expect(tookMs).toBeLessThan(600);
    await rig.clock.advance(10_000);
    expect(rig.openCount()).toBe(1);
  });

  it('the acknowledgement does not move the door, whatever feedback it carries', async () => {
    const rig = await rigWithLock();
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    rig.link('lock').send(encodeLockDeviceMessage({ type: 'opened', address: 1, channel: 1, feedback: 0 }));
    await rig.clock.advance(0);
    expect(await call).toEqual({ ok: true, value: { door: 'closed' } });
    expect(rig.doors()).toEqual(['closed']);
  });

  it('an older board acknowledges with head 80 after a second', async () => {
    const rig = await rigWithLock(({ board }) => {
      board.isOld = true;
      board.openReplyMs = 1000;
    });
    expect(await counts(rig)).toEqual({ result: 'ok', opens: 1 });
  });

  it('silence: two attempts, then device.timeout, and nothing is sent later', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    const { result, tookMs } = await rig.outcome(rig.supervisor.unlock());
    expect(result).toBe('device.timeout');
    expect(tookMs).toBeGreaterThanOrEqual(3000);
    expect(tookMs).toBeLessThan(3700);
    rig.board.silent = false;
    await rig.clock.advance(30_000);
    expect(rig.openCount()).toBe(2);
  });

  it('a board that has gone silent is not sent an open frame, which might lie in a queue until it is back', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    await rig.clock.advance(2600);
    expect(rig.health('lock')).toBe('silent');
    expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('device.timeout');
    rig.board.silent = false;
    await rig.clock.advance(10_000);
    expect(rig.openCount()).toBe(0);
    expect(await counts(rig)).toEqual({ result: 'ok', opens: 1 });
  });

  it('back from silence and asked before the next poll: it answers, and is opened', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    await rig.clock.advance(2600);
    rig.board.silent = false;
    expect(await counts(rig)).toEqual({ result: 'ok', opens: 1 });
  });

  it('the first acknowledgement lost: the one retry opens', async () => {
    const rig = await rigWithLock();
    rig.link('lock').muteDevice = true;
    const call = rig.supervisor.unlock();
    await rig.clock.advance(1600);
    rig.link('lock').muteDevice = false;
    expect((await rig.outcome(call)).result).toBe('ok');
    expect(rig.openCount()).toBe(2);
  });

  it('unplugged before the acknowledgement: device.disconnected at once, not sent again after the reconnect', async () => {
    const rig = await rigWithLock();
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    rig.link('lock').unplug();
    const { result, tookMs } = await rig.outcome(call);
    expect([result, tookMs]).toEqual(['device.disconnected', 0]);
    await rig.clock.advance(20_000);
    expect(rig.health('lock')).toBe('ready');
    expect(rig.links.lock.length).toBe(2);
    expect(rig.openCount()).toBe(1);
  });

  it('a call that waits for its turn dies with the connection and is never sent', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    const read = rig.supervisor.readDoor();
    const unlock = rig.supervisor.unlock();
    await rig.clock.advance(50);
    rig.link('lock').unplug();
    rig.board.silent = false;
    expect((await rig.outcome(read)).result).toBe('device.disconnected');
    expect((await rig.outcome(unlock)).result).toBe('device.disconnected');
    await rig.clock.advance(20_000);
    expect(rig.openCount()).toBe(0);
  });

  it('while disconnected it fails at once', async () => {
    const rig = new Rig();
    rig.players.lock = (link) => {
      link.refuseOpen = true;
    };
    await rig.up([lockSpec]);
    expect(await rig.outcome(rig.supervisor.unlock())).toEqual({ result: 'device.disconnected', tookMs: 0 });
  });

  it('a write that stalls is not repeated: the handle is closed, device.disconnected', async () => {
    const rig = await rigWithLock();
    rig.link('lock').stallWrite = true;
    expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('device.disconnected');
    await rig.clock.advance(10_000);
    expect(rig.links.lock[0]?.isOpen).toBe(false);
    expect(rig.links.lock.length).toBe(2);
    expect(rig.openCount()).toBeLessThanOrEqual(1);
  });

  it('wrong address: not taken for an acknowledgement; device.protocol', async () => {
    const rig = await rigWithLock();
    rig.board.address = 2;
    expect(await counts(rig)).toEqual({ result: 'device.protocol', opens: 2 });
  });

  it('wrong channel: not taken for an acknowledgement; device.protocol', async () => {
    const rig = await rigWithLock();
    rig.board.channel = 5;
    expect(await counts(rig)).toEqual({ result: 'device.protocol', opens: 2 });
  });

  it('wrong checksums only: device.protocol, counted', async () => {
    const rig = await rigWithLock();
    rig.link('lock').corrupt = (bytes) => bytes.map((b, i) => (i === 4 ? b ^ 1 : b));
    expect(await counts(rig)).toEqual({ result: 'device.protocol', opens: 2 });
    expect(rig.supervisor.health()[0]?.errorCount).toBeGreaterThan(2);
  });

  it('garbage around the acknowledgement does not hide it', async () => {
    const rig = await rigWithLock(({ board }) => {
      board.distort = (frame) => [
        bytesOfHex('00FF8A80'),
        frame.subarray(0, 2),
        frame.subarray(2),
        bytesOfHex('7F'),
      ];
    });
    expect(await counts(rig)).toEqual({ result: 'ok', opens: 1 });
  });

  it('a push between request and acknowledgement moves the door and settles nothing', async () => {
    const rig = await rigWithLock();
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    rig.board.push(0);
    await rig.clock.advance(100);
    expect(rig.doors()).toEqual(['closed', 'open']);
    const { result, tookMs } = await rig.outcome(call);
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(290);
    expect(rig.openCount()).toBe(1);
  });

  it('a push cut by the next request still leaves the acknowledgement readable', async () => {
    const rig = await rigWithLock();
    rig.link('lock').send(bytesOfHex('8201'));
    const call = rig.supervisor.unlock();
    await rig.clock.advance(10);
    rig.link('lock').send(bytesOfHex('010083'));
    expect((await rig.outcome(call)).result).toBe('ok');
  });

  it('the late answer to a read that timed out is not an acknowledgement', async () => {
    const rig = await rigWithLock(({ board }) => {
      board.isOld = true;
      board.openReplyMs = 1000;
    });
    rig.board.readReplyMs = 600;
    const read = rig.supervisor.readDoor();
    const unlock = rig.supervisor.unlock();
    expect((await rig.outcome(read)).result).toBe('device.timeout');
    // The read's answer arrives now, 100 ms after the open frame; the open's own comes at 1000 ms.
    const { result, tookMs } = await rig.outcome(unlock);
    expect(result).toBe('ok');
    expect(tookMs).toBeGreaterThanOrEqual(990);
    expect(rig.openCount()).toBe(1);
  });

  it('once a board has acknowledged with 8A, a stray 80 is no acknowledgement', async () => {
    const rig = await rigWithLock();
    await rig.outcome(rig.supervisor.unlock());
    const call = rig.supervisor.unlock();
    await rig.clock.advance(100);
    rig.link('lock').send(encodeLockDeviceMessage({ type: 'feedback', address: 1, channel: 1, feedback: 1 }));
    const { tookMs } = await rig.outcome(call);
    expect(tookMs).toBeGreaterThanOrEqual(390);
  });

  it('doubled replies confuse nothing', async () => {
    const rig = await rigWithLock(({ board }) => {
      board.copies = 2;
    });
    expect(await counts(rig)).toEqual({ result: 'ok', opens: 1 });
    rig.board.feedback = 0;
    await rig.clock.advance(1500);
    expect(rig.doors()).toEqual(['closed', 'open']);
    expect((await rig.outcome(rig.supervisor.readDoor())).result).toBe('ok');
  });

  it('replies in the wrong order: the acknowledgement after a stray read answer still counts once', async () => {
    const rig = await rigWithLock();
    rig.board.holdReplies = true;
    const unlock = rig.supervisor.unlock();
    await rig.clock.advance(100);
    expect(rig.board.held.map(toHex)).toEqual(['8A0101119B']);
    rig.board.releaseHeld([0, 0]);
    expect((await rig.outcome(unlock)).result).toBe('ok');
    expect(rig.openCount()).toBe(1);
  });

  it('more calls than the bound: device.busy', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    const calls = Array.from({ length: 6 }, () => rig.outcome(rig.supervisor.unlock(), 20_000));
    await rig.clock.advance(20_000);
    const results = (await Promise.all(calls)).map((c) => c.result);
    expect(results.filter((r) => r === 'device.busy').length).toBeGreaterThanOrEqual(2);
  });

  it('never two frames on the wire at once', async () => {
    const rig = await rigWithLock();
    const calls = [rig.supervisor.unlock(), rig.supervisor.readDoor(), rig.supervisor.readDoor()];
    await rig.clock.advance(400);
    const frames = rig.link('lock').written.map(toHex);
    expect(frames.at(-1)).toBe(openFrameHex);
    await rig.clock.advance(2000);
    expect((await Promise.all(calls)).every((r) => r.ok)).toBe(true);
  });
});

describe('door', () => {
  it('is read after connecting, then only edges are told', async () => {
    const rig = await rigWithLock();
    await rig.clock.advance(5000);
    expect(rig.doors()).toEqual(['closed']);
    rig.board.feedback = 0;
    await rig.clock.advance(1000);
    rig.board.feedback = 1;
    await rig.clock.advance(1000);
    expect(rig.doors()).toEqual(['closed', 'open', 'closed']);
  });

  it.each([
    [1, 1, 'closed'],
    [1, 0, 'open'],
    [0, 1, 'open'],
    [0, 0, 'closed'],
  ] as const)('polarity: closed reads %i, feedback %i is %s', async (closedFeedback, feedback, door) => {
    const rig = new Rig();
    rig.board.feedback = feedback;
    await rig.up([{ ...lockSpec, closedFeedback } as typeof lockSpec]);
    expect(rig.doors()).toEqual([door]);
  });

  it('is polled each 500 ms at rest and each 100 ms while watched', async () => {
    const rig = await rigWithLock();
    const reads = (): number => rig.link('lock').written.filter((b) => toHex(b) === readFrameHex).length;
    const before = reads();
    await rig.clock.advance(5000);
    expect(reads() - before).toBe(10);
    rig.supervisor.setDoorPace('watch');
    const watched = reads();
    await rig.clock.advance(5000);
    expect(reads() - watched).toBeGreaterThanOrEqual(49);
    expect(reads() - watched).toBeLessThanOrEqual(51);
    rig.supervisor.setDoorPace('rest');
    const rested = reads();
    await rig.clock.advance(5000);
    expect(reads() - rested).toBeLessThanOrEqual(11);
  });

  it('an edge is told within 120 ms while watched', async () => {
    const rig = await rigWithLock();
    rig.supervisor.setDoorPace('watch');
    await rig.clock.advance(333);
    rig.board.feedback = 0;
    const changedMs = rig.clock.monotonicMs();
    await rig.clock.advance(500);
    const edge = rig.of('door').at(-1);
    expect(edge?.door).toBe('open');
    expect((edge?.atMs ?? 0) - changedMs).toBeLessThanOrEqual(120);
  });

  it.each([0x81, 0x82] as const)('pushed with head %i it is known without a poll', async (head) => {
    const rig = await rigWithLock();
    const atMs = rig.clock.monotonicMs();
    rig.board.push(0, head);
    expect(rig.of('door').at(-1)).toEqual({ type: 'door', door: 'open', atMs });
  });

  it('a push of another channel is not ours', async () => {
    const rig = await rigWithLock();
    rig.link('lock').send(bytesOfHex('8201050086'));
    expect(rig.doors()).toEqual(['closed']);
  });

  it('a reading and a push that is newer, in the same bytes: the push has the last word', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    const call = rig.supervisor.readDoor();
    await rig.clock.advance(10);
    const open = encodeLockDeviceMessage({ type: 'feedback', address: 1, channel: 1, feedback: 0 });
    rig.link('lock').send(Uint8Array.of(...open, ...bytesOfHex('8201011193')));
    await rig.clock.advance(0);
    expect(rig.doors()).toEqual(['closed', 'open', 'closed']);
    expect(await call).toEqual({ ok: true, value: { door: 'closed' } });
  });

  it('silence: unknown after three polls, silent, reconnected after five seconds, known again', async () => {
    const rig = await rigWithLock();
    rig.board.silent = true;
    await rig.clock.advance(2600);
    expect(rig.doors()).toEqual(['closed', 'unknown']);
    expect(rig.health('lock')).toBe('silent');
    await rig.clock.advance(4000);
    expect(rig.links.lock.length).toBe(2);
    rig.board.silent = false;
    await rig.clock.advance(1000);
    expect(rig.doors()).toEqual(['closed', 'unknown', 'closed']);
    expect(rig.health('lock')).toBe('ready');
  });

  it('unplugged: unknown at once', async () => {
    const rig = await rigWithLock();
    rig.link('lock').unplug();
    await rig.clock.advance(0);
    expect(rig.doors()).toEqual(['closed', 'unknown']);
  });

  it('garbage without end is device.protocol, never a door edge', async () => {
    const rig = await rigWithLock(({ board }) => {
      board.distort = () => [bytesOfHex('80058A017F33')];
    });
    expect((await rig.outcome(rig.supervisor.readDoor())).result).toBe('device.protocol');
    await rig.clock.advance(3000);
    expect(rig.doors()).toEqual([]);
    expect(['silent', 'disconnected', 'connecting']).toContain(rig.health('lock'));
  });
});
