import type { FakeClock } from '../../shared/clock.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { encodeScaleWeight, scaleHidCodec } from '../../devices/protocol/scale-hid.ts';
import type { ScaleWeight } from '../../devices/protocol/scale-hid.ts';
import { encodeModbusDeviceMessage, modbusHostDecoder } from '../../devices/protocol/scale-modbus.ts';
import type { ModbusDeviceMessage, ModbusHostMessage } from '../../devices/protocol/scale-modbus.ts';
import type { MemoryTransport } from '../../devices/transport/memory.ts';

/** For tests: scales at the other end of memory transports. Each field is a way to misbehave. */
const stream = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'stream' } as const;

export const hidScaleSpec: DeviceSpec = {
  kind: 'scale',
  protocol: 'scale-hid',
  transport: { ...stream, framing: 'report' },
  lane: 1,
};
export const modbusScaleSpec: DeviceSpec = {
  kind: 'scale',
  protocol: 'scale-modbus',
  transport: stream,
  lanes: [
    { lane: 1, unitAddress: 1 },
    { lane: 2, unitAddress: 2 },
  ],
  registers: scaleRegisterMapDefault,
};

/** What both have in common. Loads are grams by lane; `seen` is every weight that was ever true, in milligrams. */
abstract class FakeScale {
  readonly loads = new Map<number, number>();
  readonly seen = new Set<number>([0]);
  readonly zeroCommands: string[] = [];
  silent = false;
  copies = 1;
  delayMs = 0;
  distort: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  protected readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  put(lane: number, grams: number): void {
    this.loads.set(lane, grams);
    this.seen.add(grams * 1000);
  }

  abstract attach(transport: MemoryTransport): void;

  protected send(transport: MemoryTransport, bytes: Uint8Array, afterMs: number): void {
    this.clock.after(afterMs + this.delayMs, () => {
      if (this.silent) return;
      for (let i = 0; i < this.copies; i++) transport.send(this.distort(bytes));
    });
  }
}

const reportEveryMs = 100;

/** A USB HID scale that reports each 100 ms; lane 1. */
export class FakeHidScale extends FakeScale {
  change: Partial<ScaleWeight> = {};
  /** Whether it obeys the zero command. */
  obeys = true;

  attach(transport: MemoryTransport): void {
    transport.onHostBytes((bytes) => {
      const command = scaleHidCodec.decodeHostFrame(bytes);
      if (!command.ok || !command.value.zero) return;
      this.zeroCommands.push('zero');
      if (this.obeys && !this.silent) this.loads.set(1, 0);
    });
    this.#report(transport);
  }

  #report(transport: MemoryTransport): void {
    const grams = this.loads.get(1) ?? 0;
    const weight: ScaleWeight = {
      type: 'weight',
      reportId: 3,
      status: grams === 0 ? 'zero' : 'stable',
      unit: 'gram',
      exponent: 0,
      value: grams,
      padding: 0,
      ...this.change,
    };
    this.send(transport, encodeScaleWeight(weight), 0);
    this.clock.after(reportEveryMs, () => {
      this.#report(transport);
    });
  }
}

/** Transmitters 1 and 2 with the default registers. */
export class FakeTransmitters extends FakeScale {
  readonly received: ModbusHostMessage[] = [];
  /** Units that answer. */
  units = [1, 2];
  unstable = false;
  overload = false;
  /** Exception code instead of an answer, by function. */
  refuse = new Map<number, number>();
  /** Answers as if it were this unit. */
  answersAs: number | null = null;
  /** The line gives back each byte that the host writes. */
  echoes = false;
  /** How an echo arrives: pieces, 4 ms apart. */
  cutEcho: (frame: Uint8Array) => Uint8Array[] = (frame) => [frame];
  requestsInFlight = 0;
  requestsInFlightMax = 0;

  attach(transport: MemoryTransport): void {
    const decoder = modbusHostDecoder();
    transport.onHostBytes((bytes) => {
      if (this.echoes) {
        this.cutEcho(bytes).forEach((piece, i) => {
          if (i === 0) transport.send(piece);
          else
            this.clock.after(i * 4, () => {
              transport.send(piece);
            });
        });
      }
      for (const message of decoder.push(bytes)) this.#answer(transport, message);
    });
  }

  #answer(transport: MemoryTransport, message: ModbusHostMessage): void {
    this.received.push(message);
    if (!this.units.includes(message.unit)) return;
    if (message.type === 'writeRegisters') this.zeroCommands.push(`${message.unit}:${message.register}`);
    this.requestsInFlightMax = Math.max(this.requestsInFlightMax, ++this.requestsInFlight);
    this.clock.after(25, () => {
      this.requestsInFlight--;
      const answer = this.#answerTo(message);
      this.send(transport, encodeModbusDeviceMessage({ ...answer, unit: this.answersAs ?? answer.unit }), 0);
    });
  }

  #answerTo(message: ModbusHostMessage): ModbusDeviceMessage {
    const { unit } = message;
    const code =
      message.type === 'readRegisters' ? message.function : message.type === 'writeRegister' ? 6 : 16;
    const refused = this.refuse.get(code);
    if (refused !== undefined) return { type: 'exception', unit, function: code, code: refused, name: '' };
    if (message.type === 'writeRegister') return { ...message, type: 'registerWritten' };
    if (message.type === 'writeRegisters') {
      if (!this.silent) this.loads.set(unit, 0);
      return { type: 'registersWritten', unit, register: message.register, count: message.values.length };
    }
    const grams = this.loads.get(unit) ?? 0;
    const flags = (this.unstable ? 0x20 : 0) | (this.overload ? 0x40 : 0);
    const values = message.register === 8 ? [flags] : [(grams >> 16) & 0xffff, grams & 0xffff];
    return { type: 'registers', unit, function: message.function, values: values.slice(-message.count) };
  }
}
