import type { Clock } from '../shared/clock.ts';
import type { DeviceHealth, DeviceKind } from '../shared/model/device.ts';
import type { TransportSpec } from '../shared/model/transport.ts';
import { backoffMs } from '../shared/util/backoff.ts';
import { withTimeout } from '../shared/util/with-timeout.ts';
import type { Driver } from './device/driver.ts';
import { openTimeoutMs } from './transport/transport.ts';
import type { Transport } from './transport/transport.ts';

/** A new transport to the device; `id` is its name in the profile. */
export type TransportFactory = (spec: TransportSpec, kind: DeviceKind, id: string) => Transport;
/** A named event with faces, codes and tags left out: fields are numbers and fixed words. */
export type Log = (event: string, fields: Readonly<Record<string, string | number>>) => void;

/** Without chance: the devices of one cabinet share nothing that they could overload together. */
const reconnectBackoff = { firstMs: 100, capMs: 5000, jitterShare: 0, random01: 0 };
/** A connection that was ready for this long was good: the next back-off begins at the minimum again. */
export const goodConnectionMs = 2000;
/** Longest that closing a handle may take before it is left behind. */
export const closeTimeoutMs = 1000;
/** Longest that the last messages to a device may take, together. */
const disconnectMaxMs = 200;
/**
 * Bytes a second that are taken from a device. Several times what its line can carry (9600 Bd = 960 B/s, 115200 Bd =
 * 11520 B/s, full-speed HID 64 kB/s at most, scanners a few reports): more is a broken bridge, and is cut off.
 */
export const byteBudgetPerS: Readonly<Record<DeviceKind, number>> = {
  lock: 4 * 1024,
  'door-sensor': 4 * 1024,
  'tag-reader': 48 * 1024,
  'code-scanner': 32 * 1024,
  scale: 8 * 1024,
  light: 4 * 1024,
  thermometer: 4 * 1024,
};
const budgetWindowMs = 1000;

export interface SlotOptions {
  readonly id: string;
  readonly driver: Driver;
  readonly clock: Clock;
  /** A new connection's transport. */
  makeTransport(): Transport;
  readonly log: Log;
  healthChanged(): void;
}

/**
 * One device's connection: open, run the driver, and when it ends, close and try again, for ever, with a growing pause.
 * Whatever this device does stays in here: its bytes are limited, its errors end this connection only.
 */
