import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import {
  encodeUhf18HostMessage,
  uhf18Cmd,
  uhf18DeviceDecoder,
  uhf18Regions,
} from '../protocol/rfid-uhfreader18.ts';
import type { Uhf18DeviceMessage, Uhf18Form, Uhf18HostMessage } from '../protocol/rfid-uhfreader18.ts';
import { inventoried, refused, tolerates } from './reader-adapter.ts';
import type { ReaderRequest, ReaderAdapter, InterpretedMessage } from './reader-adapter.ts';

type Uhf18Spec = Extract<DeviceSpec, { protocol: 'rfid-uhfreader18' }>;
interface Setting {
  readonly send: Uhf18HostMessage;
  readonly command: number;
  readonly tolerated: 'nothing' | 'refusal_or_silence';
}
type Info = Extract<Uhf18DeviceMessage, { type: 'info' }>;

/** One round lasts this long at most, in units of 100 ms; 3 is the least that the manual allows. */
const scanTime100Ms = 3;
/** Newer firmware's inventory: Q 4 (16 slots), session 0 so that a tag answers in each round, target A, antenna 1. */
const newInventory = { q: 4, session: 0, target: 0, antenna: 0x80, scanTime100Ms };
const answerMode = 0;
/** Len, address, command, status, two bytes of CRC. */
const shortestReplyBytes = 6;

/** UHFReader18 and its kin: a round per command, the settings kept by the reader and written only when they differ. */
export class UhfReader18Adapter implements ReaderAdapter<Uhf18DeviceMessage> {
  readonly decoder;
  readonly style = 'rounds';
  readonly #spec: Uhf18Spec;
  #form: Uhf18Form;

  constructor(spec: Uhf18Spec) {
    this.#spec = spec;
    this.#form = spec.form === 'new' ? 'new' : 'old';
    this.decoder = uhf18DeviceDecoder(spec.form === 'ask' ? undefined : spec.form);
  }

