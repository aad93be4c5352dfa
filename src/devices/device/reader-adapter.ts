import { withoutXpcWords } from '../../shared/epc-control-words.ts';
import type { DeviceFailure } from '../../shared/model/device.ts';
import { fail } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { StreamDecoder } from '../protocol/codec.ts';
import { isWholeEpc } from '../protocol/inventory-entry.ts';

/** What differs between tag readers, behind one shape; `TagReader` does what all of them need. `M`: device messages. */
export interface ReaderAdapter<M> {
  readonly decoder: StreamDecoder<M>;
  /**
   * `endless`: one command, then tags until a stop; `rounds`: one command, one round, and the next is asked for when it has
   * ended. Rounds need no stop, and a reader whose kiosk is gone falls silent by itself.
   */
  readonly style: 'endless' | 'rounds';
  /**
   * Region, power and the rest: once per connection, of an endless reader again whenever it may have forgotten them
   * (`isAgain`). A failure means that no inventory may be made.
   */
  setUp(request: ReaderRequest<M>, isAgain: boolean): Promise<Result<void, DeviceFailure>>;
  /** Begins the inventory (or the next round). */
  inventoryFrame(): Uint8Array;
  /** Ends an inventory. `rounds` readers are not waited for. */
  stopFrame(): Uint8Array;
  /** The reply to `stopFrame`. */
  isStopReply(message: M): boolean;
  /** Whether some reply to this command equals it byte for byte; where it is left out, none does. */
  replyMayEqual?(frame: Uint8Array): boolean;
  interpret(message: M): InterpretedMessage;
}

/** What one message says about the shelf. */
export type InterpretedMessage =
  /** `unusableCount`: tags beside them whose number says nothing (blank, cut). */
  | {
      readonly kind: 'tags';
      readonly tags: readonly InventoriedTag[];
      readonly unusableCount?: number;
      readonly endsRound: boolean;
    }
  /** A round in which no tag answered: the reader is alive and hears nothing. */
  | { readonly kind: 'empty'; readonly endsRound: boolean }
  /** The reader says that it cannot read. Never evidence of an empty shelf. */
  | { readonly kind: 'trouble'; readonly text: string }
  /** A frame that was damaged although its check fits, or that makes no sense here. */
  | { readonly kind: 'damaged'; readonly endsRound?: boolean }
  /** Nothing about tags: a late answer, a heartbeat. */
  | { readonly kind: 'other' };

export interface InventoriedTag {
  readonly epc: string;
  /** Null where the reader gives none, or gives it in a unit that is not documented. */
  readonly rssiDbm: number | null;
  /** The reader's own number of the antenna that has heard it; left out: it does not say. */
  readonly antenna?: number;
}

/** An entry of a list of tags; `antenna` null or left out: the list does not say. */
type Entry = Parameters<typeof isWholeEpc>[0] & { readonly antenna?: number | null };

/** What a list of tags says of the shelf, the unusable ones among them counted apart. */
export function inventoried(entries: readonly Entry[], endsRound: boolean): InterpretedMessage {
  const tags = entries.filter(isWholeEpc).map(({ epc, antenna }) => ({
    ...{ epc: withoutXpcWords(epc), rssiDbm: null },
    ...(typeof antenna === 'number' && { antenna }),
  }));
  return { kind: 'tags', tags, unusableCount: entries.length - tags.length, endsRound };
}

/** One command to the reader, tried up to three times; its reply, whatever it says. */
export type ReaderRequest<M> = (
  frame: Uint8Array,
  accepts: (message: M) => boolean,
) => Promise<Result<M, DeviceFailure>>;

/** A setting that the reader refuses: not one inventory is made. */
export function refused(what: string, detail: string): ReturnType<typeof fail<'device.refused'>> {
  return fail('device.refused', `the reader refuses ${what} (${detail})`);
}

/** Whether a step of the set-up may fail like this and the reader be used all the same. */
export function tolerates(
  error: Failure<string>,
  tolerated: 'nothing' | 'refusal' | 'refusal_or_silence',
): boolean {
  if (error.code === 'device.refused') return tolerated !== 'nothing';
  // Noise of an inventory that still runs is as good as silence.
  const isUnanswered = error.code === 'device.timeout' || error.code === 'device.protocol';
  return isUnanswered && tolerated === 'refusal_or_silence';
}
