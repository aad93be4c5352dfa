import { FakeClock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { staleDropMs } from '../../devices/transport/transport.ts';
import type { Transport, TransportFailure } from '../../devices/transport/transport.ts';

/** For tests: a transport with all that it told. */
export class WatchedTransport {
  readonly clock: FakeClock;
  readonly inner: Transport;
  readonly data: string[] = [];
  readonly closed: TransportFailure[] = [];
  readonly abort = new AbortController();

  constructor(make: (clock: FakeClock) => Transport) {
    this.clock = new FakeClock();
    this.inner = make(this.clock);
    this.inner.onData((bytes) => this.data.push(Buffer.from(bytes).toString('hex')));
    this.inner.onClosed((why) => this.closed.push(why));
  }

  /** Opens, old bytes drained; its failure's code and message, or `ok`. */
  async open(): Promise<string> {
    const opened = this.inner.open(this.abort.signal);
    for (let i = 0; i < 10; i++) {
      const result = await this.ended(opened, staleDropMs);
      if (result !== 'pending') return result;
    }
    return 'pending';
  }

  /** Runs a call to its end on the fake clock. */
  async ended(call: Promise<Result<unknown, TransportFailure>>, afterMs = 0): Promise<string> {
    await this.clock.advance(afterMs);
    const result = await Promise.race([call, Promise.resolve(null)]);
    return result === null ? 'pending' : outcome(result);
  }
}

function outcome(result: Result<unknown, TransportFailure>): string {
  return result.ok ? 'ok' : `${result.error.code}: ${result.error.message}`;
}
