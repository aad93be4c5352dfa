import { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { ReportFramer, frameReport } from './report-framing.ts';
import { openTimeoutMs, writeMaxBytes, writeQueueMaxBytes, writeTimeoutMs } from './transport.ts';
import type { Transport, TransportErrorCode, TransportFailure } from './transport.ts';

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  readonly framing: 'stream' | 'report';
}

/** A serial device server (ser2net, the simulated cabinet). Only importer of node:net. */
export class TcpTransport implements Transport {
  readonly name: string;
  readonly #target: TcpTarget;
  readonly #clock: Clock;
  readonly #socket = new Socket();
  readonly #framer = new ReportFramer();
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #onData: (bytes: Uint8Array) => void = () => undefined;
  #onClosed: (why: TransportFailure) => void = () => undefined;
  #finishOpen: (result: Result<void, TransportFailure>) => void = () => undefined;

  constructor(target: TcpTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
    this.name = `tcp ${target.host}:${target.port}`;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClosed(listener: (why: TransportFailure) => void): void {
    this.#onClosed = listener;
  }

  open(signal: AbortSignal): Promise<Result<void, TransportFailure>> {
    if (this.#state !== 'new') return Promise.resolve(fail('transport.closed', 'a transport is opened once'));
    if (signal.aborted) return Promise.resolve(fail('transport.aborted', 'aborted before it began'));
    this.#state = 'opening';
    return new Promise((resolve) => {
      const finish = (result: Result<void, TransportFailure>): void => {
        if (this.#state !== 'opening') return;
        cancelTimer();
        signal.removeEventListener('abort', aborted);
        this.#state = result.ok ? 'open' : 'closed';
        if (!result.ok) this.#socket.destroy();
        resolve(result);
      };
      const aborted = (): void => {
        finish(fail('transport.aborted', `${this.name}: aborted`));
      };
      const cancelTimer = this.#clock.after(openTimeoutMs, () => {
        finish(fail('transport.timeout', `${this.name}: not open after ${openTimeoutMs} ms`));
      });
      signal.addEventListener('abort', aborted);
      this.#socket.on('connect', () => {
        finish(ok());
      });
      this.#finishOpen = finish;
      this.#listen(finish);
      this.#socket.setNoDelay(true);
      this.#socket.connect(this.#target.port, this.#target.host);
    });
  }

  #listen(openFailed: (result: Result<void, TransportFailure>) => void): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      openFailed(fail(openErrorCode(error), `${this.name}: ${error.message}`));
      this.#lost({ code: 'transport.io', message: `${this.name}: ${error.message}` });
    });
    this.#socket.on('close', () => {
      openFailed(fail('transport.closed', `${this.name}: closed`));
      this.#lost({ code: 'transport.closed', message: `${this.name}: closed by the other side` });
    });
  }

  #receive(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (this.#target.framing === 'stream') {
      this.#onData(chunk);
      return;
    }
    const reports = this.#framer.push(chunk);
    for (const report of reports.ok ? reports.value : []) this.#onData(report);
    if (!reports.ok) this.#lost(reports.error);
  }

  write(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (this.#state !== 'open') return Promise.resolve(fail('transport.closed', `${this.name}: not open`));
    if (bytes.length > writeMaxBytes || this.#socket.writableLength + bytes.length > writeQueueMaxBytes) {
      return Promise.resolve(fail('transport.too_large', `${this.name}: ${bytes.length} bytes`));
    }
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.after(writeTimeoutMs, () => {
        resolve(fail('transport.timeout', `${this.name}: not written after ${writeTimeoutMs} ms`));
      });
      this.#socket.write(this.#target.framing === 'report' ? frameReport(bytes) : bytes, (error) => {
        cancelTimer();
        resolve(error ? fail('transport.closed', `${this.name}: ${error.message}`) : ok());
      });
    });
  }

  close(): Promise<void> {
    this.#finishOpen(fail('transport.closed', `${this.name}: closed while opening`));
    this.#state = 'closed';
    this.#socket.destroy();
    return Promise.resolve();
  }

  #lost(why: TransportFailure): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#socket.destroy();
    this.#onClosed(why);
  }
}

function openErrorCode(error: NodeJS.ErrnoException): TransportErrorCode {
  return error.code === 'ETIMEDOUT' ? 'transport.timeout' : 'transport.refused';
}