  async setUp(request: ReaderRequest<Uhf18DeviceMessage>): Promise<Result<void, DeviceFailure>> {
    const info = await this.#request(
      request,
      { type: 'getInfo', address: this.#spec.address },
      uhf18Cmd.getInfo,
    );
    if (!info.ok) return info;
    if (info.value.type !== 'info') return refused('getInfo', describe(info.value));
    // Newer firmware tells more about itself than the eight bytes of the old manual.
    if (this.#spec.form === 'ask') this.#form = info.value.tail === '' ? 'old' : 'new';
    const quiet = await this.#answerMode(request);
    if (!quiet.ok) return quiet;
    for (const { send, command, tolerated } of this.#settings(info.value)) {
      const reply = await this.#set(request, send, command);
      if (!reply.ok && !tolerates(reply.error, tolerated)) return reply;
    }
    return ok();
  }

  inventoryFrame(): Uint8Array {
    const { address } = this.#spec;
    return encodeUhf18HostMessage(
      this.#form === 'old'
        ? { type: 'inventory', address }
        : { type: 'inventoryNew', address, ...newInventory },
    );
  }

  stopFrame(): Uint8Array {
    return encodeUhf18HostMessage({ type: 'stop', address: this.#spec.address });
  }

  /** `Len Adr Cmd Value` looks like `Len Adr reCmd Status`; a command without data is shorter than any reply. */
  replyMayEqual(frame: Uint8Array): boolean {
    return frame.length >= shortestReplyBytes;
  }

  isStopReply(message: Uhf18DeviceMessage): boolean {
    return this.#isOurs(message) && message.type === 'status' && message.command === uhf18Cmd.stop;
  }

  interpret(message: Uhf18DeviceMessage): InterpretedMessage {
    if (!this.#isOurs(message)) return { kind: 'damaged' };
    if (message.type === 'tags') {
      const endsRound = message.status !== 3;
      if (message.tags.length === 0) return { kind: 'empty', endsRound };
      const { antenna } = message;
      return inventoried(
        message.tags.map((tag) => ({ ...tag, antenna })),
        endsRound,
      );
    }
    if (message.type === 'pushed') {
      return inventoried([message], false);
    }
    if (message.type === 'rawReply') {
      const endsRound = message.command === uhf18Cmd.inventory && message.status !== 3;
      return { kind: 'damaged', endsRound };
    }
    if (message.type !== 'status') return { kind: 'other' };
    if (message.command !== uhf18Cmd.inventory) return { kind: 'other' };
    // 01 without data, or FB: the round is over and nothing was heard. Anything else (F8: antenna) is no empty shelf.
    return message.status === 0x01 || message.status === 0xfb
      ? { kind: 'empty', endsRound: true }
      : { kind: 'trouble', text: describe(message) };
  }

  /** Tags must not be pushed: then nobody could stop the reader, and a lost kiosk would leave it radiating. */
  async #answerMode(request: ReaderRequest<Uhf18DeviceMessage>): Promise<Result<void, DeviceFailure>> {
    const { address } = this.#spec;
    if (this.#form === 'new') {
      const send = { type: 'setReadMode', address, readMode: answerMode } as const;
      const reply = await this.#set(request, send, uhf18Cmd.setReadMode);
      return reply.ok || tolerates(reply.error, 'refusal_or_silence') ? ok() : reply;
    }
    const mode = await this.#request(request, { type: 'getWorkMode', address }, uhf18Cmd.getWorkMode);
    if (!mode.ok) return tolerates(mode.error, 'refusal_or_silence') ? ok() : mode;
    if (mode.value.type !== 'workMode' || mode.value.readMode === answerMode) return ok();
    const { modeState, memInven, firstAdr, wordNum, tagTime } = mode.value;
    return this.#set(
      request,
      {
        type: 'setWorkMode',
        address,
        readMode: answerMode,
        modeState,
        memInven,
        firstAdr,
        wordNum,
        tagTime,
      },
      uhf18Cmd.setWorkMode,
    );
  }

  /** What must be told to this reader: it keeps its settings over a power cut, in a memory that wears out. */
  #settings(info: Info): Setting[] {
    const { address, region, powerCentiDbm } = this.#spec;
    const { maxFre, minFre } = uhf18Regions[region];
    const powerDbm = powerCentiDbm / 100;
    const steps: Setting[] = [];
    if (info.maxFre !== maxFre || info.minFre !== minFre) {
      const send = { type: 'setFrequency', address, maxFre, minFre } as const;
      steps.push({ send, command: uhf18Cmd.setFrequency, tolerated: 'nothing' });
    }
    if (info.powerDbm !== powerDbm) {
      const send = { type: 'setPower', address, powerDbm } as const;
      steps.push({ send, command: uhf18Cmd.setPower, tolerated: 'nothing' });
    }
    if (info.scanTime100Ms !== scanTime100Ms && this.#form === 'old') {
      const send = { type: 'setScanTime', address, scanTime100Ms } as const;
      steps.push({ send, command: uhf18Cmd.setScanTime, tolerated: 'refusal_or_silence' });
    }
    return steps;
  }

  async #set(
    request: ReaderRequest<Uhf18DeviceMessage>,
    send: Uhf18HostMessage,
    command: number,
  ): Promise<Result<void, DeviceFailure>> {
    const reply = await this.#request(request, send, command);
    if (!reply.ok) return reply;
    const isDone = reply.value.type === 'status' && reply.value.status === 0;
    return isDone ? ok() : refused(send.type, describe(reply.value));
  }

  #request(
    request: ReaderRequest<Uhf18DeviceMessage>,
    send: Uhf18HostMessage,
    command: number,
  ): Promise<Result<Uhf18DeviceMessage, DeviceFailure>> {
    return request(encodeUhf18HostMessage(send), (m) => this.#isOurs(m) && commandOf(m) === command);
  }

  #isOurs(message: Uhf18DeviceMessage): boolean {
    return this.#spec.address === 255 || message.address === this.#spec.address;
  }
}

/** The command that a reply answers; null for tags, which answer none that is waited for. */
function commandOf(message: Uhf18DeviceMessage): number | null {
  if (message.type === 'info') return uhf18Cmd.getInfo;
  if (message.type === 'workMode') return uhf18Cmd.getWorkMode;
  return message.type === 'status' || message.type === 'rawReply' ? message.command : null;
}

function describe(message: Uhf18DeviceMessage): string {
  return message.type === 'status' ? `status ${message.status.toString(16)} ${message.name}` : message.type;
}
