import type { Clock } from '../../shared/clock.ts';
import type { StreamDecoder } from '../../devices/protocol/codec.ts';
import {
  encodeSw5357DeviceMessage,
  sw5357Cmd,
  sw5357HostDecoder,
  sw5357Param,
} from '../../devices/protocol/rfid-sw5357.ts';
import type { Sw5357HostMessage } from '../../devices/protocol/rfid-sw5357.ts';
import {
  encodeUhf18DeviceMessage,
  uhf18Cmd,
  uhf18HostDecoder,
} from '../../devices/protocol/rfid-uhfreader18.ts';
import type { Uhf18HostMessage } from '../../devices/protocol/rfid-uhfreader18.ts';
import type { Emulator } from './line.ts';
import { coveredMissProbability, emptyRoundMs } from './tag-reader.ts';
import type { TagReaderOptions } from './tag-reader.ts';

const commandReplyMs = 3;
/** Strength that the reader gives each tag; its unit is not documented, and the kiosk does not use it. */
const rssi = 0x50;
/** Tags in one frame of a UHFReader18: 12-byte EPCs up to some 200 bytes, as its manual's frames are. */
const tagsPerFrame = 14;

/**
 * A reader that makes one round per command and ignores other commands meanwhile. Its settings survive a power
 * cut. A tag is read in a round when it was there at its beginning and at its end and was not missed.
 */
abstract class RoundReader<H> implements Emulator {
  readonly #options: TagReaderOptions;
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;

  constructor(options: TagReaderOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  receive(bytes: Uint8Array): void {
    for (const message of this.decoder.push(bytes)) {
      if (this.#cancel !== null) continue;
      if (this.startsRound(message)) this.#round();
      else this.#after(commandReplyMs, () => this.answer(message));
    }
  }

  powerOff(): void {
    this.decoder.reset();
    this.#cancel?.();
    this.#cancel = null;
  }

  protected abstract readonly decoder: StreamDecoder<H>;
  /** The longest round, ms. */
  protected abstract readonly roundMaxMs: number;
  protected abstract startsRound(message: H): boolean;
  protected abstract answer(message: H): Uint8Array[];
  protected abstract roundFrames(epcs: readonly string[]): Uint8Array[];

  #round(): void {
    const { random, world, readsPerSecond, missProbability } = this.#options;
    const slotMs = 1000 / readsPerSecond;
    const answering = random
      .shuffled(
        world.heard.filter((i) => !random.chance(i.covered ? coveredMissProbability : missProbability)),
      )
      .slice(0, Math.max(Math.floor(this.roundMaxMs / slotMs), 1))
      .map((item) => item.epc);
    this.#after(Math.max(answering.length * slotMs, emptyRoundMs), () =>
      this.roundFrames(answering.filter((epc) => world.heard.some((item) => item.epc === epc))),
    );
  }

  #after(delayMs: number, frames: () => Uint8Array[]): void {
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = null;
      for (const frame of frames()) this.#options.send(frame);
    });
  }
}

/** UHFReader18 and its kin, with the older or the newer firmware's inventory data. */
export class UhfReader18 extends RoundReader<Uhf18HostMessage> {
  protected readonly decoder = uhf18HostDecoder();
  readonly #form: 'old' | 'new';
  /** As sold: US band, 20 dBm, rounds of one second. */
  readonly settings = { maxFre: 0x31, minFre: 0x80, powerDbm: 20, scanTime100Ms: 10, readMode: 0 };

  constructor(options: TagReaderOptions, form: 'old' | 'new') {
    super(options);
    this.#form = form;
  }

  protected get roundMaxMs(): number {
    return this.#form === 'old' ? this.settings.scanTime100Ms * 100 : 300;
  }

