import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import type { ScaleRegisterWrite, WeightBounds } from '../../shared/model/scale.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { encodeModbusHostMessage, modbusDeviceDecoder } from '../protocol/scale-modbus.ts';
import type { ModbusDeviceMessage, ModbusHostMessage } from '../protocol/scale-modbus.ts';
import { waitingCallMax } from './call-queue.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverTransport } from './driver.ts';
import { Conversation, lateReplyMaxMs } from './conversation.ts';
import { UselessRun } from './useless-run.ts';
import { weightOfRegisters } from './weight-bounds.ts';
import { unknownWeight, WeightReporter } from './weight-reporter.ts';
import type { ScaleDriver, ScaleEvents, Weight } from './weight-reporter.ts';

export type ModbusScaleSpec = Extract<DeviceSpec, { protocol: 'scale-modbus' }>;

/** A read takes 25 to 30 ms at 9600 Bd; the transmitter's own delay and a USB adapter come on top. */
export const readTimeoutMs = 300;
/** Zero and tare are kept in the transmitter's memory before it answers. */
export const writeTimeoutMs = 1000;
/** Each lane is asked this often if the bus allows. */
export const lanePeriodMs = 100;
/** A unit that missed its time is not asked again at once: its answer may still be on the line. */
export const lateAnswerMs = 300;
/** A late confirmation of a command must not pass for that of the next one. */
export const lateCommandMs = 2000;
/** Misses in a row until a lane's weight is unknown; such a lane is asked more rarely, so that it does not slow the others. */
export const silentMissCount = 3;
export const silentLanePeriodMs = 2000;
/** A lane that answers "no" is asked again after this time. */
const refusedPeriodMs = 1000;
/** Silence between two frames: Modbus wants 3.5 characters, 4 ms at 9600 Bd. */
const framePauseMs = 5;
/** Without a bit for it: a weight that has stayed for so long within so much of what it was first is at rest. */
export const restsAfterMs = 500;
/** The noise of a cheap cell (1.5 g) and what it drifts meanwhile; less than the lightest goods weigh. */
const restsWithinMilligrams = 10_000;

interface Lane {
  readonly lane: number;
  readonly unit: number;
  readonly bounds: WeightBounds | undefined;
  readonly useless: UselessRun;
  readonly reporter: WeightReporter;
  dueMs: number;
  missCount: number;
  /** Empty when all is well. */
  detail: string;
  /** Where it has stayed, and since when. */
  stayedMilligrams: number | null;
  stayedSinceMs: number;
  commandFreeMs: number;
  /** Until then a late answer of the unit may come, and pass for that to the next request (see `Conversation`). */
  lateUntilMs: number;
}

const faultWeight: Weight = { milligrams: null, stable: false, state: 'fault' };

type Reply = Result<ModbusDeviceMessage, DeviceFailure>;

/** Load-cell transmitters on one bus, one lane each: asked in turn, one request in flight. */
export class ModbusScale implements ScaleDriver {
  readonly kind = 'scale';
  readonly #spec: ModbusScaleSpec;
  readonly #clock: Clock;
  readonly #events: ScaleEvents;
  readonly #conversation: Conversation<ModbusDeviceMessage>;
  readonly #lanes: readonly Lane[];
  #calls: (() => Promise<void>)[] = [];
  #hasResponded = false;
  #lastHealth = '';

