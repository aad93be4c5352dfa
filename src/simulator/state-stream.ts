import type { ServerResponse } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import type { SimulatorState } from './api.ts';

const listenersMax = 16;
/** Several changes of one moment go out as one event. */
const gatherMs = 30;
/** A comment line now and then: a dead listener is noticed. */
const heartbeatMs = 15_000;
/** A listener that does not read is cut off. */
const unreadMaxBytes = 1024 * 1024;

/** GET /events: the whole state first, then again after each change (server-sent events). */
export class StateStream {
  readonly #clock: Clock;
  readonly #state: () => SimulatorState;
  readonly #listeners = new Set<ServerResponse>();
  #cancelSend: (() => void) | null = null;
  #cancelHeartbeat: () => void = () => undefined;

  constructor(clock: Clock, state: () => SimulatorState) {
    this.#clock = clock;
    this.#state = state;
    this.#heartbeat();
  }

  add(response: ServerResponse): void {
    if (this.#listeners.size >= listenersMax) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
    response.write(this.#event());
  }

  changed(): void {
    this.#cancelSend ??= this.#clock.after(gatherMs, () => {
      this.#cancelSend = null;
      this.#toAll(this.#event());
    });
  }

  close(): void {
    this.#cancelSend?.();
    this.#cancelHeartbeat();
    for (const response of this.#listeners) response.destroy();
  }

  #event(): string {
    return `data: ${JSON.stringify(this.#state())}\n\n`;
  }

  #heartbeat(): void {
    this.#cancelHeartbeat = this.#clock.after(heartbeatMs, () => {
      this.#toAll(': still here\n\n');
      this.#heartbeat();
    });
  }

  #toAll(text: string): void {
    for (const response of this.#listeners) {
      if (response.writableLength > unreadMaxBytes) response.destroy();
      else response.write(text);
    }
  }
}
