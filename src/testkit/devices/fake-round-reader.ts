import type { FakeClock } from '../../shared/clock.ts';
import type { DeviceSpec } from '../../shared/model/device.ts';
import type { StreamDecoder } from '../../devices/protocol/codec.ts';
import {
  encodeSw5357DeviceMessage,
  sw5357Cmd,
  sw5357HostDecoder,
  sw5357Param,
} from '../../devices/protocol/rfid-sw5357.ts';
import type { Sw5357DeviceMessage, Sw5357HostMessage } from '../../devices/protocol/rfid-sw5357.ts';
import {
  encodeUhf18DeviceMessage,
  uhf18Cmd,
  uhf18HostDecoder,
} from '../../devices/protocol/rfid-uhfreader18.ts';
import type { Uhf18DeviceMessage, Uhf18HostMessage } from '../../devices/protocol/rfid-uhfreader18.ts';
import type { MemoryTransport } from '../../devices/transport/memory.ts';

const transport = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'stream' } as const;
export const uhf18Spec = {
  kind: 'tag-reader',
  protocol: 'rfid-uhfreader18',
  transport,
  address: 0,
  form: 'ask',
  region: 'china-900',
  powerCentiDbm: 2600,
} as const satisfies DeviceSpec;
export const sw5357Spec = {
  kind: 'tag-reader',
  protocol: 'rfid-sw5357',
  transport,
  region: 'china-900',
  powerCentiDbm: 2600,
} as const satisfies DeviceSpec;

/** A reader that makes one round per command, with tags before it. Each field is a way to misbehave. */
abstract class FakeRoundReader<H extends { type: string }> {
  tags: string[] = [];
  silent = false;
  /** Settings are answered with "no". */
  refuses = false;
  /** The antenna is broken: the reader says so (or nothing, where its protocol has no word for it). */
  antennaBroken = false;
  /** By which antenna it hears its tags: one bit of a byte. */
  antenna = 1;
  /** How often each frame is sent. */
  copies = 1;
  roundMs = 40;
  /** How long a setting takes. */
  replyMs = 5;
  readonly received: H[] = [];
  readonly clock: FakeClock;
  #isBusy = false;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  attach(transport: MemoryTransport): void {
    const decoder = this.makeDecoder();
    const send = (frame: Uint8Array): void => {
      if (this.silent) return;
      for (let i = 0; i < this.copies; i++) transport.send(frame);
    };
    transport.onHostBytes((bytes) => {
      for (const message of decoder.push(bytes)) {
        this.received.push(message);
        // "During the execution of one command, the reader ignores all other command data received."
        if (this.silent || this.#isBusy) continue;
        this.#isBusy = true;
        const isRound = this.isInventory(message);
        this.clock.after(isRound ? this.roundMs : this.replyMs, () => {
          this.#isBusy = false;
          for (const frame of isRound ? this.round() : this.answer(message)) send(frame);
        });
      }
    });
  }

  inventoryCount(): number {
    return this.received.filter((m) => this.isInventory(m)).length;
  }
  types(): string[] {
    return this.received.map((m) => m.type);
  }

  protected abstract makeDecoder(): StreamDecoder<H>;
  protected abstract isInventory(message: H): boolean;
  protected abstract answer(message: H): Uint8Array[];
  protected abstract round(): Uint8Array[];
}

export class FakeUhf18 extends FakeRoundReader<Uhf18HostMessage> {
  form: 'old' | 'new' = 'old';
  maxFre = 0x31;
  minFre = 0x80;
  powerDbm = 20;
  scanTime100Ms = 10;
  readMode = 0;

  protected makeDecoder(): StreamDecoder<Uhf18HostMessage> {
    return uhf18HostDecoder();
  }
  protected isInventory(message: Uhf18HostMessage): boolean {
    return message.type === (this.form === 'old' ? 'inventory' : 'inventoryNew');
  }

