import { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { sharedLookup } from '../../shared/node/shared-lookup.ts';
import { featureRequest, frameReport, ReportFramer } from '../../shared/report-framing.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { TransportBase } from './transport-base.ts';
import type { TransportErrorCode, TransportFailure } from './transport.ts';

export type TcpTarget = Omit<Extract<TransportSpec, { kind: 'tcp' }>, 'kind'>;

/** The feature request that waits for its answer. */
interface PendingFeature {
  readonly kind: 'setFeature' | 'getFeature';
  readonly reportId: number;
  settle(result: Result<Uint8Array, TransportFailure>): void;
}

/**
 * After so long without a byte the system asks whether the other side is still there, and gives the connection up after ten
 * questions without an answer, a second apart (Node), ms. A scanner is only listened to: a device server whose power went and
 * came back would be silent for ever.
 */
export const keepAliveAfterMs = 5_000;

/** A serial device server (ser2net, the simulated cabinet). */
export class TcpTransport extends TransportBase {
  readonly name: string;
  readonly #target: TcpTarget;
  readonly #socket = new Socket();
  readonly #framer = new ReportFramer();
  #pendingFeature: PendingFeature | null = null;
  protected override readonly features;

  constructor(target: TcpTarget, clock: Clock) {
    super(clock);
    this.#target = target;
    this.name = `tcp ${target.host}:${target.port}`;
    this.features =
      target.framing === 'stream'
        ? null
        : {
            set: async (report: Uint8Array): Promise<Result<void, TransportFailure>> => {
              const answer = await this.#feature('setFeature', report);
              return answer.ok ? ok() : answer;
            },
            get: (reportId: number, maxBytes: number) =>
              this.#feature('getFeature', featureRequest(reportId, maxBytes)),
          };
  }

  protected connect(): Promise<Result<void, TransportFailure>> {
    return new Promise((resolve) => {
      let isConnected = false;
      this.#socket.on('connect', () => {
        isConnected = true;
        resolve(ok());
      });
      this.#socket.on('data', (chunk: Buffer) => {
        this.#receive(chunk);
      });
      this.#socket.on('error', (error: NodeJS.ErrnoException) => {
        const message = `${this.name}: ${error.message}`;
        if (isConnected) this.lost({ code: 'transport.io', message });
        else resolve(fail(openErrorCode(error), message));
      });
      this.#socket.on('close', () => {
        resolve(fail('transport.closed', `${this.name}: closed`));
        if (isConnected)
          this.lost({ code: 'transport.closed', message: `${this.name}: closed by the other side` });
      });
      this.#socket.setNoDelay(true);
      this.#socket.setKeepAlive(true, keepAliveAfterMs);
      const { host, port } = this.#target;
      this.#socket.connect({ host, port, lookup: sharedLookup });
    });
  }

  protected override abandon(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#target.framing === 'stream') {
      this.received(chunk);
      return;
    }
    const frames = this.#framer.push(chunk);
    for (const frame of frames.ok ? frames.value : []) this.#receiveFrame(frame);
    if (!frames.ok) this.lost(frames.error);
  }

  #receiveFrame({ kind, bytes }: ReportFrame): void {
    if (kind === 'report') {
      this.received(bytes);
      return;
    }
    const pending = this.#pendingFeature;
    if (pending === null || pending.reportId !== bytes[0] || (kind !== 'refused' && kind !== pending.kind)) {
      // Answers come in order: one that fits no request means that the two sides no longer agree on anything.
      const why = {
        code: 'transport.bad_frame',
        message: `${this.name}: answer to no feature request`,
      } as const;
      pending?.settle({ ok: false, error: why });
      this.lost(why);
    } else if (kind === 'refused') {
      pending.settle(fail('transport.io', `${this.name}: the device refused the feature report`));
    } else pending.settle(ok(bytes));
  }

  protected send(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    return this.#put(this.#target.framing === 'report' ? frameReport({ kind: 'report', bytes }) : bytes);
  }

  #feature(kind: PendingFeature['kind'], bytes: Uint8Array): Promise<Result<Uint8Array, TransportFailure>> {
    return new Promise((resolve) => {
      const settle: PendingFeature['settle'] = (result) => {
        this.#pendingFeature = null;
        resolve(result);
      };
      this.#pendingFeature = { kind, reportId: bytes[0] ?? 0, settle };
      void this.#put(frameReport({ kind, bytes })).then((sent) => {
        if (!sent.ok) settle(sent);
      });
    });
  }

  #put(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => {
        resolve(error ? fail('transport.closed', `${this.name}: ${error.message}`) : ok());
      });
    });
  }

  protected release(): Promise<void> {
    this.#pendingFeature?.settle(fail('transport.closed', `${this.name}: closed`));
    this.#socket.destroy();
    return Promise.resolve();
  }
}

function openErrorCode(error: NodeJS.ErrnoException): TransportErrorCode {
  return error.code === 'ETIMEDOUT' ? 'transport.timeout' : 'transport.refused';
}
