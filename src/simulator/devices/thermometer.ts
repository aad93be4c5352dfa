import { encodeModbusDeviceMessage, modbusHostDecoder } from '../../devices/protocol/scale-modbus.ts';
import {
  decodeTemperQuery,
  encodeTemperReading,
  temperAbsent,
  temperOuterPart,
} from '../../devices/protocol/thermometer-temper.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Emulator } from './line.ts';

export const thermometerProtocols = ['thermometer-temper', 'thermometer-modbus'] as const;
export type ThermometerProtocol = (typeof thermometerProtocols)[number];

const replyMs = 25;
const temperatureRegister = 1;
const illegalRegister = 2;

/** A thermometer inside the cabinet, as cold as it is told to be. */
export class SimulatedThermometer implements Emulator {
  readonly #protocol: ThermometerProtocol;
  readonly #clock: Clock;
  readonly #send: (frame: Uint8Array) => void;
  readonly #decoder = modbusHostDecoder();
  #cancelReply: () => void = () => undefined;
  milliC = 4_000;

  constructor(protocol: ThermometerProtocol, clock: Clock, send: (frame: Uint8Array) => void) {
    this.#protocol = protocol;
    this.#clock = clock;
    this.#send = send;
  }

  receive(bytes: Uint8Array): void {
    if (this.#protocol === 'thermometer-temper') {
      if (decodeTemperQuery(bytes).ok) this.#reply(() => this.#temperReading());
      return;
    }
    for (const message of this.#decoder.push(bytes)) {
      if (message.type !== 'readRegisters') continue;
      const { unit, function: code, register } = message;
      this.#reply(() =>
        encodeModbusDeviceMessage(
          register === temperatureRegister && code === 4
            ? { type: 'registers', unit, function: code, values: [Math.round(this.milliC / 100) & 0xffff] }
            : { type: 'exception', unit, function: code, code: illegalRegister, name: 'illegal_register' },
        ),
      );
    }
  }

  powerOff(): void {
    this.#decoder.reset();
    this.#cancelReply();
  }
  close(): void {
    this.powerOff();
  }

  #temperReading(): Uint8Array {
    const temperature = Math.round(this.milliC / 10);
    return encodeTemperReading({
      type: 'reading',
      part: temperOuterPart,
      temperature,
      humidity: temperAbsent,
      rest: 0,
    });
  }

  #reply(frame: () => Uint8Array): void {
    this.#cancelReply();
    this.#cancelReply = this.#clock.after(replyMs, () => {
      this.#send(frame());
    });
  }
}
