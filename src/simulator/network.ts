import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Clock } from '../shared/clock.ts';
import type { NetworkMode } from './switches.ts';

const connectionsMax = 128;
/** Bytes under way in one direction of one connection; then its sender is paused. */
const pipeMaxBytes = 1024 * 1024;

export interface NetworkOptions {
  readonly clock: Clock;
  /** Where the operator listens; `null`: there is none, and each connection is reset. */
  readonly upstream: { readonly host: string; readonly port: number } | null;
  readonly onChange: () => void;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Bytes were swallowed: this connection can never be right again. */
  tainted: boolean;
}

/** The shop's network between cabinet and operator: a TCP proxy with a switch. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** Clients of a black hole have no upstream. */
  readonly #lost = new Set<Socket>();
  #mode: NetworkMode = 'up';
  #delayMs = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    // Half-open is left to the two ends: an end is passed on behind the data that is still under way.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  get mode(): NetworkMode {
    return this.#mode;
  }
  get delayMs(): number {
    return this.#delayMs;
  }
  get connectionCount(): number {
    return this.#pairs.size + this.#lost.size;
  }

  /** Listens on loopback; 0 = any free port. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** `delayMs` is added to each request (not to its reply), so it is what one exchange gets longer by. */
  set(mode: NetworkMode, delayMs: number): void {
    this.#mode = mode;
    this.#delayMs = delayMs;
    if (mode === 'cut') this.#resetAll();
    if (mode === 'up') {
      // A connection that has lost bytes must not go on.
      for (const pair of this.#pairs) if (pair.tainted) reset(pair);
      for (const socket of this.#lost) socket.resetAndDestroy();
    }
    this.#options.onChange();
  }

  close(): Promise<void> {
    this.#resetAll();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #resetAll(): void {
    for (const pair of this.#pairs) reset(pair);
    for (const socket of this.#lost) socket.resetAndDestroy();
  }

  #accept(client: Socket): void {
    client.on('error', () => {
      // `close` follows and tidies up.
    });
    const { upstream: target } = this.#options;
    if (this.#mode === 'blackhole' && this.connectionCount < connectionsMax) {
      this.#lost.add(client);
      client.on('close', () => this.#lost.delete(client));
      client.resume();
      return;
    }
    if (target === null || this.#mode === 'cut' || this.connectionCount >= connectionsMax) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...target, noDelay: true, allowHalfOpen: true });
    const pair: Pair = { client, upstream, tainted: false };
    this.#pairs.add(pair);
    upstream.on('error', () => {
      reset(pair);
    });
    for (const socket of [client, upstream]) {
      socket.on('close', () => {
        this.#pairs.delete(pair);
        const other = socket === client ? upstream : client;
        if (other.destroyed) return;
        // An end that was passed on comes first; anything else breaks both sides.
        if (socket.readableEnded && !socket.errored) other.end();
        else other.resetAndDestroy();
      });
    }
    this.#pipe(pair, 'request');
    this.#pipe(pair, 'reply');
  }

  #pipe(pair: Pair, way: 'request' | 'reply'): void {
    const [from, to] = way === 'request' ? [pair.client, pair.upstream] : [pair.upstream, pair.client];
    let underWayBytes = 0;
    const waiting: (() => void)[] = [];
    let lastDueMs = 0;
    const { clock } = this.#options;
    /** In order, though the delay may be changed between two chunks. */
    const later = (fn: () => void): void => {
      const delayMs = way === 'request' ? this.#delayMs : 0;
      if (delayMs === 0 && waiting.length === 0) {
        fn();
        return;
      }
      const nowMs = clock.monotonicMs();
      lastDueMs = Math.max(lastDueMs, nowMs + delayMs);
      waiting.push(fn);
      // Whichever timer comes first does what is first: timers of fractions of a ms may overtake each other.
      clock.after(lastDueMs - nowMs, () => waiting.shift()?.());
    };
    from.on('data', (chunk: Buffer) => {
      if (this.#swallows(pair, way)) return;
      underWayBytes += chunk.length;
      if (underWayBytes > pipeMaxBytes) from.pause();
      later(() => {
        // The switch may have been thrown while the bytes were under way.
        if (to.destroyed || this.#swallows(pair, way)) return;
        to.write(chunk, () => {
          underWayBytes -= chunk.length;
          if (underWayBytes <= pipeMaxBytes) from.resume();
        });
      });
    });
    from.on('end', () => {
      later(() => {
        if (!to.destroyed) to.end();
      });
    });
  }

  #swallows(pair: Pair, way: 'request' | 'reply'): boolean {
    if (this.#mode === 'blackhole') {
      pair.tainted = true;
      return true;
    }
    if (this.#mode === 'drop-replies' && way === 'reply') {
      pair.tainted = true;
      reset(pair);
      return true;
    }
    return false;
  }
}

function reset(pair: Pair): void {
  pair.client.resetAndDestroy();
  pair.upstream.resetAndDestroy();
}