  protected startsRound(message: Uhf18HostMessage): boolean {
    return message.type === (this.#form === 'old' ? 'inventory' : 'inventoryNew');
  }

  protected roundFrames(epcs: readonly string[]): Uint8Array[] {
    if (epcs.length === 0) return [this.#status(uhf18Cmd.inventory, 0xfb)];
    const frames: Uint8Array[] = [];
    for (let at = 0; at < epcs.length; at += tagsPerFrame) {
      const isNew = this.#form === 'new';
      frames.push(
        encodeUhf18DeviceMessage({
          type: 'tags',
          address: 0,
          command: 1,
          form: this.#form,
          antenna: isNew ? 1 : null,
          status: at + tagsPerFrame < epcs.length ? 3 : 1,
          tags: epcs.slice(at, at + tagsPerFrame).map((epc) => ({ epc, rssi: isNew ? rssi : null })),
        }),
      );
    }
    return frames;
  }

  protected answer(message: Uhf18HostMessage): Uint8Array[] {
    const { maxFre, minFre, powerDbm, scanTime100Ms, readMode } = this.settings;
    if (message.type === 'getInfo') {
      const info = {
        type: 'info',
        address: 0,
        version: [5, 2] as [number, number],
        readerType: 0x86,
      } as const;
      const values = { tagProtocols: 2, maxFre, minFre, powerDbm, scanTime100Ms };
      const tail = this.#form === 'old' ? '' : '01000000';
      return [encodeUhf18DeviceMessage({ ...info, ...values, tail })];
    }
    if (message.type === 'getWorkMode' && this.#form === 'old') {
      const mode = { readMode, modeState: 2, memInven: 4, firstAdr: 2, wordNum: 6, tagTime: 0 };
      const rest = { wiegand: '001E0A0F', accuracy: 0, offsetTime: 0 };
      return [encodeUhf18DeviceMessage({ type: 'workMode', address: 0, ...mode, ...rest })];
    }
    const command = message.type === 'rawCommand' ? message.command : uhf18Commands[message.type];
    return [this.#status(command, this.#set(message) ? 0x00 : 0xfe)];
  }

  #set(message: Uhf18HostMessage): boolean {
    const { settings } = this;
    switch (message.type) {
      case 'setFrequency':
        [settings.maxFre, settings.minFre] = [message.maxFre, message.minFre];
        return true;
      case 'setPower':
        settings.powerDbm = message.powerDbm;
        return true;
      case 'setScanTime':
        settings.scanTime100Ms = message.scanTime100Ms;
        return true;
      case 'setWorkMode':
      case 'setReadMode':
        if ((message.type === 'setWorkMode') !== (this.#form === 'old')) return false;
        settings.readMode = message.readMode;
        return true;
      case 'stop':
        return true;
      default:
        return false;
    }
  }

  #status(command: number, status: number): Uint8Array {
    return encodeUhf18DeviceMessage({ type: 'status', address: 0, command, status, name: '' });
  }
}

const uhf18Commands = { ...uhf18Cmd, inventoryTid: uhf18Cmd.inventory, inventoryNew: uhf18Cmd.inventory };

/** A `53 57` reader. It comes in active mode (reads unasked); that mode is not played, only left. */
export class Sw5357Reader extends RoundReader<Sw5357HostMessage> {
  protected readonly decoder = sw5357HostDecoder();
  protected readonly roundMaxMs = 500;
  readonly settings = { n1: 0x31, n2: 0x80, params: new Map<number, number>([[sw5357Param.workMode, 1]]) };

  protected startsRound(message: Sw5357HostMessage): boolean {
    return message.type === 'inventory';
  }

  protected roundFrames(epcs: readonly string[]): Uint8Array[] {
    if (epcs.length === 0) return [this.#status(sw5357Cmd.inventory, 0)];
    const tags = epcs.map((epc) => ({ tagType: 1, antenna: 1, epc, rssi }));
    return [encodeSw5357DeviceMessage({ type: 'tags', address: 0, tags })];
  }

  protected answer(message: Sw5357HostMessage): Uint8Array[] {
    const { n1, n2, params } = this.settings;
    switch (message.type) {
      case 'getParam': {
        const value = params.get(message.param) ?? 0;
        return [encodeSw5357DeviceMessage({ type: 'param', address: 0, param: message.param, value })];
      }
      case 'getFrequency':
        return [encodeSw5357DeviceMessage({ type: 'frequency', address: 0, n1, n2 })];
      case 'setParam':
        params.set(message.param, message.value);
        return [this.#status(sw5357Cmd.setParam, 1)];
      case 'setFrequency':
        [this.settings.n1, this.settings.n2] = [message.n1, message.n2];
        return [this.#status(sw5357Cmd.setFrequency, 1)];
      case 'stop':
      case 'start':
        return [this.#status(sw5357Cmd[message.type], 1)];
      default:
        return [];
    }
  }

  #status(command: number, status: number): Uint8Array {
    return encodeSw5357DeviceMessage({ type: 'status', address: 0, command, status });
  }
}

/** Both checks stand at the end. */
export function spoilLastByte(frame: Uint8Array): Uint8Array {
  return frame.map((byte, i) => (i === frame.length - 1 ? byte ^ 0x01 : byte));
}
