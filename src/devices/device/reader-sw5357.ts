import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import {
  encodeSw5357HostMessage,
  sw5357Cmd,
  sw5357DeviceDecoder,
  sw5357Param,
  sw5357Regions,
} from '../protocol/rfid-sw5357.ts';
import type { Sw5357DeviceMessage, Sw5357HostMessage } from '../protocol/rfid-sw5357.ts';
import { inventoried, refused, tolerates } from './reader-adapter.ts';
import type { ReaderRequest, ReaderAdapter, InterpretedMessage } from './reader-adapter.ts';

type Sw5357Spec = Extract<DeviceSpec, { protocol: 'rfid-sw5357' }>;
type Request = ReaderRequest<Sw5357DeviceMessage>;

/** Any reader on the line answers. */
const anyAddress = 255;
const answerMode = 0;

/** `53 57` readers in answer mode: a round per command, the settings kept by the reader and written only when they differ. */
export class Sw5357Adapter implements ReaderAdapter<Sw5357DeviceMessage> {
  readonly decoder = sw5357DeviceDecoder();
  readonly style = 'rounds';
  readonly #spec: Sw5357Spec;

  constructor(spec: Sw5357Spec) {
    this.#spec = spec;
  }

  async setUp(request: Request): Promise<Result<void, DeviceFailure>> {
    // In active mode (the factory's) it reads without being asked: first quiet, then the mode, then the rest.
    const stopped = await this.#set(request, { type: 'stop', address: anyAddress }, sw5357Cmd.stop);
    if (!stopped.ok && !tolerates(stopped.error, 'refusal')) return stopped;
    const mode = await this.#setParam(request, sw5357Param.workMode, answerMode);
    if (!mode.ok) return mode;
    const region = await this.#setRegion(request);
    if (!region.ok) return region;
    return this.#setParam(request, sw5357Param.power, this.#spec.powerCentiDbm / 100);
  }

  inventoryFrame(): Uint8Array {
    return encodeSw5357HostMessage({ type: 'inventory', address: anyAddress });
  }

  stopFrame(): Uint8Array {
    return encodeSw5357HostMessage({ type: 'stop', address: anyAddress });
  }

  isStopReply(message: Sw5357DeviceMessage): boolean {
    return message.type === 'status' && message.command === sw5357Cmd.stop;
  }

  interpret(message: Sw5357DeviceMessage): InterpretedMessage {
    switch (message.type) {
      case 'tags':
      case 'activeTags': {
        const endsRound = message.type === 'tags';
        if (message.tags.length === 0) return { kind: 'empty', endsRound };
        return inventoried(message.tags, endsRound);
      }
      case 'status':
        if (message.command !== sw5357Cmd.inventory) return { kind: 'other' };
        // "No tag" is all that the manual lets a failed inventory say; any other word is no empty shelf.
        return message.status === 0
          ? { kind: 'empty', endsRound: true }
          : { kind: 'trouble', text: `status ${message.status.toString(16)}` };
      case 'rawReply':
        return { kind: 'damaged', endsRound: message.command === sw5357Cmd.inventory };
      default:
        return { kind: 'other' };
    }
  }

  /** Asks for the value and sets it when it is another: the reader keeps it in a memory that wears out. */
  async #setParam(request: Request, param: number, value: number): Promise<Result<void, DeviceFailure>> {
    const get = { type: 'getParam', address: anyAddress, param } as const;
    const now = await this.#request(request, get, sw5357Cmd.getParam);
    if (!now.ok) return now;
    if (now.value.type === 'param' && now.value.param === param && now.value.value === value) return ok();
    return this.#set(request, { type: 'setParam', address: anyAddress, param, value }, sw5357Cmd.setParam);
  }

  async #setRegion(request: Request): Promise<Result<void, DeviceFailure>> {
    const { n1, n2 } = sw5357Regions[this.#spec.region];
    const now = await this.#request(
      request,
      { type: 'getFrequency', address: anyAddress },
      sw5357Cmd.getFrequency,
    );
    if (!now.ok) return now;
    if (now.value.type === 'frequency' && now.value.n1 === n1 && now.value.n2 === n2) return ok();
    return this.#set(request, { type: 'setFrequency', address: anyAddress, n1, n2 }, sw5357Cmd.setFrequency);
  }

  async #set(
    request: Request,
    send: Sw5357HostMessage,
    command: number,
  ): Promise<Result<void, DeviceFailure>> {
    const reply = await this.#request(request, send, command);
    if (!reply.ok) return reply;
    const isDone = reply.value.type === 'status' && reply.value.status === 1;
    return isDone ? ok() : refused(send.type, 'status 0');
  }

  #request(
    request: Request,
    send: Sw5357HostMessage,
    command: number,
  ): Promise<Result<Sw5357DeviceMessage, DeviceFailure>> {
    return request(encodeSw5357HostMessage(send), (m) => commandOf(m) === command);
  }
}

/** The command that a reply answers; null for tags and what comes unasked. */
function commandOf(message: Sw5357DeviceMessage): number | null {
  if (message.type === 'param') return sw5357Cmd.getParam;
  if (message.type === 'frequency') return sw5357Cmd.getFrequency;
  return message.type === 'status' || message.type === 'rawReply' ? message.command : null;
}
