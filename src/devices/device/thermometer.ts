import type { Clock } from '../../shared/clock.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { milliCelsiusMax, milliCelsiusMin } from '../../shared/model/thermometer.ts';
import { ok } from '../../shared/result.ts';
import { encodeModbusHostMessage, modbusDeviceDecoder } from '../protocol/scale-modbus.ts';
import type { ModbusDeviceMessage } from '../protocol/scale-modbus.ts';
import {
  decodeTemperReading,
  encodeTemperQuery,
  temperAbsent,
  temperOuterPart,
} from '../protocol/thermometer-temper.ts';
import type { TemperReading } from '../protocol/thermometer-temper.ts';
import { Conversation, type FrameDecoder, reportDecoder } from './conversation.ts';
import type { Driver, DriverHealth, DriverTransport } from './driver.ts';
import { UselessRun } from './useless-run.ts';

export type ThermometerSpec = Extract<DeviceSpec, { kind: 'thermometer' }>;

/** A shelf warms in minutes. */
export const temperaturePeriodMs = 5_000;
export const temperatureTimeoutMs = 1_000;
/** Misses in a row after which it is silent. */
export const silentMissCount = 3;
/** Misses in a row after which the connection is made anew. */
const reconnectMissCount = 10;

export interface ThermometerEvents {
  /** Thousandths of a degree. */
  temperature(milliCelsius: number, atMs: number): void;
  healthChanged(): void;
}

/** What is asked, and what an answer says. */
interface Dialect<M> {
  readonly decoder: FrameDecoder<M>;
  readonly frame: Uint8Array;
  readonly isHalfDuplex: boolean;
  /** Thousandths of a degree; null: no temperature; undefined: no answer to this. */
  read(message: M): number | null | undefined;
}

export function makeThermometer(spec: ThermometerSpec, clock: Clock, events: ThermometerEvents): Driver {
  return spec.protocol === 'thermometer-temper'
    ? new Thermometer(temperDialect(spec), clock, events)
    : new Thermometer(modbusDialect(spec), clock, events);
}

/** One thermometer, asked now and then. */
class Thermometer<M> implements Driver {
  readonly kind = 'thermometer';
  readonly #dialect: Dialect<M>;
  readonly #clock: Clock;
  readonly #events: ThermometerEvents;
  readonly #conversation: Conversation<M>;
  #useless = new UselessRun();
  #missCount = 0;

  constructor(dialect: Dialect<M>, clock: Clock, events: ThermometerEvents) {
    this.#dialect = dialect;
    this.#clock = clock;
    this.#events = events;
    this.#conversation = new Conversation({
      name: 'the thermometer',
      clock,
      decoder: dialect.decoder,
      isHalfDuplex: dialect.isHalfDuplex,
      // A second report of the same reading, or a late answer.
      classify: () => 'push',
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  start(transport: DriverTransport): void {
    this.#missCount = 0;
    this.#useless = new UselessRun();
    this.#conversation.start(transport);
    void this.#run(this.#conversation.connection);
  }

  stop(): void {
    if (this.#conversation.isOpen) this.#conversation.stop();
  }

  receive(bytes: Uint8Array): void {
    this.#conversation.receive(bytes);
  }

  health(): DriverHealth {
    return this.#conversation.health();
  }

  async #run(connection: number): Promise<void> {
    while (this.#conversation.isUp(connection)) {
      const { frame } = this.#dialect;
      const reply = await this.#conversation.exchange<number | null>({
        frame,
        timeoutMs: temperatureTimeoutMs,
        matchReply: (message) => {
          const milliCelsius = this.#dialect.read(message);
          return milliCelsius === undefined ? null : ok(milliCelsius);
        },
      });
      if (!this.#conversation.isUp(connection)) return;
      if (reply.ok) this.#note(reply.value);
      else this.#noteMiss();
      if (!this.#conversation.isUp(connection)) return;
      await this.#conversation.sleep(temperaturePeriodMs);
    }
  }

  #noteMiss(): void {
    this.#missCount++;
    if (this.#missCount >= silentMissCount)
      this.#conversation.setState('silent', 'the thermometer does not answer');
    // A stick or an adapter that hangs comes to itself when it is opened anew.
    if (this.#missCount >= reconnectMissCount) this.#conversation.abort('no answer');
  }

  #note(milliCelsius: number | null): void {
    this.#missCount = 0;
    const isOne = milliCelsius !== null && milliCelsius >= milliCelsiusMin && milliCelsius <= milliCelsiusMax;
    this.#useless.note(isOne);
    if (this.#useless.isError)
      this.#conversation.setState('error', 'it says what is no temperature', 'fault.unreadable');
    else if (isOne) this.#conversation.setState('ready', '');
    if (isOne) this.#events.temperature(milliCelsius, this.#clock.monotonicMs());
  }
}

function temperDialect({
  countsPerDegree,
  sensor,
}: Extract<ThermometerSpec, { protocol: 'thermometer-temper' }>): Dialect<TemperReading> {
  return {
    decoder: reportDecoder(decodeTemperReading),
    frame: encodeTemperQuery(),
    isHalfDuplex: false,
    read: ({ part, temperature }) => {
      if ((part === temperOuterPart) !== (sensor === 'outer')) return undefined;
      return temperature === temperAbsent ? null : Math.round((temperature * 1000) / countsPerDegree);
    },
  };
}

function modbusDialect({
  unitAddress: unit,
  register,
}: Extract<ThermometerSpec, { protocol: 'thermometer-modbus' }>): Dialect<ModbusDeviceMessage> {
  const { function: code, register: at, milliCelsiusPerCount } = register;
  return {
    decoder: modbusDeviceDecoder(),
    frame: encodeModbusHostMessage({ type: 'readRegisters', unit, function: code, register: at, count: 1 }),
    isHalfDuplex: true,
    read: (message) => {
      if (message.type !== 'registers' && message.type !== 'exception') return undefined;
      if (message.unit !== unit || message.function !== code) return undefined;
      if (message.type === 'exception') return null;
      const [raw = 0, ...more] = message.values;
      if (more.length > 0) return undefined;
      return ((raw << 16) >> 16) * milliCelsiusPerCount;
    },
  };
}
