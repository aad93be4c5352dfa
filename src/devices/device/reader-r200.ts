import { epcBehindPc } from '../../shared/epc-control-words.ts';
import type { DeviceFailure, DeviceSpec } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { encodeRfidHostMessage, rfidDeviceDecoder, rfidNoTagError } from '../protocol/rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage } from '../protocol/rfid-r200.ts';
import { refused, tolerates } from './reader-adapter.ts';
import type { ReaderRequest, ReaderAdapter, InterpretedMessage } from './reader-adapter.ts';

type R200Spec = Extract<DeviceSpec, { protocol: 'rfid-r200' }>;

/** Rounds asked for at once. They last minutes; the inventory is re-armed long before. */
const roundCount = 10_000;
const stopCommand = 0x28;
const getQueryCommand = 0x0d;
const setQueryCommand = 0x0e;
/** The query of the factory: session 0, target A, Q 4. */
const factoryQuery = 0x1020;
/** Sel and session (2 bits each) and target (1 bit) within the query; 0 in all: every tag, session 0, target A. */
const whoAnswersBits = 0x0f80;

/** R200 / M100: a multi poll without end, stopped before settings ("send 28 and wait for BB 01 28"). */
export class R200Adapter implements ReaderAdapter<RfidDeviceMessage> {
  readonly decoder = rfidDeviceDecoder();
  readonly style = 'endless';
  readonly #spec: R200Spec;
  /** Commands that this module has not answered on this connection: they are not waited for again. */
  readonly #unanswered = new Set<number>();

  constructor(spec: R200Spec) {
    this.#spec = spec;
  }

  async setUp(
    request: ReaderRequest<RfidDeviceMessage>,
    isAgain: boolean,
  ): Promise<Result<void, DeviceFailure>> {
    if (!isAgain) this.#unanswered.clear();
    // A stopped module may refuse to stop; hopping is on from the factory, and some firmwares do not know the command.
    const steps: readonly {
      send: RfidHostMessage;
      command: number;
      tolerated: 'nothing' | 'refusal' | 'refusal_or_silence';
    }[] = [
      { send: { type: 'stop' }, command: stopCommand, tolerated: 'refusal' },
      { send: { type: 'setRegion', region: this.#spec.region }, command: 0x07, tolerated: 'nothing' },
      { send: { type: 'setHopping', on: true }, command: 0xad, tolerated: 'refusal_or_silence' },
      { send: { type: 'setPower', centiDbm: this.#spec.powerCentiDbm }, command: 0xb6, tolerated: 'nothing' },
    ];
    for (const { send, command, tolerated } of steps) {
      if (this.#unanswered.has(command)) continue;
      const reply = await request(encodeRfidHostMessage(send), (m) => answers(m, command));
      const done =
        reply.ok && reply.value.type !== 'done' ? refused(send.type, describe(reply.value)) : reply;
      if (!done.ok && !tolerates(done.error, tolerated)) return done;
      if (!reply.ok) this.#unanswered.add(command);
    }
    return this.#unanswered.has(setQueryCommand) ? ok() : this.#setSession(request);
  }

  /**
   * Session 0, target A, so that a tag answers in each round: another program may have left the module in session 2 or 3, where
   * each tag is heard once and then keeps silent, or with Sel set, where only selected tags answer. The rest of the query stays
   * as it is, where the module tells it; one that knows no such command is used as it is.
   */
  async #setSession(request: ReaderRequest<RfidDeviceMessage>): Promise<Result<void, DeviceFailure>> {
    const now = await request(encodeRfidHostMessage({ type: 'getQuery' }), answersGetQuery);
    if (!now.ok && !tolerates(now.error, 'refusal_or_silence')) return now;
    const before = now.ok && now.value.type === 'query' ? now.value.query : null;
    const query = (before ?? factoryQuery) & ~whoAnswersBits;
    if (query === before) return ok();
    const set = await request(encodeRfidHostMessage({ type: 'setQuery', query }), (m) =>
      answers(m, setQueryCommand),
    );
    if (!set.ok && !tolerates(set.error, 'refusal_or_silence')) return set;
    if (!set.ok) this.#unanswered.add(setQueryCommand);
    return ok();
  }

  inventoryFrame(): Uint8Array {
    return encodeRfidHostMessage({ type: 'pollMany', count: roundCount });
  }

  stopFrame(): Uint8Array {
    return encodeRfidHostMessage({ type: 'stop' });
  }

  isStopReply(message: RfidDeviceMessage): boolean {
    return answers(message, stopCommand);
  }

  interpret(message: RfidDeviceMessage): InterpretedMessage {
    if (message.type === 'tag') {
      // The sum is one byte; a tag whose own word count disagrees with the frame is a frame that was damaged.
      const epc = epcBehindPc(message.pc, message.epc);
      if (epc === null) return { kind: 'damaged' };
      return { kind: 'tags', tags: [{ epc, rssiDbm: message.rssiDbm }], endsRound: false };
    }
    if (message.type === 'error') {
      return message.code === rfidNoTagError
        ? { kind: 'empty', endsRound: false }
        : { kind: 'trouble', text: describe(message) };
    }
    return message.type === 'done' || message.type === 'query' ? { kind: 'other' } : { kind: 'damaged' };
  }
}

/** `done` for this command, or an error that is not the "no tag" of an inventory still running. */
function answers(message: RfidDeviceMessage, command: number): boolean {
  if (message.type === 'error') return message.code !== rfidNoTagError;
  if (message.type === 'rawReply') return message.command === command;
  return message.type === 'done' && message.command === command;
}

function answersGetQuery(message: RfidDeviceMessage): boolean {
  return message.type === 'query' || answers(message, getQueryCommand);
}

function describe(message: RfidDeviceMessage): string {
  if (message.type === 'error') return `error ${message.code.toString(16)} ${message.name}`;
  return message.type;
}
