import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { epcSchema } from '../../shared/model/catalog.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { encodeRfidHostMessage, rfidDeviceDecoder, rfidNoTagError } from '../protocol/rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage } from '../protocol/rfid-r200.ts';
import { deviceFail } from './driver.ts';
import type { Driver, DriverHealth, DriverLink } from './driver.ts';

export type TagReaderSpec = Extract<DeviceSpec, { kind: 'tag-reader' }>;

/** A setting is answered in some 10 ms. */
export const commandTimeoutMs = 300;
/** After sleep the first byte sent is lost, and a running inventory may hide a reply: so a command is tried again. */
export const commandAttemptMax = 3;
/** Rounds asked for at once. They last minutes; the inventory is re-armed long before. */
const roundCount = 10_000;
export const rearmMs = 60_000;
/** An inventory yields a frame per round (a tag, or FF/15 for none): a second without any means that it has ended. */
export const quietRestartMs = 1000;
export const silentMs = 3000;
/** Silence after which the connection is made anew. */
export const silentReconnectMs = 10_000;
export const sweepInventoryMs = 300;
export const sweepPeriodMs = 2000;
/** Pause after a sweep in which nothing at all was heard. */
const sweepRetryMs = 200;
export const batchMaxMs = 50;
export const batchReadMax = 2000;
/** A frame that is not whole after this much silence never will be. */
export const quietGapMs = 50;

export interface TagRead {
  readonly epc: string;
  readonly rssiDbm: number;
  readonly atMs: number;
}

export interface TagReaderEvents {
  /** At most `batchMaxMs` old. No reads: the reader is alive and a round saw nothing. */
  tags(reads: TagRead[], atMs: number): void;
  healthChanged(): void;
}

interface Pending {
  accepts(message: RfidDeviceMessage): boolean;
  settle(result: Result<RfidDeviceMessage, DeviceFailure>): void;
}

/** An R200 reader: set up once per connection, then inventory without end or in sweeps. */
export class TagReader implements Driver {
  readonly kind = 'tag-reader';
  readonly #spec: TagReaderSpec;
  readonly #clock: Clock;
  readonly #events: TagReaderEvents;
  readonly #decoder = rfidDeviceDecoder();
  #link: DriverLink | null = null;
  #connection = 0;
  #pending: Pending | null = null;
  #pace: 'continuous' | 'sweep' = 'sweep';
  #wake: () => void = () => undefined;
  #cancelGap: () => void = () => undefined;
  #cancelBatch: (() => void) | null = null;
  #batch: TagRead[] = [];
  #isInventory = false;
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #lastSeenMs: number | null = null;
  /** Last frame on this connection, or its start. */
  #lastFrameMs = 0;
  #errorCount = 0;
  #resetCount = 0;

  constructor(spec: TagReaderSpec, clock: Clock, events: TagReaderEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
  }

  start(link: DriverLink): void {
    assert(this.#link === null, 'a reader is started once per connection');
    this.#link = link;
    this.#connection++;
    this.#decoder.reset();
    this.#lastFrameMs = this.#clock.monotonicMs();
    this.#isInventory = false;
    this.#setState('connecting', '');
    void this.#run(this.#connection);
  }

  stop(): void {
    if (this.#link === null) return;
    this.#link = null;
    this.#cancelGap();
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    this.#batch = [];
    this.#pending?.settle(deviceFail('device.disconnected', 'the reader went away'));
    this.#wake();
    this.#setState('connecting', '');
  }

  /** The stop command: the antenna is not left radiating. */
  farewell(): Uint8Array {
    return encodeRfidHostMessage({ type: 'stop' });
  }

  setPace(pace: 'continuous' | 'sweep'): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    this.#wake();
  }

  health(): DriverHealth {
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#errorCount + this.#decoder.stats.badChecksumCount,
      resetCount: this.#resetCount,
      detail: this.#detail,
    };
  }

