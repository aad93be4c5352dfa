import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { HostRequest } from '../../shared/model/host-messages.ts';
import { DeviceHost, type HostProcess } from './device-host.ts';

/** A device host as a process: what it was sent, and words and an end that the test gives it. */
class FakeProcess implements HostProcess {
  readonly sent: HostRequest[] = [];
  killed = false;
  /** Answers each ping, as one that lives does. */
  alive = false;
  #message: (message: unknown) => void = () => undefined;
  #exit: ((code: number) => void)[] = [];

  postMessage(message: unknown): void {
    const request = message as HostRequest;
    this.sent.push(request);
    if (this.alive && request.type === 'ping') this.reply(request.id);
  }
  kill(): void {
    this.killed = true;
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#exit.push(listener);
  }
  reply(id: number): void {
    this.#message({ type: 'reply', id, result: { ok: true, value: { door: 'closed' } } });
  }
  say(message: unknown): void {
    this.#message(message);
  }
  die(code: number): void {
    for (const listener of this.#exit) listener(code);
  }
}

/** Time passes, and nothing runs: this process was held up itself. */
class StallingClock extends FakeClock {
  #stalledMs = 0;
  override monotonicMs(): number {
    return super.monotonicMs() + this.#stalledMs;
  }
  stall(ms: number): void {
    this.#stalledMs += ms;
  }
}

let clock: StallingClock;
let processes: FakeProcess[];
let host: DeviceHost;
let events: string[];
const none = (): void => undefined;
const last = (): FakeProcess => processes.at(-1)!;

beforeEach(() => {
  clock = new StallingClock();
  processes = [];
  events = [];
  host = new DeviceHost({
    spawn: () => {
      const child = new FakeProcess();
      processes.push(child);
      return child;
    },
    config: { simulated: true, devices: [] },
    clock,
    logger: { debug: none, info: none, warn: none, error: none },
  });
  host.on((event) => events.push(event.type));
  host.start();
});

test('a host that is slow to start is waited for: killed before its first word, it would never come up', async () => {
  await clock.advance(9_000);
  expect(last().killed).toBe(false);
  last().alive = true;
  await clock.advance(60_000);
  expect(processes).toHaveLength(1);
  expect(last().killed).toBe(false);
});

test('a host that never says a word is ended and started anew', async () => {
  await clock.advance(14_000);
  expect(last().killed).toBe(false);
  await clock.advance(2_000);
  expect(processes.length).toBeGreaterThan(1);
  expect(processes[0]!.killed).toBe(true);
  expect(events).toEqual(['hostStarted', 'hostGone', 'hostStarted']);
});

test('a host that has spoken and hangs is ended after 2 s, and told as gone', async () => {
  last().alive = true;
  await clock.advance(5_000);
  last().alive = false;
  await clock.advance(1_500);
  expect(last().killed).toBe(false);
  await clock.advance(1_500);
  expect(processes[0]!.killed).toBe(true);
  expect(events).toContain('hostGone');
  expect(processes).toHaveLength(2);
});

test('a main process that was held up itself does not take the host for stuck', async () => {
  last().alive = true;
  await clock.advance(1_000);
  clock.stall(30_000);
  await clock.advance(5_000);
  expect(last().killed).toBe(false);
  expect(processes).toHaveLength(1);
});

test('noise is no sign of life', async () => {
  last().alive = true;
  await clock.advance(1_000);
  last().alive = false;
  for (let i = 0; i < 30; i++) {
    processes[0]!.say({ type: 'reply', id: 'x' });
    await clock.advance(100);
  }
  expect(processes[0]!.killed).toBe(true);
});

test('its end is told at once; calls under way fail with host.gone; a new one has its poll mode', async () => {
  last().alive = true;
  host.setPollMode('active');
  await clock.advance(1_000);
  const call = host.unlock();
  last().die(139);
  expect(await call).toMatchObject({ ok: false, error: { code: 'host.gone' } });
  expect(events.at(-1)).toBe('hostGone');
  expect(await host.readDoor()).toMatchObject({ ok: false, error: { code: 'host.gone' } });
  await clock.advance(60);
  expect(processes).toHaveLength(2);
  expect(last().sent.map((request) => request.type)).toEqual(['configure', 'setPollMode']);
  expect(last().sent).not.toContainEqual(expect.objectContaining({ type: 'unlock' }));
});

test('the light: each "on" is sent, "off" once; a new host is told when it is on', async () => {
  last().alive = true;
  const orders = (): unknown[] => last().sent.filter(({ type }) => type === 'light');
  host.setLight(false);
  expect(orders()).toEqual([]);
  host.setLight(true);
  host.setLight(true);
  expect(orders()).toEqual([
    { type: 'light', on: true },
    { type: 'light', on: true },
  ]);
  last().die(139);
  await clock.advance(60);
  expect(last().sent.map((request) => request.type)).toEqual(['configure', 'light']);
  host.setLight(false);
  host.setLight(false);
  expect(orders()).toEqual([
    { type: 'light', on: true },
    { type: 'light', on: false },
  ]);
  last().die(139);
  host.setLight(true);
  host.setLight(false);
  await clock.advance(200);
  expect(processes).toHaveLength(3);
  expect(orders()).toEqual([]);
});

test('one that dies again and again is started less often, up to each 5 s; one that lived at once', async () => {
  const startsIn = async (ms: number): Promise<number> => {
    const before = processes.length;
    for (let i = 0; i < ms / 50; i++) {
      await clock.advance(50);
      last().die(1);
    }
    return processes.length - before;
  };
  await startsIn(20_000);
  expect(await startsIn(20_000)).toBeLessThanOrEqual(4);
  await clock.advance(5_000);
  last().alive = true;
  await clock.advance(11_000);
  const before = processes.length;
  last().die(1);
  await clock.advance(60);
  expect(processes).toHaveLength(before + 1);
});

test('an answer that does not come in 10 s is a time-out, while others are heard', async () => {
  last().alive = true;
  const call = host.readDoor();
  await clock.advance(10_100);
  expect(await call).toMatchObject({ ok: false, error: { code: 'device.timeout' } });
  expect(last().killed).toBe(false);
});

test('administration: the answer is parsed as the call has it; anything else is a failure', async () => {
  last().alive = true;
  const answerWith = async (result: unknown): Promise<unknown> => {
    const performed = host.perform({ type: 'selfTest', deviceId: 'lock-1' });
    const request = last().sent.at(-1);
    expect(request).toMatchObject({ type: 'admin', call: { type: 'selfTest', deviceId: 'lock-1' } });
    last().say({ type: 'adminReply', id: request?.type === 'admin' ? request.id : 0, result });
    return performed;
  };
  const passed = { ok: true, value: { isPassed: true, detail: '' } };
  expect(await answerWith(passed)).toEqual(passed);
  expect(await answerWith({ ok: true, value: { isPassed: 'yes' } })).toMatchObject({
    error: { code: 'device.protocol' },
  });
  const refused = { ok: false, error: { code: 'device.in_visit', message: 'a visit has the door' } };
  expect(await answerWith(refused)).toEqual(refused);
});

test('a host that does not end by itself is killed, and not started again', async () => {
  last().alive = true;
  const stopped = host.stop();
  await clock.advance(1_600);
  await stopped;
  expect(last().killed).toBe(true);
  await clock.advance(20_000);
  expect(processes).toHaveLength(1);
});

test('other devices are tried: the old host closes its handles first, and what it says counts no more', async () => {
  const other = { simulated: true, devices: [] };
  const before = last();
  before.say({ type: 'health', devices: [] });
  const call = host.readDoor();
  events = [];
  const restarted = host.restartWith(other);
  // At once, not when it has ended: nothing is decided by what it has said of the door.
  expect(events).toEqual(['hostGone']);
  expect(await call).toMatchObject({ error: { code: 'host.gone' } });
  expect(before.sent.at(-1)).toEqual({ type: 'stop' });
  before.say({ type: 'door', door: 'closed', atMs: 1 });
  expect([events, processes.length]).toEqual([['hostGone'], 1]);
  before.die(0);
  await restarted;
  expect([events, processes.length]).toEqual([['hostGone', 'hostStarted'], 2]);
  expect(last().sent[0]).toMatchObject({ type: 'configure', config: other });
});

test('a host that does not end is killed; of two that are wanted at once the later one is started, once', async () => {
  const later = { simulated: false, devices: [] };
  const before = last();
  const both = [host.restartWith({ simulated: true, devices: [] }), host.restartWith(later)];
  await clock.advance(2_000);
  await Promise.all(both);
  expect([before.killed, processes.length]).toEqual([true, 2]);
  expect(last().sent[0]).toMatchObject({ type: 'configure', config: later });
  // Also after it dies: it keeps to them.
  last().die(1);
  await clock.advance(100);
  expect(processes).toHaveLength(3);
  expect(last().sent[0]).toMatchObject({ config: later });
});

test('while it ends, the program ends: nothing is started any more', async () => {
  const restarted = host.restartWith({ simulated: true, devices: [] });
  await host.stop();
  last().die(0);
  await restarted;
  expect(processes).toHaveLength(1);
});
