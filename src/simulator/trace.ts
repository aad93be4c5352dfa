import type { Clock } from '../shared/clock.ts';
import { deviceKindSchema } from '../shared/model/device.ts';
import type { DeviceKind } from '../shared/model/device.ts';

/** `to_device`: the kiosk wrote it; `from_device`: the device wrote it (framing of the TCP link not included). */
export type TraceDirection = 'to_device' | 'from_device';

export interface TraceEvent {
  readonly seq: number;
  readonly device: DeviceKind;
  readonly direction: TraceDirection;
  /** Upper-case hex. */
  readonly hex: string;
  /** The simulator's monotonic scale in ms with µs behind the point: bytes handed to, or come from, the socket. */
  readonly atMs: number;
}

/** Events kept per device: the reader's chatter must not push out the one lock frame that is looked for. */
export const traceEventsMaxPerDevice = 4096;
/** One event shows at most this many bytes; a longer chunk is cut and ends in "…". */
const traceBytesMax = 512;

/** The last bytes that went over each device's wire. */
export class Trace {
  readonly #clock: Clock;
  readonly #rings = new Map<DeviceKind, TraceEvent[]>(deviceKindSchema.options.map((kind) => [kind, []]));
  #seq = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  add(device: DeviceKind, direction: TraceDirection, bytes: Uint8Array): void {
    const atMs = this.#clock.monotonicMs();
    const ring = this.#rings.get(device) ?? [];
    const shown = Buffer.from(bytes.subarray(0, traceBytesMax)).toString('hex').toUpperCase();
    const hex = bytes.length > traceBytesMax ? `${shown}…` : shown;
    ring.push({ seq: ++this.#seq, device, direction, hex, atMs });
    // Cut in halves, not one by one: `shift` on each byte event would cost more than the event.
    if (ring.length > traceEventsMaxPerDevice * 2) ring.splice(0, ring.length - traceEventsMaxPerDevice);
  }

  /** Events after `since`, oldest first, of one device or of all. */
  since(since: number, device?: DeviceKind): TraceEvent[] {
    return [...this.#rings.entries()]
      .filter(([kind]) => device === undefined || kind === device)
      .flatMap(([, ring]) => ring.slice(-traceEventsMaxPerDevice).filter((event) => event.seq > since))
      .sort((a, b) => a.seq - b.seq);
  }
}