  constructor(spec: ModbusScaleSpec, clock: Clock, events: ScaleEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
    const units = new Set(spec.lanes.map((one) => one.unitAddress));
    this.#conversation = new Conversation({
      name: 'the scales',
      clock,
      decoder: modbusDeviceDecoder(),
      isHalfDuplex: true,
      classify: (message) => (units.has(message.unit) ? 'unexpected' : 'unrelated'),
      healthChanged: () => {
        this.#noteHealth();
      },
    });
    this.#lanes = spec.lanes.map(({ lane, unitAddress, bounds }) => ({
      lane,
      unit: unitAddress,
      bounds,
      useless: new UselessRun(),
      dueMs: 0,
      missCount: 0,
      detail: '',
      commandFreeMs: 0,
      lateUntilMs: 0,
      stayedMilligrams: null,
      stayedSinceMs: 0,
      reporter: new WeightReporter(lane, clock, (reading) => {
        events.weight(reading);
      }),
    }));
  }

  start(transport: DriverTransport): void {
    this.#hasResponded = false;
    const dueMs = this.#clock.monotonicMs();
    for (const lane of this.#lanes) Object.assign(lane, { dueMs, missCount: 0, detail: '' });
    this.#conversation.start(transport);
    this.#noteHealth();
    void this.#run(this.#conversation.connection);
  }

  stop(): void {
    if (!this.#conversation.isOpen) return;
    this.#hasResponded = false;
    this.#conversation.stop();
    for (const lane of this.#lanes) this.#forget(lane);
    // The calls that waited see that the line is gone, and fail.
    for (const call of this.#calls.splice(0)) void call();
    this.#noteHealth();
  }

  health(): DriverHealth {
    const silent = this.#lanes.filter((one) => one.missCount >= silentMissCount);
    const details = this.#lanes.filter((one) => one.detail !== '').map((one) => `${one.lane}: ${one.detail}`);
    const isUseless = this.#lanes.some((one) => one.useless.isError);
    const isSilent = silent.length === this.#lanes.length;
    return {
      ...this.#conversation.health(),
      state: isSilent ? 'silent' : isUseless ? 'error' : this.#hasResponded ? 'ready' : 'connecting',
      detail: details.length === 0 ? '' : `scale lane ${details.join(', ')}`,
    };
  }

  hasLane(lane: number): boolean {
    return this.#lanes.some((one) => one.lane === lane);
  }

  zero(lane: number): Promise<Result<void, DeviceFailure>> {
    return this.#command(lane, this.#spec.registers.zero);
  }

  tare(lane: number): Promise<Result<void, DeviceFailure>> {
    return this.#command(lane, this.#spec.registers.tare);
  }

  receive(bytes: Uint8Array): void {
    this.#conversation.receive(bytes);
  }

  async #run(connection: number): Promise<void> {
    while (this.#conversation.isUp(connection)) {
      const call = this.#calls.shift();
      const lane = this.#nextLane();
      const waitMs = lane.dueMs - this.#clock.monotonicMs();
      if (call !== undefined) await call();
      else if (waitMs <= 0) await this.#poll(lane, connection);
      else await this.#conversation.sleep(waitMs);
      await this.#conversation.pause(framePauseMs);
    }
  }

  /** The one whose turn it is: it has waited longest. */
  #nextLane(): Lane {
    const next = this.#lanes.reduce<Lane | null>(
      (best, one) => (best === null || one.dueMs < best.dueMs ? one : best),
      null,
    );
    assert(next !== null, 'a bus has at least one lane');
    return next;
  }

  async #poll(lane: Lane, connection: number): Promise<void> {
    const { weight: place, status } = this.#spec.registers;
    lane.dueMs = this.#clock.monotonicMs() + lanePeriodMs;
    const weight = await this.#read(lane, place, place.words);
    if (!this.#conversation.isUp(connection)) return;
    if (!weight.ok || weight.value.type !== 'registers') {
      this.#noteFailure(lane, weight);
      return;
    }
    const raw = numberOf(weight.value.values, this.#spec.registers.wordOrder);
    const milligrams = weightOfRegisters(raw, place.words === 1 ? 16 : 32, place, lane.bounds);
    if (status === null) {
      this.#noteNumber(lane, milligrams, milligrams !== null && this.#isAtRest(lane, milligrams));
      return;
    }
    await this.#conversation.pause(framePauseMs);
    if (!this.#conversation.isUp(connection)) return;
    const flags = await this.#read(lane, status, 1);
    if (!this.#conversation.isUp(connection)) return;
    if (!flags.ok || flags.value.type !== 'registers') {
      this.#noteFailure(lane, flags);
      return;
    }
    const [bits = 0] = flags.value.values;
    const isOver = status.overLimitBits.some((bit) => ((bits >> bit) & 1) === 1);
    const stable = ((bits >> status.stable.bit) & 1) === status.stable.is;
    if (isOver) this.#noteWeight(lane, { milligrams: null, stable: false, state: 'over_limit' });
    else this.#noteNumber(lane, milligrams, stable);
  }

  /** null: the registers hold no weight that this lane can bear. */
  #noteNumber(lane: Lane, milligrams: number | null, stable: boolean): void {
    if (milligrams === null) this.#noteWeight(lane, faultWeight, 'a weight that it cannot bear');
    else this.#noteWeight(lane, { milligrams, stable, state: 'ok' });
  }

  #read(lane: Lane, place: { function: 3 | 4; register: number }, count: number): Promise<Reply> {
    const { unit } = lane;
    return this.#request(
      lane,
      { type: 'readRegisters', unit, function: place.function, register: place.register, count },
      (message) =>
        message.type === 'registers' &&
        message.function === place.function &&
        message.values.length === count,
      readTimeoutMs,
    );
  }

  /** `accepts` is asked for answers of the unit that was asked; an exception to the same function is an answer too. */
  async #request(
    lane: Lane,
    request: ModbusHostMessage,
    accepts: (message: ModbusDeviceMessage) => boolean,
    timeoutMs: number,
    replyMayEqualFrame = false,
  ): Promise<Reply> {
    const frame = encodeModbusHostMessage(request);
    const askedMs = this.#clock.monotonicMs();
    const reply = await this.#conversation.exchange<ModbusDeviceMessage>({
      frame,
      matchReply: (message) =>
        message.unit === request.unit &&
        (accepts(message) || (message.type === 'exception' && message.function === frame[1]))
          ? ok(message)
          : null,
      timeoutMs,
      replyMayEqualFrame,
    });
    if (reply.ok) this.#hasResponded = true;
    if (!reply.ok || askedMs < lane.lateUntilMs) lane.lateUntilMs = askedMs + lateReplyMaxMs;
    return reply;
  }

  /**
   * The time from which on a lane may be read, `dueMs` or later. An answer does not say what was read: where the answers to
   * both readings have the same form, a late one would pass for the other.
   */
  #notBeforeMs(lane: Lane, dueMs: number): number {
    const { weight, status } = this.#spec.registers;
    const areAlike = status !== null && weight.words === 1 && weight.function === status.function;
    return areAlike ? Math.max(dueMs, lane.lateUntilMs) : dueMs;
  }

  #command(laneNumber: number, write: ScaleRegisterWrite | null): Promise<Result<void, DeviceFailure>> {
    const lane = this.#lanes.find((one) => one.lane === laneNumber);
    if (lane === undefined) return Promise.resolve(deviceFail('device.missing', `no lane ${laneNumber}`));
    if (write === null)
      return Promise.resolve(deviceFail('device.refused', 'this transmitter has no such command'));
    if (!this.#conversation.isOpen) return Promise.resolve(this.#conversation.disconnected());
    if (this.#calls.length >= waitingCallMax || this.#clock.monotonicMs() < lane.commandFreeMs) {
      return Promise.resolve(deviceFail('device.busy', 'earlier commands are not done with'));
    }
    return new Promise((resolve) => {
      this.#calls.push(async () => {
        resolve(await this.#write(lane, write));
      });
      this.#conversation.wake();
    });
  }

  async #write(lane: Lane, write: ScaleRegisterWrite): Promise<Result<void, DeviceFailure>> {
    const { unit } = lane;
    const { register, words } = write;
    const confirmed: { mayBeEcho: boolean } = { mayBeEcho: false };
    const values = wordsOf(write.value, words, this.#spec.registers.wordOrder);
    const reply =
      write.function === 6
        ? await this.#request(
            lane,
            { type: 'writeRegister', unit, register, value: write.value },
            (m) => {
              confirmed.mayBeEcho = this.#conversation.mayBeEcho;
              return m.type === 'registerWritten' && m.register === register && m.value === write.value;
            },
            writeTimeoutMs,
            true,
          )
        : await this.#request(
            lane,
            { type: 'writeRegisters', unit, register, values },
            (m) => m.type === 'registersWritten' && m.register === register && m.count === words,
            writeTimeoutMs,
          );
    // At once, to see what the command has done; but no earlier than a late answer would pass for the weight.
    lane.dueMs = this.#notBeforeMs(lane, this.#clock.monotonicMs());
    if (!reply.ok) {
      const mayComeLate = reply.error.code !== 'device.disconnected';
      if (mayComeLate) lane.commandFreeMs = this.#clock.monotonicMs() + lateCommandMs;
      return reply;
    }
    if (reply.value.type === 'registerWritten' && confirmed.mayBeEcho) return this.#confirmWrite(lane);
    if (reply.value.type !== 'exception') return ok();
    return deviceFail('device.refused', `the transmitter refuses (${reply.value.name})`);
  }

  /**
   * Function 6 is confirmed by the same bytes, so what came may be the request itself, given back by the line: a transmitter
   * that hears answers a read as well.
   */
  async #confirmWrite(lane: Lane): Promise<Result<void, DeviceFailure>> {
    await this.#conversation.pause(framePauseMs);
    const { weight } = this.#spec.registers;
    const read = await this.#read(lane, weight, weight.words);
    if (!read.ok) return read;
    return this.#conversation.lineEchoes
      ? deviceFail('device.protocol', 'only an echo of the request came')
      : ok();
  }

  #noteWeight(lane: Lane, weight: Weight, detail: string = weight.state === 'ok' ? '' : weight.state): void {
    lane.missCount = 0;
    lane.useless.note(weight.state === 'ok' || weight.state === 'over_limit');
    lane.detail = detail;
    lane.reporter.report(weight);
    this.#noteHealth();
  }

  /** An exception, or no answer. */
  #noteFailure(lane: Lane, reply: Reply): void {
    const nowMs = this.#clock.monotonicMs();
    if (reply.ok) {
      const name = reply.value.type === 'exception' ? reply.value.name : reply.value.type;
      lane.dueMs = nowMs + refusedPeriodMs;
      this.#noteWeight(lane, faultWeight, `answers ${name}`);
      return;
    }
    lane.missCount++;
    const isSilent = lane.missCount >= silentMissCount;
    lane.dueMs = this.#notBeforeMs(lane, nowMs + (isSilent ? silentLanePeriodMs : lateAnswerMs));
    if (isSilent) {
      this.#forget(lane);
      lane.detail = 'does not answer';
      this.#noteHealth();
    }
    this.#conversation.abortWhenSilent();
  }

  #forget(lane: Lane): void {
    lane.stayedMilligrams = null;
    lane.useless.note(true);
    lane.detail = '';
    lane.reporter.report(unknownWeight);
  }

  #isAtRest(lane: Lane, milligrams: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const stayed = lane.stayedMilligrams;
    if (stayed === null || Math.abs(milligrams - stayed) > restsWithinMilligrams) {
      lane.stayedMilligrams = milligrams;
      lane.stayedSinceMs = nowMs;
    }
    return nowMs - lane.stayedSinceMs >= restsAfterMs;
  }

  #noteHealth(): void {
    const { state, detail } = this.health();
    const text = `${state} ${detail}`;
    if (text === this.#lastHealth) return;
    this.#lastHealth = text;
    this.#events.healthChanged();
  }
}

/** One or two registers as an unsigned number. */
function numberOf(values: readonly number[], order: 'high-first' | 'low-first'): number {
  const words = order === 'high-first' ? values : [...values].reverse();
  return words.reduce((sum, word) => sum * 0x1_0000 + word, 0);
}

function wordsOf(value: number, words: 1 | 2, order: 'high-first' | 'low-first'): number[] {
  if (words === 1) return [value];
  const highFirst = [value >>> 16, value & 0xffff];
  return order === 'high-first' ? highFirst : highFirst.reverse();
}
