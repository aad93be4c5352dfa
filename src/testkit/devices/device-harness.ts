import { FakeClock } from '../../shared/clock.ts';
import { hostMessageSchema } from '../../shared/model/host-messages.ts';
import type {
  CabinetDevices,
  DeviceErrorCode,
  DeviceKind,
  DeviceSpec,
  DoorState,
} from '../../shared/model/device.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import type { Result } from '../../shared/result.ts';
import { toHex } from '../../devices/protocol/codec.ts';
import { encodeLockDeviceMessage, lockHostDecoder } from '../../devices/protocol/lock-8a.ts';
import type { LockDeviceMessage } from '../../devices/protocol/lock-8a.ts';
import { encodeRfidDeviceMessage, rfidHostDecoder } from '../../devices/protocol/rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage } from '../../devices/protocol/rfid-r200.ts';
import { Supervisor } from '../../devices/supervisor.ts';
import { MemoryTransport } from '../../devices/transport/memory.ts';

/** For tests: a supervisor on a fake clock, memory transports, and devices at the other end that speak bytes. */
const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'stream' } as const;
export const lockSpec: DeviceSpec = {
  kind: 'lock',
  protocol: 'lock-8a',
  transport,
  boardAddress: 1,
  channel: 1,
  closedFeedback: 1,
};
export const readerSpec: DeviceSpec = {
  kind: 'tag-reader',
  protocol: 'rfid-r200',
  transport,
  region: 'china-900',
  powerCentiDbm: 2600,
};
export const scannerSpec: DeviceSpec = {
  kind: 'code-scanner',
  protocol: 'scanner-hid-pos',
  transport,
  layout: 'standard',
};
/** A scanner that types, as a raw HID device; in the window it has the transport `keyboard`. */
export const wedgeSpec: Extract<DeviceSpec, { protocol: 'scanner-wedge' }> = {
  kind: 'code-scanner',
  protocol: 'scanner-wedge',
  transport: { ...transport, framing: 'report' },
  suffix: 'enter',
  keyGapMs: 110,
  minLength: 6,
};

export const openFrameHex = '8A0101119B';
export const readFrameHex = '80010133B3';

export class DeviceHarness {
  readonly clock = new FakeClock();
  readonly messages: HostMessage[] = [];
  readonly logged: string[] = [];
  /** Every transport ever made, by kind, oldest first. */
  readonly transports: Record<DeviceKind, MemoryTransport[]> = {
    lock: [],
    'door-sensor': [],
    'tag-reader': [],
    'code-scanner': [],
    scale: [],
    light: [],
    thermometer: [],
  };
  /** Plays the device on each new transport. */
  readonly players: Record<DeviceKind, (transport: MemoryTransport) => void>;
  readonly board = new FakeBoard(this.clock);
  readonly reader = new FakeReader(this.clock);
  readonly supervisor: Supervisor;
  #plugged: (() => void) | null = null;

  constructor() {
    this.players = {
      lock: (transport) => {
        this.board.attach(transport);
      },
      'door-sensor': () => undefined,
      'tag-reader': (transport) => {
        this.reader.attach(transport);
      },
      'code-scanner': () => undefined,
      scale: () => undefined,
      light: () => undefined,
      thermometer: () => undefined,
    };
    this.supervisor = new Supervisor({
      clock: this.clock,
      makeTransport: (_spec, kind) => this.makeTransport(kind).hostEnd,
      plugWatch: (plugged) => {
        this.#plugged = plugged;
        return () => {
          this.#plugged = null;
        };
      },
      log: (event) => this.logged.push(event),
      emit: (message) => this.messages.push(hostMessageSchema.parse(message)),
    });
  }

  makeTransport(kind: DeviceKind): MemoryTransport {
    const transport = new MemoryTransport(kind);
    this.transports[kind].push(transport);
    this.players[kind](transport);
    return transport;
  }

  /** Configures and lets everything connect and answer once. */
  async up(devices: DeviceSpec[] = [lockSpec, readerSpec, scannerSpec]): Promise<void> {
    const config: CabinetDevices = { simulated: true, devices };
    await this.supervisor.configure(config);
    await this.clock.advance(200);
  }

  /** Something is plugged in. */
  plugged(): void {
    this.#plugged?.();
  }
  get isPlugWatched(): boolean {
    return this.#plugged !== null;
  }

  /** The newest transport. */
  transport(kind: DeviceKind): MemoryTransport {
    const transport = this.transports[kind].at(-1);
    if (transport === undefined) throw new Error(`no transport for ${kind}`);
    return transport;
  }

  health(kind: DeviceKind): string {
    return this.supervisor.health().find((one) => one.kind === kind)?.state ?? 'none';
  }

  of<T extends HostMessage['type']>(type: T): Extract<HostMessage, { type: T }>[] {
    return this.messages.filter((m): m is Extract<HostMessage, { type: T }> => m.type === type);
  }

  doors(): DoorState[] {
    return this.of('door').map((m) => m.door);
  }

  /** How many open frames were written, over all connections. */
  openCount(): number {
    return this.transports.lock
      .flatMap((transport) => transport.written)
      .filter((b) => toHex(b) === openFrameHex).length;
  }

