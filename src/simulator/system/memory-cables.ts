import { TransportBase } from '../../devices/transport/transport-base.ts';
import type { Transport, TransportFailure } from '../../devices/transport/transport.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { featureRequest } from '../../shared/report-framing.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { DevicePort, HostConnection } from '../devices/device-port.ts';
import type { Emulator } from '../devices/line.ts';

/** What bytes need from one end of a cable to the other. */
const latencyMs = 1;

/**
 * Cables between simulated devices and device hosts of this process, without a socket. A device is found by the number that
 * stands in the kiosk's settings where the TCP port would be.
 */
export class MemoryCables {
  readonly #ports: DevicePort<Emulator>[] = [];

  /** Answers the number that leads to this device. */
  add(port: DevicePort<Emulator>): number {
    return this.#ports.push(port);
  }

  /** A new transport to the device that the settings name; `transport.refused` on opening when there is none. */
  transport(spec: TransportSpec, clock: Clock): Transport {
    const port = spec.kind === 'tcp' ? this.#ports[spec.port - 1] : undefined;
    return new CableTransport(port ?? null, clock);
  }
}

class CableTransport extends TransportBase {
  readonly name: string;
  readonly #port: DevicePort<Emulator> | null;
  #connection: HostConnection | null = null;
  protected override readonly features;

  constructor(port: DevicePort<Emulator> | null, clock: Clock) {
    super(clock);
    this.#port = port;
    this.name = `cable to ${port?.kind ?? 'nothing'}`;
    this.features =
      port?.framing !== 'report'
        ? null
        : {
            set: async (report: Uint8Array): Promise<Result<void, TransportFailure>> => {
              const answer = await this.#feature({ kind: 'setFeature', bytes: report });
              return answer.ok ? ok() : answer;
            },
            get: (reportId: number, maxBytes: number) =>
              this.#feature({ kind: 'getFeature', bytes: featureRequest(reportId, maxBytes) }),
          };
  }

  protected async connect(): Promise<Result<void, TransportFailure>> {
    await new Promise<void>((resolve) => {
      this.clock.after(latencyMs, resolve);
    });
    const connection = this.#port?.attach({
      deliver: (unit) => {
        this.#arrives(() => {
          this.received(unit);
        });
        return true;
      },
      cut: () => {
        this.#arrives(() => {
          this.lost({ code: 'transport.closed', message: `${this.name}: cut` });
        });
      },
    });
    if (!connection) return fail('transport.refused', `${this.name}: unplugged`);
    this.#connection = connection;
    return ok();
  }

  protected send(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    const sent = bytes.slice();
    this.#arrives(() => this.#connection?.receive(sent));
    return Promise.resolve(ok());
  }

  protected release(): Promise<void> {
    this.#connection?.release();
    this.#connection = null;
    return Promise.resolve();
  }

  #feature(request: ReportFrame): Promise<Result<Uint8Array, TransportFailure>> {
    return new Promise((resolve) => {
      this.#arrives(() =>
        this.#connection?.receiveFeature(request, ({ kind, bytes }) => {
          this.#arrives(() => {
            const isRefused = kind === 'refused';
            resolve(isRefused ? fail('transport.io', `${this.name}: feature report refused`) : ok(bytes));
          });
        }),
      );
    });
  }

  #arrives(deliver: () => void): void {
    this.clock.after(latencyMs, deliver);
  }
}
