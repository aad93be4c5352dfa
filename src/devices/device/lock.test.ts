import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { DoorState } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import { bytesOfHex, toHex } from '../protocol/codec.ts';
import { noFeatures } from '../transport/transport.ts';
import type { DriverTransport } from './driver.ts';
import { Lock } from './lock.ts';

/** The driver alone, on transports that the test controls to the microtask. Whole connections: lock-faults.test.ts. */
const spec = {
  kind: 'lock',
  protocol: 'lock-8a',
  transport: { kind: 'tcp', host: 'h', port: 1, framing: 'stream' },
  boardAddress: 1,
  channel: 1,
  closedFeedback: 1,
} as const;
const closedReply = bytesOfHex('8001011191');

class Wire implements DriverTransport {
  readonly written: string[] = [];
  readonly givenUp: string[] = [];
  isStalled = false;
  readonly #features = noFeatures('wire');
  readonly sendFeature = this.#features.sendFeature;
  readonly getFeature = this.#features.getFeature;

  write(bytes: Uint8Array) {
    this.written.push(toHex(bytes));
    return this.isStalled ? new Promise<never>(() => undefined) : Promise.resolve(ok());
  }
  abort(reason: string): void {
    this.givenUp.push(reason);
  }
  opens(): number {
    return this.written.filter((hex) => hex === '8A0101119B').length;
  }
}

function makeLock() {
  const clock = new FakeClock();
  const doors: DoorState[] = [];
  const lock = new Lock(spec, clock, {
    door: (door) => doors.push(door),
    healthChanged: () => undefined,
  });
  return { clock, doors, lock };
}

describe('lock driver', () => {
  it('a stalled write is never repeated on the same transport, even if nobody closes it', async () => {
    const { clock, lock } = makeLock();
    const wire = new Wire();
    lock.start(wire);
    await clock.advance(1);
    lock.receive(closedReply);
    wire.isStalled = true;
    const call = lock.unlock();
    await clock.advance(10_000);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect(wire.opens()).toBe(1);
    expect(wire.givenUp.length).toBeGreaterThanOrEqual(1);
  });

  it('a call that waited is not sent on a connection made meanwhile, however fast that was', async () => {
    const { clock, lock } = makeLock();
    const [first, second] = [new Wire(), new Wire()];
    lock.start(first);
    await clock.advance(1); // the first poll is under way
    const waiting = lock.unlock();
    lock.stop();
    lock.start(second);
    await clock.advance(5000);
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect([first.opens(), second.opens()]).toEqual([0, 0]);
  });

  it('an attempt cut by a reconnect is not made again on the new connection', async () => {
    const { clock, lock } = makeLock();
    const [first, second] = [new Wire(), new Wire()];
    lock.start(first);
    await clock.advance(1);
    lock.receive(closedReply);
    const call = lock.unlock();
    await clock.advance(10);
    lock.stop();
    lock.start(second);
    await clock.advance(10_000);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect([first.opens(), second.opens()]).toEqual([1, 0]);
  });

  it('stale bytes are dropped before a request: they do not hold its answer back', async () => {
    const { clock, lock } = makeLock();
    const wire = new Wire();
    lock.start(wire);
    await clock.advance(1);
    lock.receive(closedReply);
    lock.receive(bytesOfHex('8001')); // the head of something that never went on
    let isAnswered = false;
    void lock.readDoor().then((result) => {
      isAnswered = result.ok;
    });
    await clock.advance(1);
    lock.receive(closedReply);
    await clock.advance(0);
    expect(isAnswered).toBe(true);
  });

  it('a push is no error', async () => {
    const { clock, lock, doors } = makeLock();
    lock.start(new Wire());
    await clock.advance(1);
    lock.receive(bytesOfHex('8201010082'));
    lock.receive(closedReply);
    await clock.advance(0);
    expect(doors).toEqual(['open', 'closed']);
    expect(lock.health().errorCount).toBe(0);
  });
});
