import { describe, expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { hostMessageSchema } from '../shared/model/host-messages.ts';
import type { HostMessage } from '../shared/model/host-messages.ts';
import { attachHost } from './host.ts';
import { FakeRelay } from '../testkit/devices/fake-relay.ts';
import { FakeBoard, lockSpec } from '../testkit/devices/device-harness.ts';
import { MemoryTransport } from './transport/memory.ts';

class FakeMain {
  readonly clock = new FakeClock();
  readonly board = new FakeBoard(this.clock);
  readonly relay = new FakeRelay('LIGHT');
  readonly sent: HostMessage[] = [];
  readonly logged: string[] = [];
  readonly exits: number[] = [];
  readonly transports: MemoryTransport[] = [];
  #toHost: (payload: unknown) => void = () => undefined;

  constructor() {
    attachHost({
      port: {
        send: (message) => this.sent.push(hostMessageSchema.parse(message)),
        onMessage: (listener) => {
          this.#toHost = listener;
        },
      },
      clock: this.clock,
      makeTransport: (_spec, kind) => {
        const transport = new MemoryTransport(kind);
        this.transports.push(transport);
        if (kind === 'light') this.relay.attach(transport);
        else this.board.attach(transport);
        return transport.hostEnd;
      },
      log: (event) => this.logged.push(event),
      exit: (code) => this.exits.push(code),
    });
  }

  async post(payload: unknown, thenMs = 0): Promise<void> {
    this.#toHost(payload);
    await this.clock.advance(thenMs);
  }

  replies(): HostMessage[] {
    return this.sent.filter((m) => m.type === 'reply');
  }
}

const configure = { type: 'configure', config: { simulated: true, devices: [lockSpec] } };

describe('device host', () => {
  it('answers each call by its id', async () => {
    const main = new FakeMain();
    await main.post(configure, 100);
    await main.post({ type: 'readDoor', id: 7 }, 50);
    await main.post({ type: 'unlock', id: 8 }, 700);
    await main.post({ type: 'ping', id: 9 });
    const closed = { ok: true, value: { door: 'closed' } };
    expect(main.replies()).toEqual([
      { type: 'reply', id: 7, result: closed },
      { type: 'reply', id: 8, result: closed },
      { type: 'reply', id: 9, result: closed },
    ]);
  });

  it('before it is configured: device.missing, and a ping is answered', async () => {
    const main = new FakeMain();
    await main.post({ type: 'unlock', id: 1 });
    await main.post({ type: 'ping', id: 2 });
    expect(main.replies()).toMatchObject([
      { id: 1, result: { ok: false, error: { code: 'device.missing' } } },
      { id: 2, result: { ok: true, value: { door: 'unknown' } } },
    ]);
  });

  it.each([
    null,
    'unlock',
    { type: 'unlock' },
    { type: 'unlock', id: 1.5 },
    { type: 'open', id: 1 },
    { type: 'setPollMode', pollMode: 'fast' },
    { type: 'light', on: 'on' },
    { type: 'configure', config: { simulated: true, devices: [{ kind: 'lock' }] } },
  ])('logs and ignores %j', async (payload) => {
    const main = new FakeMain();
    await main.post(configure, 100);
    const written = main.transports[0]!.written.length;
    await main.post(payload);
    expect(main.logged.filter((event) => event === 'host.bad_request').length).toBe(1);
    expect(main.transports[0]!.written.length).toBe(written);
    expect(main.replies()).toEqual([]);
  });

  it('administration is answered by its id, and refused while a visit has the door', async () => {
    const main = new FakeMain();
    await main.post(configure, 100);
    const selfTest = { type: 'admin', call: { type: 'selfTest', deviceId: 'lock-1' } };
    await main.post({ ...selfTest, id: 1 }, 100);
    await main.post({ type: 'setPollMode', pollMode: 'active' });
    await main.post({ ...selfTest, id: 2 }, 100);
    expect(main.sent.filter((one) => one.type === 'adminReply')).toMatchObject([
      { id: 1, result: { ok: true, value: { isPassed: true } } },
      { id: 2, result: { ok: false, error: { code: 'device.in_visit' } } },
    ]);
  });

  it('a light is switched; where there is none the request is ignored', async () => {
    const main = new FakeMain();
    const light = { kind: 'light', protocol: 'relay-dcttech', channel: 1, transport: lockSpec.transport };
    await main.post(configure, 100);
    await main.post({ type: 'light', on: true });
    expect(main.logged).not.toContain('host.bad_request');
    await main.post({ type: 'configure', config: { simulated: true, devices: [light] } });
    await main.post({ type: 'light', on: true });
    expect([...main.relay.on]).toEqual([1]);
    await main.post({ type: 'light', on: false });
    expect([...main.relay.on]).toEqual([]);
    expect(main.replies()).toEqual([]);
  });

  it('stop closes everything, then exits with 0; later requests are ignored', async () => {
    const main = new FakeMain();
    await main.post(configure, 100);
    await main.post({ type: 'stop' });
    await main.post({ type: 'unlock', id: 5 }, 2000);
    expect(main.exits).toEqual([0]);
    expect(main.transports[0]!.isOpen).toBe(false);
    expect(main.replies()).toEqual([]);
  });
});