  protected round(): Uint8Array[] {
    if (this.antennaBroken) return [this.#status(uhf18Cmd.inventory, 0xf8)];
    if (this.tags.length === 0) return [this.#status(uhf18Cmd.inventory, 0xfb)];
    // Four tags a frame, as many frames as it takes: status 3, and 1 for the last.
    const frames: Uint8Array[] = [];
    for (let at = 0; at < this.tags.length; at += 4) {
      const isLast = at + 4 >= this.tags.length;
      const rssi = this.form === 'old' ? null : 0x50;
      frames.push(
        encodeUhf18DeviceMessage({
          type: 'tags',
          address: 0,
          command: 1,
          status: isLast ? 1 : 3,
          form: this.form,
          antenna: this.form === 'old' ? null : this.antenna,
          tags: this.tags.slice(at, at + 4).map((epc) => ({ epc, rssi })),
        }),
      );
    }
    return frames;
  }

  protected answer(m: Uhf18HostMessage): Uint8Array[] {
    const { maxFre, minFre, powerDbm, scanTime100Ms, readMode } = this;
    if (m.type === 'getInfo') {
      return [
        this.#frame({
          type: 'info',
          address: 0,
          version: [5, 2],
          readerType: 0x86,
          tagProtocols: 2,
          maxFre,
          minFre,
          powerDbm,
          scanTime100Ms,
          tail: this.form === 'old' ? '' : '01000000',
        }),
      ];
    }
    if (m.type === 'getWorkMode' && this.form === 'old') {
      const rest = { modeState: 2, memInven: 4, firstAdr: 2, wordNum: 6, tagTime: 0 };
      const tail = { accuracy: 0, offsetTime: 0 };
      return [this.#frame({ type: 'workMode', address: 0, wiegand: '001E0A0F', readMode, ...rest, ...tail })];
    }
    const command = m.type === 'rawCommand' ? m.command : commandOf[m.type];
    return [this.#status(command, this.#set(m))];
  }

  #set(m: Uhf18HostMessage): number {
    if (this.refuses) return 0xfe;
    if (m.type === 'setFrequency') [this.maxFre, this.minFre] = [m.maxFre, m.minFre];
    else if (m.type === 'setPower') this.powerDbm = m.powerDbm;
    else if (m.type === 'setScanTime') this.scanTime100Ms = m.scanTime100Ms;
    else if (m.type === 'setWorkMode' && this.form === 'old') this.readMode = m.readMode;
    else if (m.type === 'setReadMode' && this.form === 'new') this.readMode = m.readMode;
    else return 0xfe;
    return 0;
  }

  #frame(message: Uhf18DeviceMessage): Uint8Array {
    return encodeUhf18DeviceMessage(message);
  }
  #status(command: number, status: number): Uint8Array {
    return this.#frame({ type: 'status', address: 0, command, status, name: '' });
  }
}

const commandOf = { ...uhf18Cmd, inventoryTid: 0x01, inventoryNew: 0x01 } as const;

export class FakeSw5357 extends FakeRoundReader<Sw5357HostMessage> {
  /** Active, as from the factory. */
  workMode = 1;
  powerDbm = 20;
  n1 = 0x31;
  n2 = 0x80;

  protected makeDecoder(): StreamDecoder<Sw5357HostMessage> {
    return sw5357HostDecoder();
  }
  protected isInventory(message: Sw5357HostMessage): boolean {
    return message.type === 'inventory';
  }

  protected round(): Uint8Array[] {
    const tags = this.antennaBroken ? [] : this.tags;
    if (tags.length === 0) return [this.#status(sw5357Cmd.inventory, 0)];
    return [
      this.#frame({
        type: 'tags',
        address: 0,
        tags: tags.map((epc) => ({ tagType: 1, antenna: this.antenna, epc, rssi: 0x49 })),
      }),
    ];
  }

  protected answer(m: Sw5357HostMessage): Uint8Array[] {
    const { n1, n2 } = this;
    if (m.type === 'getParam') {
      const value = m.param === sw5357Param.power ? this.powerDbm : this.workMode;
      return [this.#frame({ type: 'param', address: 0, param: m.param, value })];
    }
    if (m.type === 'getFrequency') return [this.#frame({ type: 'frequency', address: 0, n1, n2 })];
    const isDone = !this.refuses;
    if (isDone && m.type === 'setFrequency') [this.n1, this.n2] = [m.n1, m.n2];
    if (isDone && m.type === 'setParam' && m.param === sw5357Param.power) this.powerDbm = m.value;
    if (isDone && m.type === 'setParam' && m.param === sw5357Param.workMode) this.workMode = m.value;
    const command = m.type === 'rawCommand' ? m.command : swCommandOf[m.type];
    return [this.#status(command, isDone ? 1 : 0)];
  }

  #frame(message: Sw5357DeviceMessage): Uint8Array {
    return encodeSw5357DeviceMessage(message);
  }
  #status(command: number, status: number): Uint8Array {
    return this.#frame({ type: 'status', address: 0, command, status });
  }
}

const swCommandOf = { ...sw5357Cmd, confirmActive: sw5357Cmd.activeTags } as const;
