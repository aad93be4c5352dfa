import type { Clock } from '../../shared/clock.ts';
import {
  encodeRfidDeviceMessage,
  rfidHostDecoder,
  rfidNoTagError,
} from '../../devices/protocol/rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage, RfidRegion } from '../../devices/protocol/rfid-r200.ts';
import type { SeededRandom } from '../../shared/random.ts';
import type { Item, World } from '../world.ts';
import type { Emulator } from './line.ts';

export interface TagReaderOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly world: World;
  /** One whole frame towards the kiosk. */
  readonly send: (frame: Uint8Array) => void;
  /** Tags per second over the air, all together. */
  readonly readsPerSecond: number;
  /** How probably a tag in the field is not read in one round. */
  readonly missProbability: number;
}

export const defaultReadsPerSecond = 200;
export const defaultMissProbability = 0.04;
/** A tag behind a hand or a can comes through about once in ten rounds. */
export const coveredMissProbability = 0.9;
/** A round in which nothing answers. */
export const emptyRoundMs = 20;
const commandReplyMs = 3;
/** `FF/17`: command error. */
const badCommandError = 0x17;

/** Settings that a power cut resets (the module keeps nothing that we send it). */
interface Settings {
  region: RfidRegion;
  powerCentiDbm: number;
  hopping: boolean;
  channel: number;
  query: number;
  demodulator: { mixerGain: number; ifGain: number; threshold: number };
}

function factorySettings(): Settings {
  return {
    region: 'china-900',
    powerCentiDbm: 2600,
    hopping: true,
    channel: 1,
    query: 0x1020,
    demodulator: { mixerGain: 3, ifGain: 6, threshold: 0x01b0 },
  };
}

/** What one inventory still has to do: `rounds` counts down; a single poll is one round. */
interface Inventory {
  rounds: number;
  /** Tags that will answer in this round, in the order of their slots. */
  slots: string[];
  heardInRound: number;
  dueAtMs: number;
}

/** A UHF module of the R200 family, as the other end of its wire. */
export class TagReader implements Emulator {
  readonly #options: TagReaderOptions;
  readonly #decoder = rfidHostDecoder();
  readonly #rssi = new Map<string, number>();
  #settings = factorySettings();
  #inventory: Inventory | null = null;
  #cancelSlot: () => void = () => undefined;
  #replyTimers = new Set<() => void>();

  constructor(options: TagReaderOptions) {
    this.#options = options;
  }

  get settings(): Readonly<Settings> {
    return this.#settings;
  }
  get isPolling(): boolean {
    return this.#inventory !== null;
  }

  receive(bytes: Uint8Array): void {
    for (const message of this.#decoder.push(bytes)) this.#obey(message);
  }

  powerOff(): void {
    this.#decoder.reset();
    this.#settings = factorySettings();
    this.#endInventory();
    for (const cancel of this.#replyTimers) cancel();
    this.#replyTimers.clear();
  }

  #obey(message: RfidHostMessage): void {
    if (message.type === 'stop') {
      this.#endInventory();
      this.#reply({ type: 'done', command: 0x28 });
    } else if (message.type === 'pollOnce') {
      this.#startInventory(1);
    } else if (message.type === 'pollMany') {
      this.#startInventory(message.count);
    } else if (this.#inventory === null) {
      this.#reply(this.#set(message) ?? this.#get(message) ?? badCommand);
    }
    // Else: in a multi poll the module takes nothing but 28 (docs/hardware.md#r200).
  }

  /** Commands that change something; `null` when it is none of them. */
  #set(message: RfidHostMessage): RfidDeviceMessage | null {
    switch (message.type) {
      case 'setRegion':
        this.#settings.region = message.region;
        return { type: 'done', command: 0x07 };
      case 'setPower':
        this.#settings.powerCentiDbm = message.centiDbm;
        return { type: 'done', command: 0xb6 };
      case 'setHopping':
        this.#settings.hopping = message.on;
        return { type: 'done', command: 0xad };
      case 'setChannel':
        this.#settings.channel = message.channel;
        return { type: 'done', command: 0xab };
      case 'setQuery':
        this.#settings.query = message.query;
        return { type: 'done', command: 0x0e };
      case 'setDemodulator': {
        const { mixerGain, ifGain, threshold } = message;
        this.#settings.demodulator = { mixerGain, ifGain, threshold };
        return { type: 'done', command: 0xf0 };
      }
      default:
        return null;
    }
  }