  /** Runs an unlock (or a read) to its end on the fake clock, at most `maxMs`. */
  async outcome(
    call: Promise<Result<{ door: DoorState }, { code: DeviceErrorCode }>>,
    maxMs = 6000,
  ): Promise<{ result: 'ok' | DeviceErrorCode | 'pending'; tookMs: number }> {
    const startMs = this.clock.monotonicMs();
    let result: 'ok' | DeviceErrorCode | 'pending' = 'pending';
    let endMs = startMs;
    void call.then((r) => {
      result = r.ok ? 'ok' : r.error.code;
      endMs = this.clock.monotonicMs();
    });
    await this.clock.advance(0);
    while ((result as string) === 'pending' && this.clock.monotonicMs() - startMs < maxMs) {
      await this.clock.advance(10);
    }
    return { result, tookMs: endMs - startMs };
  }
}

/** An 8A board with one door. Each field is a way to misbehave. */
export class FakeBoard {
  feedback: 0 | 1 = 1;
  openReplyMs = 500;
  readReplyMs = 10;
  /** Head 80 instead of 8A, as older boards acknowledge. */
  isOld = false;
  silent = false;
  address = 1;
  channel = 1;
  /** How often each reply is sent. */
  copies = 1;
  /** What really goes over the wire for a reply. */
  distort: (frame: Uint8Array) => Uint8Array[] = (frame) => [frame];
  /** Answers only when told (`releaseHeld`), in any order. */
  holdReplies = false;
  readonly held: Uint8Array[] = [];
  #transport: MemoryTransport | null = null;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  attach(transport: MemoryTransport): void {
    this.#transport = transport;
    const decoder = lockHostDecoder();
    transport.onHostBytes((bytes) => {
      for (const message of decoder.push(bytes)) {
        const place = { address: this.address, channel: this.channel, feedback: this.feedback };
        if (message.type === 'openOne') {
          this.#answer({ type: this.isOld ? 'feedback' : 'opened', ...place }, this.openReplyMs, transport);
        }
        if (message.type === 'readOne')
          this.#answer({ type: 'feedback', ...place }, this.readReplyMs, transport);
      }
    });
  }

  push(feedback: 0 | 1, head: 0x81 | 0x82 = 0x82): void {
    this.feedback = feedback;
    this.#transport?.send(
      encodeLockDeviceMessage({
        type: 'pushed',
        head,
        address: this.address,
        channel: this.channel,
        feedback,
      }),
    );
  }

  releaseHeld(order: readonly number[]): void {
    for (const index of order) this.#transport?.send(this.held[index] ?? new Uint8Array());
    this.held.length = 0;
  }

  #answer(message: LockDeviceMessage, delayMs: number, transport: MemoryTransport): void {
    if (this.silent) return;
    const frame = encodeLockDeviceMessage(message);
    if (this.holdReplies) {
      this.held.push(frame);
      return;
    }
    const parts = this.distort(frame);
    this.#clock.after(delayMs, () => {
      for (let i = 0; i < this.copies; i++) for (const part of parts) transport.send(part);
    });
  }
}

/** An R200 module with tags before it: one notice per tag and round, FF/15 for an empty round, a round each 25 ms. */
export class FakeReader {
  tags: string[] = [];
  silent = false;
  /** Stops by itself after so many rounds; afterwards it is quiet until asked again. */
  roundMax = Number.POSITIVE_INFINITY;
  /** Error code that settings are answered with, or null. */
  refuse: number | null = null;
  /** As the module tells it; null: it knows no command for it, and does not answer. */
  query: number | null = 0x1020;
  notice: 0x22 | 0x27 = 0x22;
  readonly received: RfidHostMessage[] = [];
  #cancel: () => void = () => undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  attach(transport: MemoryTransport): void {
    const decoder = rfidHostDecoder();
    transport.onHostBytes((bytes) => {
      for (const message of decoder.push(bytes)) this.#handle(transport, message);
    });
  }

  count(type: RfidHostMessage['type']): number {
    return this.received.filter((m) => m.type === type).length;
  }

  #handle(transport: MemoryTransport, message: RfidHostMessage): void {
    this.received.push(message);
    if (this.silent) return;
    const send = (reply: RfidDeviceMessage): void => {
      transport.send(encodeRfidDeviceMessage(reply));
    };
    if (this.query === null && (message.type === 'getQuery' || message.type === 'setQuery')) return;
    const done = { stop: 0x28, setRegion: 0x07, setPower: 0xb6, setHopping: 0xad, setQuery: 0x0e } as const;
    if (message.type === 'pollMany') {
      this.#cancel();
      this.#round(send, Math.min(message.count, this.roundMax));
    } else if (message.type === 'getQuery' && this.refuse === null) {
      const reply = { type: 'query', query: this.query ?? 0 } as const;
      this.#clock.after(5, () => {
        send(reply);
      });
    } else if (message.type in done) {
      if (message.type === 'stop') this.#cancel();
      const command = done[message.type as keyof typeof done];
      const isRefused = this.refuse !== null && message.type !== 'stop';
      if (message.type === 'setQuery' && !isRefused) this.query = message.query;
      const reply: RfidDeviceMessage = isRefused
        ? { type: 'error', code: this.refuse ?? 0, name: '', tail: '' }
        : { type: 'done', command };
      this.#clock.after(5, () => {
        send(reply);
      });
    }
  }

  #round(send: (reply: RfidDeviceMessage) => void, left: number): void {
    if (left === 0) return;
    this.#cancel = this.#clock.after(25, () => {
      if (!this.silent) {
        for (const epc of this.tags) {
          send({ type: 'tag', notice: this.notice, rssiDbm: -55, pc: (epc.length / 4) << 11, epc, crc: 0 });
        }
        if (this.tags.length === 0) send({ type: 'error', code: 0x15, name: 'no_tag', tail: '' });
      }
      this.#round(send, left - 1);
    });
  }
}