  receive(bytes: Uint8Array): void {
    this.#handle(this.#decoder.push(bytes));
    this.#cancelGap();
    if (this.#decoder.heldByteCount === 0) return;
    this.#cancelGap = this.#clock.after(quietGapMs, () => {
      this.#handle(this.#decoder.flush());
    });
  }

  async #run(connection: number): Promise<void> {
    while (this.#isAlive(connection)) {
      const problem = await this.#setUp(connection);
      if (problem === null) break;
      this.#errorCount++;
      if (!this.#isAlive(connection)) return;
      if (problem.code === 'device.refused') {
        // Reading with the wrong region or power would be unlawful or useless: better not at all, and said so.
        this.#link?.giveUp(problem.message);
        return;
      }
      this.#judgeSilence();
      await this.#sleep(sweepRetryMs);
    }
    while (this.#isAlive(connection)) {
      if (this.#pace === 'continuous') await this.#continuous(connection);
      else await this.#sweep(connection);
    }
  }

  /** Stop, region, hopping, power, as the manual wants: "send 28 and wait for BB 01 28 before settings". */
  async #setUp(connection: number): Promise<DeviceFailure | null> {
    // What a step may fail with: a stopped module may refuse to stop; hopping is on from the factory, and some firmwares
    // do not know the command.
    const steps: readonly { send: RfidHostMessage; command: number; tolerates?: 'refusal' | 'silence' }[] = [
      { send: { type: 'stop' }, command: 0x28, tolerates: 'refusal' },
      { send: { type: 'setRegion', region: this.#spec.region }, command: 0x07 },
      { send: { type: 'setHopping', on: true }, command: 0xad, tolerates: 'silence' },
      { send: { type: 'setPower', centiDbm: this.#spec.powerCentiDbm }, command: 0xb6 },
    ];
    for (const step of steps) {
      const reply = await this.#command(connection, step.send, step.command);
      if (reply.ok) continue;
      const { code } = reply.error;
      const isTolerated =
        (code === 'device.refused' && step.tolerates !== undefined) ||
        (code === 'device.timeout' && step.tolerates === 'silence');
      if (!isTolerated) return reply.error;
      this.#errorCount++;
    }
    return null;
  }

  /** Returns when the pace changes or the connection ends. */
  async #continuous(connection: number): Promise<void> {
    this.#poll();
    let armedMs = this.#clock.monotonicMs();
    while (this.#isAlive(connection) && this.#pace === 'continuous') {
      const nowMs = this.#clock.monotonicMs();
      const restartMs = Math.max(this.#lastFrameMs, armedMs) + quietRestartMs;
      if (nowMs >= armedMs + rearmMs) {
        await this.#endInventory(connection);
        this.#poll();
        armedMs = this.#clock.monotonicMs();
      } else if (nowMs >= restartMs) {
        this.#resetCount++;
        this.#judgeSilence();
        this.#poll();
        armedMs = nowMs;
      } else {
        await this.#sleep(Math.min(restartMs, armedMs + rearmMs) - nowMs);
      }
    }
    await this.#endInventory(connection);
  }

  async #sweep(connection: number): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    this.#poll();
    await this.#sleep(sweepInventoryMs);
    await this.#endInventory(connection);
    // The pace may have changed while it stopped: then do not sleep over it.
    if (this.#isPace('continuous') || !this.#isAlive(connection)) return;
    if (this.#lastFrameMs >= startMs) {
      await this.#sleep(Math.max(startMs + sweepPeriodMs - this.#clock.monotonicMs(), 0));
      return;
    }
    this.#resetCount++;
    this.#judgeSilence();
    await this.#sleep(sweepRetryMs);
  }

  #poll(): void {
    this.#isInventory = true;
    this.#write(encodeRfidHostMessage({ type: 'pollMany', count: roundCount }));
  }

  async #endInventory(connection: number): Promise<void> {
    if (!this.#isAlive(connection)) return;
    const reply = await this.#command(connection, { type: 'stop' }, 0x28, 1);
    this.#isInventory = false;
    if (!reply.ok) this.#errorCount++;
  }

  /** Sends a command until its `done` comes. Notices and empty rounds may come between and are handled as ever. */
  async #command(
    connection: number,
    message: RfidHostMessage,
    command: number,
    attemptMax = commandAttemptMax,
  ): Promise<Result<void, DeviceFailure>> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#isAlive(connection)) return deviceFail('device.disconnected', 'the reader went away');
      const reply = await this.#exchange(encodeRfidHostMessage(message), (m) => answers(m, command));
      if (reply.ok) {
        return reply.value.type === 'done'
          ? ok()
          : deviceFail('device.refused', `the reader refuses ${message.type} (${describe(reply.value)})`);
      }
      if (attempt >= attemptMax || reply.error.code === 'device.disconnected') return reply;
    }
  }

  #exchange(
    frame: Uint8Array,
    accepts: Pending['accepts'],
  ): Promise<Result<RfidDeviceMessage, DeviceFailure>> {
    assert(this.#pending === null, 'one command at a time');
    return new Promise((resolve) => {
      const settle = (result: Result<RfidDeviceMessage, DeviceFailure>): void => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        cancelTimer();
        resolve(result);
      };
      const pending: Pending = { accepts, settle };
      this.#pending = pending;
      const cancelTimer = this.#clock.after(commandTimeoutMs, () => {
        settle(deviceFail('device.timeout', 'the reader does not answer'));
      });
      this.#write(frame);
    });
  }

  #write(frame: Uint8Array): void {
    const link = this.#link;
    if (link === null) return;
    void link.write(frame).then((written) => {
      if (!written.ok && this.#link === link) link.giveUp(written.error.message);
    });
  }

  #handle(messages: readonly RfidDeviceMessage[]): void {
    for (const message of messages) {
      const nowMs = this.#clock.monotonicMs();
      this.#lastFrameMs = nowMs;
      this.#lastSeenMs = nowMs;
      if (this.#pending?.accepts(message) === true) this.#pending.settle(ok(message));
      else if (message.type === 'tag') this.#addRead(message, nowMs);
      else if (message.type === 'error' && message.code === rfidNoTagError) this.#noteRound();
      else if (message.type !== 'done') this.#errorCount++;
      if (this.#isInventory) this.#setState('ready', '');
    }
  }

  #addRead(tag: Extract<RfidDeviceMessage, { type: 'tag' }>, nowMs: number): void {
    // The sum is one byte; a tag whose own word count disagrees with the frame is a frame that was damaged.
    if (tag.epc.length !== (tag.pc >> 11) * 4 || !epcSchema.safeParse(tag.epc).success) {
      this.#errorCount++;
      return;
    }
    this.#batch.push({ epc: tag.epc, rssiDbm: tag.rssiDbm, atMs: nowMs });
    this.#noteRound();
    if (this.#batch.length >= batchReadMax) this.#sendBatch();
  }

  #noteRound(): void {
    this.#cancelBatch ??= this.#clock.after(batchMaxMs, () => {
      this.#sendBatch();
    });
  }

  #sendBatch(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    const reads = this.#batch;
    this.#batch = [];
    this.#events.tags(reads, this.#clock.monotonicMs());
  }

  #judgeSilence(): void {
    const quietMs = this.#clock.monotonicMs() - this.#lastFrameMs;
    if (quietMs >= silentMs) this.#setState('silent', 'the tag reader does not answer');
    if (quietMs >= silentReconnectMs) this.#link?.giveUp('no answer');
  }

  #isPace(pace: 'continuous' | 'sweep'): boolean {
    return this.#pace === pace;
  }

  #isAlive(connection: number): boolean {
    return this.#link !== null && connection === this.#connection;
  }

  /** Until the time is over, the pace changes or the connection ends. */
  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #setState(state: DriverHealth['state'], detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#events.healthChanged();
  }
}

/** `done` for this command, or an error that is not the "no tag" of an inventory still running. */
function answers(message: RfidDeviceMessage, command: number): boolean {
  if (message.type === 'error') return message.code !== rfidNoTagError;
  if (message.type === 'rawReply') return message.command === command;
  return message.type === 'done' && message.command === command;
}

function describe(message: RfidDeviceMessage): string {
  if (message.type === 'error') return `error ${message.code.toString(16)} ${message.name}`;
  return message.type;
}
