import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceKind } from '../../shared/model/device.ts';
import { frameReport, parseFeatureRequest, ReportFramer } from '../../shared/report-framing.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import type { SeededRandom } from '../../shared/random.ts';
import type { Trace } from '../trace.ts';
import { Line } from './line.ts';
import type { Emulator } from './line.ts';

export interface DevicePortOptions<E extends Emulator> {
  readonly kind: DeviceKind;
  readonly framing: 'stream' | 'report';
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly spoilCheck: (frame: Uint8Array) => Uint8Array;
  /** Makes the device at the end of the line; `send` takes one whole frame (or report). */
  readonly makeDevice: (send: (frame: Uint8Array) => void) => E;
  /** Called when the cable, the fault or the kiosk's transport changes. */
  readonly onChange: () => void;
  /** It hangs on a cable of this process instead of on a TCP port. */
  readonly cables?: CableRegistry | undefined;
}

/** Cables inside this process; `add` answers the number that stands for the device where a TCP port would. */
export interface CableRegistry {
  add(port: DevicePort<Emulator>): number;
}

/** Who holds the other end of a device's cable: a TCP client, or a USB host. */
export interface HostEnd {
  /** One unit from the device (any cut of a stream, or one whole input report). False: no room for it, it is lost. */
  deliver(unit: Uint8Array): boolean;
  /** The cable is pulled, or somebody else has taken the device over. Nothing comes after it. */
  cut(): void;
}

/** What the holder of that end can do. */
export interface HostConnection {
  receive(bytes: Uint8Array): void;
  /**
   * A feature request (shared/report-framing.ts); `answer` is called once, later, or never when the device keeps
   * silent.
   */
  receiveFeature(request: ReportFrame, answer: (frame: ReportFrame) => void): void;
  release(): void;
}

/** Bytes that wait for a kiosk that does not read; what is more is lost, as a full UART loses it. */
const unreadMaxBytes = 256 * 1024;

/**
 * One device behind a loopback TCP port, as a serial device server (ser2net) shows it. One kiosk at a time: a new one
 * takes over (ser2net's `kickolduser`), so that a restarted kiosk never waits for a dead connection. Unplugged: the
 * port is still there, but each connection is reset at once, and the device has lost its power. The same device can
 * be held by its USB plug instead (`attach`).
 */
export class DevicePort<E extends Emulator> {
  readonly device: E;
  readonly #options: DevicePortOptions<E>;
  readonly #line: Line;
  readonly #server: Server;
  readonly #plugListeners = new Set<(plugged: boolean) => void>();
  #end: HostEnd | null = null;
  #plugged = true;

  constructor(options: DevicePortOptions<E>) {
    this.#options = options;
    const { clock, random, framing, spoilCheck } = options;
    this.#line = new Line({
      clock,
      random,
      framing,
      spoilCheck,
      write: (unit) => {
        this.#deliver(unit);
      },
    });
    this.device = options.makeDevice((frame) => {
      this.#line.send(frame);
    });
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accept(socket);
    });
  }

  get plugged(): boolean {
    return this.#plugged;
  }
  /** Whether a kiosk holds the transport right now. */
  get attached(): boolean {
    return this.#end !== null;
  }
  get line(): Line {
    return this.#line;
  }
  get kind(): DeviceKind {
    return this.#options.kind;
  }
  get framing(): 'stream' | 'report' {
    return this.#options.framing;
  }

  /** Called with each pull and each plugging in. */
  onPlug(listener: (plugged: boolean) => void): void {
    this.#plugListeners.add(listener);
  }

  /** Takes the device over from whoever has it. Null while it is unplugged. */
  attach(end: HostEnd): HostConnection | null {
    if (!this.#plugged) return null;
    const former = this.#end;
    this.#end = end;
    former?.cut();
    this.#options.onChange();
    return {
      receive: (bytes) => {
        if (this.#end === end) this.#receive(bytes);
      },
      receiveFeature: (request, answer) => {
        if (this.#end === end) this.#receiveFeature(request, answer);
      },
      release: () => {
        if (this.#end !== end) return;
        this.#end = null;
        this.#options.onChange();
      },
    };
  }

  /** Listens on loopback; 0 = any free port. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    const { cables } = this.#options;
    if (cables !== undefined) return Promise.resolve(cables.add(this));
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Pulls or plugs the cable; it carries the power as well. */
  setPlugged(plugged: boolean): void {
    if (plugged === this.#plugged) return;
    this.#plugged = plugged;
    if (plugged) {
      // The flood, if that is the fault, begins again.
      this.#line.setFault(this.#line.fault);
    } else {
      this.#line.clear();
      this.device.powerOff();
      this.#cut();
    }
    for (const listener of this.#plugListeners) listener(plugged);
    this.#options.onChange();
  }

  close(): Promise<void> {
    this.#line.clear();
    this.device.powerOff();
    this.#cut();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {
      // A reset by the kiosk is as good as an end: `close` follows.
    });
    const transport = this.attach({
      deliver: (unit) => this.#write(socket, { kind: 'report', bytes: unit }),
      cut: () => {
        socket.resetAndDestroy();
      },
    });
    if (transport === null) {
      socket.resetAndDestroy();
      return;
    }
    const framer = new ReportFramer();
    socket.on('data', (chunk: Buffer) => {
      if (this.#options.framing === 'stream') {
        transport.receive(chunk);
        return;
      }
      const frames = framer.push(chunk);
      for (const frame of frames.ok ? frames.value : []) {
        if (frame.kind === 'report') transport.receive(frame.bytes);
        else
          transport.receiveFeature(frame, (answer) => {
            this.#write(socket, answer);
          });
      }
      if (!frames.ok) socket.destroy();
    });
    socket.on('close', () => {
      transport.release();
    });
  }

  #cut(): void {
    const end = this.#end;
    this.#end = null;
    end?.cut();
  }

  #receive(bytes: Uint8Array): void {
    this.#options.trace.add(this.#options.kind, 'to_device', bytes);
    this.#line.heard(bytes);
    if (this.#line.reachesDevice) this.device.receive(bytes);
  }

  #receiveFeature({ kind, bytes }: ReportFrame, send: (frame: ReportFrame) => void): void {
    this.#options.trace.add(this.#options.kind, 'to_device', bytes);
    if (!this.#line.reachesDevice) return;
    const { features } = this.device;
    const reply = (frame: ReportFrame): void => {
      if (!this.#plugged) return;
      this.#options.trace.add(this.#options.kind, 'from_device', frame.bytes);
      send(frame);
    };
    const request = parseFeatureRequest(bytes);
    let answer: Uint8Array | null | undefined;
    if (kind === 'setFeature') answer = features?.set(bytes) === true ? bytes.subarray(0, 1) : null;
    else answer = request && features?.get(request.reportId)?.subarray(0, request.maxBytes);
    // A refusal does not pass through the line's faults: they must not turn it into an answer.
    if (answer) {
      this.#line.sendFeature(answer, (report) => {
        reply({ kind, bytes: report });
      });
    } else reply({ kind: 'refused', bytes: bytes.subarray(0, 1) });
  }

  #deliver(unit: Uint8Array): void {
    if (!this.#plugged || this.#end === null) return;
    if (this.#end.deliver(unit)) this.#options.trace.add(this.#options.kind, 'from_device', unit);
  }

  #write(socket: Socket, frame: ReportFrame): boolean {
    if (socket.destroyed || socket.writableLength > unreadMaxBytes) return false;
    socket.write(this.#options.framing === 'report' ? frameReport(frame) : frame.bytes);
    return true;
  }
}
