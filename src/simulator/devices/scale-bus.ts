import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { encodeModbusDeviceMessage, modbusHostDecoder } from '../../devices/protocol/scale-modbus.ts';
import type { ModbusDeviceMessage, ModbusHostMessage } from '../../devices/protocol/scale-modbus.ts';
import type { World } from '../world.ts';
import type { Emulator } from './line.ts';
import type { ScaleManners } from './scale-manners.ts';
import { scaleSettleMs } from './scale.ts';

export interface ScaleBusOptions {
  readonly clock: Clock;
  readonly world: World;
  readonly manners: ScaleManners;
  /** One whole frame towards the kiosk. */
  readonly send: (frame: Uint8Array) => void;
}

/** 8 bytes there and 9 back at 9600 Bd are 18 ms; the rest is the transmitter's own time. */
export const busReplyMs = 25;
/** Registers of the transmitters (github aje/scale-docs): 8 flags, 38 zero calibration, 80 weight, 82 net, 84 tare. */
const statusRegister = 8;
const zeroRegister = 38;
const weightRegister = 80;
const netRegister = 82;
const tareRegister = 84;
const tareNow = 0x7fff_ffff;
const unstableBit = 1 << 5;
const overflowBit = 1 << 6;
const shelfLimitG = 20_000;
const illegalRegister = 2;

interface Transmitter {
  zeroG: number;
  tareG: number;
  loadG: number;
  movedMs: number;
}

/** A load-cell transmitter under each shelf on one RS485 bus: unit n weighs shelf n, in grams. */
export class ScaleBus implements Emulator {
  readonly #options: ScaleBusOptions;
  readonly #decoder = modbusHostDecoder();
  readonly #units: readonly Transmitter[];
  readonly #stopWatching: () => void;
  #cancelReply: () => void = () => undefined;

  constructor(options: ScaleBusOptions) {
    this.#options = options;
    const { world, clock } = options;
    this.#units = Array.from({ length: world.shelfCount }, (_, i) => ({
      zeroG: 0,
      tareG: 0,
      loadG: world.gramsInside(i + 1),
      movedMs: Number.NEGATIVE_INFINITY,
    }));
    this.#stopWatching = world.onChange(() => {
      this.#units.forEach((unit, i) => {
        const loadG = world.gramsInside(i + 1);
        if (loadG === unit.loadG) return;
        Object.assign(unit, { loadG, movedMs: clock.monotonicMs() });
      });
    });
  }

  get unitCount(): number {
    return this.#units.length;
  }

  /** Requests come one at a time on such a bus; one that comes while another is answered puts that one out. */
  receive(bytes: Uint8Array): void {
    for (const message of this.#decoder.push(bytes)) {
      const unit = this.#units[message.unit - 1];
      if (unit === undefined) continue;
      this.#cancelReply();
      this.#cancelReply = this.#options.clock.after(busReplyMs, () => {
        this.#options.send(encodeModbusDeviceMessage(this.#obey(message, unit)));
      });
    }
  }

  /** Zero and tare are kept in its memory. */
  powerOff(): void {
    this.#decoder.reset();
    this.#cancelReply();
  }

  close(): void {
    this.powerOff();
    this.#stopWatching();
  }

  #obey(message: ModbusHostMessage, unit: Transmitter): ModbusDeviceMessage {
    const { unit: address, register } = message;
    const refuse = (code: number): ModbusDeviceMessage => ({
      type: 'exception',
      unit: address,
      function: code,
      code: illegalRegister,
      name: 'illegal_register',
    });
    switch (message.type) {
      case 'readRegisters': {
        const words = this.#registers(unit, register, message.count);
        return words === null
          ? refuse(message.function)
          : { type: 'registers', unit: address, function: message.function, values: words };
      }
      case 'writeRegister':
        return refuse(6);
      case 'writeRegisters': {
        const [high = 0, low = 0] = message.values;
        const value = high * 0x1_0000 + low;
        if (message.values.length !== 2) return refuse(16);
        if (register === zeroRegister) Object.assign(unit, { zeroG: unit.loadG, tareG: 0 });
        else if (register === tareRegister)
          unit.tareG = value === tareNow ? unit.loadG - unit.zeroG : value | 0;
        else return refuse(16);
        return { type: 'registersWritten', unit: address, register, count: 2 };
      }
      default:
        return unreachable(message);
    }
  }

  #registers(unit: Transmitter, register: number, count: number): number[] | null {
    const shelf = this.#units.indexOf(unit) + 1;
    const { manners } = this.#options;
    if (register === statusRegister && count === 1) {
      const isMoving =
        manners.isShaking(shelf) || this.#options.clock.monotonicMs() - unit.movedMs < scaleSettleMs;
      return [(isMoving ? unstableBit : 0) | (unit.loadG > shelfLimitG ? overflowBit : 0)];
    }
    if (count !== 2 || (register !== weightRegister && register !== netRegister)) return null;
    const weightG = manners.weigh(shelf, unit.loadG - unit.zeroG);
    return wordsOf(register === netRegister ? weightG - unit.tareG : weightG);
  }
}

function wordsOf(value: number): number[] {
  return [(value >>> 16) & 0xffff, value & 0xffff];
}

/** The last two bytes are the CRC. */
export function spoilModbusCheck(frame: Uint8Array): Uint8Array {
  return frame.map((byte, i) => (i === frame.length - 1 ? byte ^ 0x01 : byte));
}