  #get(message: RfidHostMessage): RfidDeviceMessage | null {
    switch (message.type) {
      case 'getInfo':
        return { type: 'info', what: message.what, text: infoTexts[message.what] };
      case 'getRegion':
        return { type: 'region', region: this.#settings.region };
      case 'getPower':
        return { type: 'power', centiDbm: this.#settings.powerCentiDbm };
      case 'getChannel':
        return { type: 'channel', channel: this.#settings.channel };
      case 'getQuery':
        return { type: 'query', query: this.#settings.query };
      case 'getDemodulator':
        return { type: 'demodulator', ...this.#settings.demodulator };
      default:
        return null;
    }
  }

  #reply(message: RfidDeviceMessage): void {
    const cancel = this.#options.clock.after(commandReplyMs, () => {
      this.#replyTimers.delete(cancel);
      this.#options.send(encodeRfidDeviceMessage(message));
    });
    this.#replyTimers.add(cancel);
  }

  #startInventory(rounds: number): void {
    this.#endInventory();
    if (rounds === 0) return;
    const dueAtMs = this.#options.clock.monotonicMs();
    this.#inventory = { rounds, slots: [], heardInRound: 0, dueAtMs };
    this.#startRound(this.#inventory);
  }

  #endInventory(): void {
    this.#cancelSlot();
    this.#inventory = null;
  }

  #startRound(inventory: Inventory): void {
    const { random, world, readsPerSecond } = this.#options;
    inventory.heardInRound = 0;
    inventory.slots = random
      .shuffled(world.heard.filter((item) => !random.chance(this.#missProbability(item))))
      .map((item) => item.epc);
    this.#wait(inventory, inventory.slots.length === 0 ? emptyRoundMs : 1000 / readsPerSecond);
  }

  /** Due times add up, so that late timers of a busy machine do not lower the rate. */
  #wait(inventory: Inventory, ms: number): void {
    inventory.dueAtMs += ms;
    const { clock } = this.#options;
    this.#cancelSlot = clock.after(inventory.dueAtMs - clock.monotonicMs(), () => {
      this.#slot(inventory);
    });
  }

  /** One slot of the round: one tag answers (if it is still inside), or the round is over. */
  #slot(inventory: Inventory): void {
    const epc = inventory.slots.shift();
    if (epc !== undefined && this.#options.world.heard.some((item) => item.epc === epc)) {
      inventory.heardInRound++;
      this.#options.send(encodeRfidDeviceMessage(this.#notice(epc)));
    }
    if (inventory.slots.length > 0) {
      this.#wait(inventory, 1000 / this.#options.readsPerSecond);
      return;
    }
    if (inventory.heardInRound === 0) this.#options.send(encodeRfidDeviceMessage(noTag));
    inventory.rounds--;
    if (inventory.rounds > 0) this.#startRound(inventory);
    else this.#endInventory();
  }

  #missProbability(item: Item): number {
    return item.covered ? coveredMissProbability : this.#options.missProbability;
  }

  #notice(epc: string): RfidDeviceMessage {
    const { random } = this.#options;
    const base = this.#rssi.get(epc) ?? random.between(-66, -46);
    this.#rssi.set(epc, base);
    // PC word: EPC length in words in its top five bits (Gen2); the rest 0.
    const pc = (epc.length / 4) << 11;
    const rssiDbm = base + random.between(-3, 3);
    return { type: 'tag', notice: 0x22, rssiDbm, pc, epc, crc: gen2Crc16(pc, epc) };
  }
}

const infoTexts = { hardware: 'M100 V1.00', software: 'V2.3.5', maker: 'MagicRf' } as const;
const noTag: RfidDeviceMessage = { type: 'error', code: rfidNoTagError, name: 'no_tag', tail: '' };
const badCommand: RfidDeviceMessage = { type: 'error', code: badCommandError, name: 'bad_command', tail: '' };

/** The CRC that a Gen2 tag sends after PC and EPC: CRC-16/GENIBUS (poly 1021, preset FFFF, inverted), ISO 18000-63 Annex F. */
export function gen2Crc16(pc: number, epc: string): number {
  let crc = 0xffff;
  for (const byte of [pc >> 8, pc & 0xff, ...Buffer.from(epc, 'hex')]) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    crc &= 0xffff;
  }
  return crc ^ 0xffff;
}

/** The sum stands before the end mark. */
export function spoilRfidCheck(frame: Uint8Array): Uint8Array {
  return frame.map((byte, i) => (i === frame.length - 2 ? byte ^ 0x01 : byte));
}
