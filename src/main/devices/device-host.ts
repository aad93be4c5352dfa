import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import {
  type DeviceAdmin,
  type DeviceAdminCall,
  type DeviceAdminReply,
  deviceAdminReplySchemas,
} from '../../shared/model/device-admin.ts';
import {
  type CabinetDevices,
  type DeviceFailure,
  type DoorState,
  type PollMode,
  doorStateSchema,
} from '../../shared/model/device.ts';
import { type HostMessage, type HostRequest, hostMessageSchema } from '../../shared/model/host-messages.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import { type Result, err, ok } from '../../shared/result.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { hasKeyboardScanner } from './key-forwarder.ts';
import type { UnseenOpenings } from './unseen-openings.ts';

/** The device host process as main sees it: Electron's UtilityProcess, or a fake of the same shape in tests. */
export interface HostProcess {
  postMessage(message: unknown): void;
  kill(): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number) => void): void;
}

/** Longer than the lock's own time-outs, retry and waits together: the host always answers first, unless it is stuck. */
const callTimeoutMs = 10_000;
const pingEveryMs = 400;
/**
 * From its start to its first word (15 s): a slow board with a cold disk loads the native packages for seconds.
 * Killed before, it would be as slow the next time, and never come up. Counted in pings, as the next: a main process
 * that was held up itself has sent only one meanwhile.
 */
const firstMessageMaxPings = 38;
/** So many pings in a row without any message (2 s): a host that has spoken is stuck, and killed. */
const unansweredMaxPings = 5;
const restartFirstMs = 50;
const restartMaxMs = 5_000;
/** A host that has lived this long starts its back-off anew. */
const healthyAfterMs = 10_000;
const stopTimeoutMs = 1_500;

export type DeviceEvent =
  | Exclude<HostMessage, { type: 'reply' | 'adminReply' | 'openings' }>
  | { type: 'hostGone' }
  | { type: 'hostStarted' };
type DoorResult = Result<{ door: DoorState }, DeviceFailure>;
const doorValueSchema = z.object({ door: doorStateSchema });

/**
 * Starts the device host, watches it, restarts it with back-off, and turns its messages into typed events and replies.
 * Everything that comes from it is parsed. A call that was under way when it died fails with `host.gone`: whether a
 * bolt moved only the door can tell.
 */
export class DeviceHost implements DeviceAdmin {
  readonly #spawn: () => HostProcess;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #config: CabinetDevices;
  readonly #unseenOpenings: Pick<UnseenOpenings, 'load' | 'keep'> | null;
  readonly #listeners = new Set<(event: DeviceEvent) => void>();
  readonly #calls = new Map<number, (result: Result<unknown, DeviceFailure>) => void>();
  #process: HostProcess | null = null;
  #callId = 0;
  #startedMs = 0;
  /** Whether this host has said anything yet. */
  #hasResponded = false;
  /** Pings since its last message. */
  #unanswered = 0;
  /** In a row, each soon after the one before. */
  #restartCount = 0;
  #stopping = false;
  #cancelWatch: () => void = () => undefined;
  /** Null: never set, so that the host's own default stands. */
  #pollMode: PollMode | null = null;
  #isLightOn = false;

  constructor(options: {
    spawn: () => HostProcess;
    config: CabinetDevices;
    clock: Clock;
    logger: Logger;
    /** Absent: forgotten with each host. */
    unseenOpenings?: Pick<UnseenOpenings, 'load' | 'keep'>;
  }) {
    this.#spawn = options.spawn;
    this.#config = options.config;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#unseenOpenings = options.unseenOpenings ?? null;
  }