export class DeviceSlot {
  readonly driver: Driver;
  readonly #options: SlotOptions;
  readonly #done: Promise<void>;
  #connectionState: 'connecting' | 'up' | 'down' = 'connecting';
  #detail = '';
  #transportName = '';
  #connectionErrorCount = 0;
  /** Logged once, not with each of the tries that follow. */
  #lastOpenFailure = '';
  #reconnectCount = 0;
  #stopping = false;
  /** Connections in a row that did not last. */
  #failureCount = 0;
  #isPausing = false;
  /** Ends whatever the loop waits for: an open, a connection, a pause. */
  #interrupt: (reason: string) => void = () => undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.driver = options.driver;
    this.#done = this.#run();
  }

  health(): DeviceHealth {
    const driver = this.driver.health();
    const states = { connecting: 'connecting', up: driver.state, down: 'disconnected' } as const;
    const detail = this.#connectionState === 'up' ? driver.detail : this.#detail;
    return {
      id: this.#options.id,
      kind: this.driver.kind,
      state: states[this.#connectionState],
      lastSeenMs: driver.lastSeenMs,
      errorCount: driver.errorCount + this.#connectionErrorCount,
      ...(driver.usefulCount !== undefined && { usefulCount: driver.usefulCount }),
      resetCount: driver.resetCount + this.#reconnectCount,
      detail: detail.slice(0, 200),
      ...(this.#connectionState === 'up' && driver.fault !== undefined && { fault: driver.fault }),
    };
  }

  /** What it is connected to, or was last; empty before the first connection. */
  get transportName(): string {
    return this.#transportName;
  }

  /** Closes the handle; resolves when it is closed (or left behind after `closeTimeoutMs`). */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#interrupt('stopped');
    return this.#done;
  }

  /** Something was plugged in: a waiting slot looks at once, and then often again, until the system has made it ready. */
  wake(): void {
    this.#failureCount = 0;
    if (this.#isPausing) this.#interrupt('plugged in');
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#isStopping(); attempt++) {
      if (attempt > 0) this.#reconnectCount++;
      const readyMs = await this.#connectOnce();
      if (this.#isStopping()) break;
      if (readyMs >= goodConnectionMs) this.#failureCount = 0;
      const failureCount = this.#failureCount++;
      await this.#pause(backoffMs({ failureCount, ...reconnectBackoff }));
    }
    this.#setConnectionState('down', 'stopped');
  }

  /** One connection from open to end; answers for how long the driver had it, in ms. */
  async #connectOnce(): Promise<number> {
    const { clock, driver, log } = this.#options;
    this.#setConnectionState('connecting', this.#detail);
    const transport = this.#options.makeTransport();
    let end: (reason: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = this.#interrupt = resolve;
      transport.onClosed((why) => {
        resolve(why.message);
      });
      transport.onData(this.#receiver(resolve));
    });
    const opened = await this.#open(transport, ended);
    if (opened !== null) {
      this.#connectionErrorCount++;
      if (opened !== this.#lastOpenFailure) {
        this.#lastOpenFailure = opened;
        log('device.not_opened', { id: this.#options.id, kind: driver.kind, reason: opened });
      }
      await this.#close(transport, opened);
      return 0;
    }
    this.#lastOpenFailure = '';
    const startMs = clock.monotonicMs();
    this.#setConnectionState('up', '');
    this.#transportName = transport.name;
    log('device.connected', { id: this.#options.id, kind: driver.kind, to: transport.name });
    driver.start({
      write: (bytes) => transport.write(bytes),
      sendFeature: (report) => transport.sendFeature(report),
      getFeature: (reportId, maxBytes) => transport.getFeature(reportId, maxBytes),
      reportDescriptor: transport.reportDescriptor ?? null,
      // This connection's own end: by the time a late failure comes, another one may be up.
      abort: (reason) => {
        end(reason);
      },
    });
    const reason = await ended;
    const upMs = clock.monotonicMs() - startMs;
    this.#setConnectionState('down', reason);
    driver.stop();
    await this.#sendLastMessages(transport);
    if (!this.#isStopping()) this.#connectionErrorCount++;
    log('device.lost', { id: this.#options.id, kind: driver.kind, reason });
    await this.#close(transport, reason);
    return upMs;
  }

  /** null, or why it did not open. */
  async #open(transport: Transport, ended: Promise<string>): Promise<string | null> {
    const abort = new AbortController();
    const opened = transport.open(abort.signal).then((result) => (result.ok ? null : result.error.message));
    const bounded = await withTimeout(this.#options.clock, openTimeoutMs, Promise.race([opened, ended]));
    const outcome = bounded.ok ? bounded.value : 'not open in time';
    if (outcome !== null) abort.abort();
    return outcome;
  }

  async #sendLastMessages(transport: Transport): Promise<void> {
    const { frame, featureReport } = this.driver.onDisconnect?.() ?? {};
    const sent = Promise.all([
      frame !== undefined && this.#isStopping() ? transport.write(frame) : null,
      featureReport !== undefined ? transport.sendFeature(featureReport) : null,
    ]);
    await withTimeout(this.#options.clock, disconnectMaxMs, sent);
  }

  #receiver(end: (reason: string) => void): (bytes: Uint8Array) => void {
    const { clock, driver, log } = this.#options;
    const budget = byteBudgetPerS[driver.kind];
    let windowMs = clock.monotonicMs();
    let usedBytes = 0;
    let isCut = false;
    return (bytes) => {
      if (isCut || this.#connectionState !== 'up') return;
      const nowMs = clock.monotonicMs();
      if (nowMs - windowMs >= budgetWindowMs) {
        windowMs = nowMs;
        usedBytes = 0;
      }
      usedBytes += bytes.length;
      if (usedBytes > budget) {
        isCut = true;
        end(`flooding: more than ${budget} bytes in a second`);
        return;
      }
      try {
        driver.receive(bytes);
      } catch (error) {
        // A bug in one driver ends this connection (fails safe: no answer, door unknown) and not the other devices.
        isCut = true;
        log('device.bug', { id: this.#options.id, kind: driver.kind, message: String(error) });
        end('internal error in the driver');
      }
    };
  }

  async #close(transport: Transport, reason: string): Promise<void> {
    this.#setConnectionState('down', reason);
    await withTimeout(this.#options.clock, closeTimeoutMs, transport.close());
  }

  async #pause(delayMs: number): Promise<void> {
    const interrupted = new Promise<void>((resolve) => {
      this.#interrupt = () => {
        resolve();
      };
    });
    this.#isPausing = true;
    if (!this.#isStopping()) await withTimeout(this.#options.clock, delayMs, interrupted);
    this.#isPausing = false;
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #setConnectionState(state: 'connecting' | 'up' | 'down', detail: string): void {
    if (state === this.#connectionState && detail === this.#detail) return;
    this.#connectionState = state;
    this.#detail = detail;
    this.#options.healthChanged();
  }
}
