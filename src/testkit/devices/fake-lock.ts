import type { FakeClock } from '../../shared/clock.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { toHex } from '../../devices/protocol/codec.ts';
import { encodeLockDeviceMessage, lockHostDecoder } from '../../devices/protocol/lock-8a.ts';
import { cu16HostDecoder, encodeCu16DeviceMessage } from '../../devices/protocol/lock-kerong-cu16.ts';
import { encodeWklyDeviceMessage, wklyHostDecoder } from '../../devices/protocol/lock-wkly.ts';
import type { MemoryTransport } from '../../devices/transport/memory.ts';
import { DeviceHarness } from './device-harness.ts';

/** For tests: a lock board of any kind with one door, at byte level. Each field is a way to misbehave. */

interface Place {
  readonly address: number;
  readonly channel: number;
  readonly feedback: 0 | 1;
}

interface Wire {
  /** What the host's bytes ask for. */
  makeDecoder(): (bytes: Uint8Array) => ('open' | 'read' | 'other')[];
  /** null: this board answers nothing to an open, or says nothing unasked. */
  readonly openReply: ((at: Place) => Uint8Array) | null;
  readonly push: ((at: Place) => Uint8Array) | null;
  readReply(at: Place): Uint8Array;
  /** Board 1, channel 3. */
  readonly openHex: string;
}

export type BoardName = 'lock-8a' | 'lock-wkly' | 'lock-kerong-cu16';
export const boardNames: readonly BoardName[] = ['lock-8a', 'lock-wkly', 'lock-kerong-cu16'];

const wires: Readonly<Record<BoardName, Wire>> = {
  'lock-8a': {
    makeDecoder: () => {
      const decoder = lockHostDecoder();
      return (bytes) => decoder.push(bytes).map((m) => kindOf(m.type, 'openOne', 'readOne'));
    },
    openReply: (at) => encodeLockDeviceMessage({ type: 'opened', ...at }),
    readReply: (at) => encodeLockDeviceMessage({ type: 'feedback', ...at }),
    push: (at) => encodeLockDeviceMessage({ type: 'pushed', head: 0x82, ...at }),
    openHex: '8A01031199',
  },
  'lock-wkly': {
    makeDecoder: () => {
      const decoder = wklyHostDecoder();
      return (bytes) => decoder.push(bytes).map((m) => kindOf(m.type, 'openOne', 'readOne'));
    },
    openReply: (at) => encodeWklyDeviceMessage({ type: 'opened', isDone: true, ...at }),
    readReply: (at) => encodeWklyDeviceMessage({ type: 'state', isDone: true, ...at }),
    push: (at) => encodeWklyDeviceMessage({ type: 'pushed', ...at }),
    openHex: '574B4C590901820380',
  },
  'lock-kerong-cu16': {
    makeDecoder: () => {
      const decoder = cu16HostDecoder();
      return (bytes) => decoder.push(bytes).map((m) => kindOf(m.type, 'unlock', 'read'));
    },
    openReply: null,
    readReply: ({ address: board, channel, feedback }) => {
      const hooks = feedback === 1 ? [channel] : [];
      return encodeCu16DeviceMessage({ type: 'state', board, lock: 1, hooks, infrared: [16] });
    },
    push: null,
    openHex: '0212310348',
  },
};

function kindOf(type: string, open: string, read: string): 'open' | 'read' | 'other' {
  return type === open ? 'open' : type === read ? 'read' : 'other';
}

export class FakeLock {
  readonly wire: Wire;
  feedback: 0 | 1 = 1;
  openReplyMs = 200;
  readReplyMs = 10;
  silent = false;
  /** The line gives back each byte that the host writes. */
  echoes = false;
  /** How an echo arrives: pieces, 4 ms apart. */
  cutEcho: (frame: Uint8Array) => Uint8Array[] = (frame) => [frame];
  /** 8A: acknowledges an open with the head of a reading, as older boards do. */
  isOld = false;
  /** Hears reads alone. */
  isDeafToOpens = false;
  address = 1;
  channel = 3;
  copies = 1;
  distort: (frame: Uint8Array) => Uint8Array[] = (frame) => [frame];
  holdReplies = false;
  readonly held: Uint8Array[] = [];
  readonly #clock: FakeClock;
  #transport: MemoryTransport | null = null;

  constructor(clock: FakeClock, name: BoardName) {
    this.#clock = clock;
    this.wire = wires[name];
  }

  get #place(): Place {
    return { address: this.address, channel: this.channel, feedback: this.feedback };
  }

  attach(transport: MemoryTransport): void {
    this.#transport = transport;
    const read = this.wire.makeDecoder();
    transport.onHostBytes((bytes) => {
      if (this.echoes) this.#echo(transport, bytes);
      for (const kind of read(bytes)) {
        if (kind === 'read') {
          this.#answer(this.readReplyMs, transport, (at) => this.wire.readReply(at));
        } else if (kind === 'open' && this.wire.openReply !== null && !this.isDeafToOpens) {
          const { openReply } = this.wire;
          this.#answer(this.openReplyMs, transport, (at) =>
            this.isOld ? this.wire.readReply(at) : openReply(at),
          );
        }
      }
    });
  }

  /** The contact changes; a board that pushes says so. */
  move(feedback: 0 | 1): void {
    this.feedback = feedback;
    if (!this.silent && this.wire.push !== null) this.#transport?.send(this.wire.push(this.#place));
  }

  /** Sends what was held, last first. */
  releaseBackwards(): void {
    for (const frame of this.held.splice(0).reverse()) this.#transport?.send(frame);
  }

  #echo(transport: MemoryTransport, bytes: Uint8Array): void {
    this.cutEcho(bytes).forEach((piece, i) => {
      if (i === 0) transport.send(piece);
      else
        this.#clock.after(i * 4, () => {
          transport.send(piece);
        });
    });
  }

  #answer(delayMs: number, transport: MemoryTransport, make: (at: Place) => Uint8Array): void {
    if (this.silent) return;
    if (this.holdReplies) {
      this.held.push(make(this.#place));
      return;
    }
    this.#clock.after(delayMs, () => {
      if (this.silent) return;
      for (let i = 0; i < this.copies; i++) {
        for (const part of this.distort(make(this.#place))) transport.send(part);
      }
    });
  }
}

const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'stream' } as const;

/** Board 1, channel 3. */
export function boardSpec(protocol: BoardName, closedFeedback: 0 | 1 = 1): DeviceSpec {
  return { kind: 'lock', protocol, transport, boardAddress: 1, channel: 3, closedFeedback };
}

/** The same place on a board that is only read. */
export function sensorSpec(protocol: BoardName, closedFeedback: 0 | 1 = 1): DeviceSpec {
  return { kind: 'door-sensor', protocol, transport, boardAddress: 1, channel: 3, closedFeedback };
}

/** A harness whose lock is such a board. */
export class BoardHarness extends DeviceHarness {
  readonly fake: FakeLock;

  constructor(name: BoardName) {
    super();
    this.fake = new FakeLock(this.clock, name);
    this.players.lock = (transport) => {
      this.fake.attach(transport);
    };
  }

  /** Open frames written, over all connections. */
  override openCount(): number {
    const frames = this.transports.lock.flatMap((transport) => transport.written).map(toHex);
    return frames.filter((hex) => hex === this.fake.wire.openHex).length;
  }
}