  on(listener: (event: DeviceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    const child = this.#spawn();
    this.#process = child;
    this.#startedMs = this.#clock.monotonicMs();
    this.#hasResponded = false;
    this.#unanswered = 0;
    child.onMessage((message) => {
      if (this.#process === child) this.#receive(message);
    });
    child.onExit((code) => {
      if (this.#process === child) this.#exited(code);
    });
    this.#send({
      type: 'configure',
      config: this.#config,
      openings: this.#unseenOpenings?.load() ?? [],
    });
    if (this.#pollMode !== null) this.#send({ type: 'setPollMode', pollMode: this.#pollMode });
    // A new device host starts with the light off.
    if (this.#isLightOn) this.#send({ type: 'light', on: true });
    this.#emit({ type: 'hostStarted' });
    this.#watch();
  }

  /**
   * Starts the host anew with other devices, and keeps to them. What the old ones said counts no more from now on, as when the
   * host has died; calls under way fail with `host.gone`.
   */
  async restartWith(config: CabinetDevices): Promise<void> {
    this.#config = config;
    const child = this.#process;
    // It is being started anyway.
    if (child === null || this.#stopping) return;
    this.#process = null;
    this.#cancelWatch();
    this.#failCalls('device host is started anew');
    this.#emit({ type: 'hostGone' });
    await this.#end(child);
    if (!this.#isStopping()) this.start();
  }

  /** Of the cabinet as it is configured. */
  get doorCount(): number {
    return this.#config.devices.filter(({ kind }) => kind === 'lock').length;
  }

  /** Whether a scanner types into the window. */
  get takesKeys(): boolean {
    return hasKeyboardScanner(this.#config);
  }

  /** Sends the open command of this door once. An error does not say that the bolt stayed: ask the door. */
  unlock(door = 1): Promise<DoorResult> {
    return this.#call((id) => ({ type: 'unlock', id, door }), doorValueSchema);
  }
  readDoor(): Promise<DoorResult> {
    return this.#call((id) => ({ type: 'readDoor', id }), doorValueSchema);
  }
  /** Administration (see `DeviceAdmin`): refused by the host while a visit has the door. */
  perform<C extends DeviceAdminCall>(call: C): Promise<Result<DeviceAdminReply<C['type']>, DeviceFailure>> {
    const schema = deviceAdminReplySchemas[call.type] as unknown as z.ZodType<DeviceAdminReply<C['type']>>;
    return this.#call((id) => ({ type: 'admin', id, call }), schema);
  }

  /** How closely to poll: `active` while goods may move, `idle` otherwise. Remembered over restarts. */
  setPollMode(pollMode: PollMode): void {
    if (pollMode === this.#pollMode) return;
    this.#pollMode = pollMode;
    this.#send({ type: 'setPollMode', pollMode });
  }

  /**
   * The light at the camera, if there is one. On for `lightOnMaxMs` at most: "on" is to be said again before.
   * Remembered over restarts.
   */
  setLight(on: boolean): void {
    if (!on && !this.#isLightOn) return;
    this.#isLightOn = on;
    this.#send({ type: 'light', on });
  }

  /** What was typed into the window; lost while the host is down, as it is on any other scanner's wire. */
  sendKeys(presses: readonly KeyPress[]): void {
    this.#send({ type: 'keys', presses: [...presses] });
  }

  /** Lets the host close its handles and end by itself; killed when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelWatch();
    const child = this.#process;
    if (child === null) return;
    await this.#end(child);
    this.#process = null;
  }

  /** It may close its handles; killed when that takes too long. */
  async #end(child: HostProcess): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(stopTimeoutMs, () => {
        child.kill();
        resolve();
      });
      child.onExit(() => {
        cancel();
        resolve();
      });
      this.#sendTo(child, { type: 'stop' });
    });
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #call<T>(make: (id: number) => HostRequest, valueSchema: z.ZodType<T>): Promise<Result<T, DeviceFailure>> {
    if (this.#process === null)
      return Promise.resolve(err({ code: 'host.gone', message: 'device host is down' }));
    const id = ++this.#callId;
    return new Promise((resolve) => {
      const finish = (result: Result<unknown, DeviceFailure>): void => {
        cancel();
        this.#calls.delete(id);
        if (!result.ok) {
          resolve(result);
          return;
        }
        const value = valueSchema.safeParse(result.value);
        const mismatch = err({
          code: 'device.protocol',
          message: 'the device host answered something else',
        } as const);
        resolve(value.success ? ok(value.data) : mismatch);
      };
      const cancel = this.#clock.after(callTimeoutMs, () => {
        finish(err({ code: 'device.timeout', message: 'the device host did not answer' }));
      });
      this.#calls.set(id, finish);
      this.#send(make(id));
    });
  }

  #send(request: HostRequest): void {
    this.#sendTo(this.#process, request);
  }

  #sendTo(child: HostProcess | null, request: HostRequest): void {
    try {
      child?.postMessage(request);
    } catch (error) {
      this.#logger.warn('host.post_failed', { error: String(error) });
    }
  }

  #receive(message: unknown): void {
    const parsed = hostMessageSchema.safeParse(message);
    if (!parsed.success) {
      this.#logger.warn('host.bad_message', { error: parsed.error.message.slice(0, 300) });
      return;
    }
    this.#hasResponded = true;
    this.#unanswered = 0;
    const { data } = parsed;
    if (data.type === 'openings') {
      this.#unseenOpenings?.keep(data);
      return;
    }
    if (data.type !== 'reply' && data.type !== 'adminReply') {
      this.#emit(data);
      return;
    }
    const { result } = data;
    this.#calls.get(data.id)?.(result.ok ? ok(result.value) : err(result.error));
  }

  #exited(code: number): void {
    this.#process = null;
    this.#cancelWatch();
    this.#failCalls(`device host ended with ${code}`);
    if (this.#stopping) return;
    this.#logger.error('host.gone', { code });
    this.#emit({ type: 'hostGone' });
    if (this.#clock.monotonicMs() - this.#startedMs > healthyAfterMs) this.#restartCount = 0;
    const bounds = { firstMs: restartFirstMs, capMs: restartMaxMs, jitterShare: 0, random01: 0 };
    this.#clock.after(backoffMs({ ...bounds, failureCount: this.#restartCount++ }), () => {
      if (!this.#stopping) this.start();
    });
  }

  #failCalls(message: string): void {
    for (const finish of [...this.#calls.values()]) finish(err({ code: 'host.gone', message }));
  }

  #watch(): void {
    this.#cancelWatch = this.#clock.after(pingEveryMs, () => {
      const child = this.#process;
      if (child === null) return;
      if (this.#unanswered >= (this.#hasResponded ? unansweredMaxPings : firstMessageMaxPings)) {
        this.#logger.error('host.stuck');
        child.kill();
        // Electron reports the exit; a process that cannot even be killed is given up here.
        this.#exited(-1);
        return;
      }
      this.#unanswered++;
      this.#send({ type: 'ping', id: ++this.#callId });
      this.#watch();
    });
  }

  #emit(event: DeviceEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
