import { assert } from '../../shared/assert.ts';
import { concatBytes, toHex } from './codec.ts';
import type { Direction } from './codec.ts';
import type { Protocol, ProtocolDirection } from './protocol-entry.ts';

/**
 * Random and damaged frames for every protocol, from a seed: whatever comes, a codec does not throw, holds no more than
 * its longest frame, hands out only messages that it can say again, and finds the next good frame.
 */
export interface FuzzReport {
  readonly protocol: string;
  readonly direction: Direction;
  readonly frameCount: number;
  readonly framesPerSecond: number;
  /** Damaged input out of which a message came all the same (random bytes may be a frame, a flip may be harmless). */
  readonly acceptedCount: number;
  readonly findingCount: number;
  /** The first `findingMax` of them. */
  readonly findings: readonly FuzzFinding[];
}

export interface FuzzFinding {
  /**
   * `threw`; `held` more than the longest frame; `not_empty` after a flush; `lost` the next good frame; `unsayable`: a
   * message that its own schema refuses or that encodes to something else.
   */
  readonly kind: 'threw' | 'held' | 'not_empty' | 'lost' | 'unsayable';
  /** The bytes that did it. */
  readonly hex: string;
  readonly detail: string;
}

export const findingMax = 20;
/** Random input is mostly short, so that much of it ends in the middle of something. */
const noiseUsualMaxBytes = 48;
/** One input in so many is followed by good frames without a gap: the decoder must get through by itself. */
const noGapEvery = 16;
/** So many frames in a row that fit by chance are believed. */
const falseFrameMax = 2;

/** Both directions of a protocol, `frameCount` inputs each. `nowMs` is a monotonic clock, for the rate only. */
export function fuzzProtocol(
  protocol: Protocol,
  options: { readonly frameCount: number; readonly seed: number; readonly nowMs: () => number },
): FuzzReport[] {
  return (['host-to-device', 'device-to-host'] as const).map((direction) => {
    const run = new FuzzRun(protocol.directions[direction], protocol.frameMaxBytes, options.seed);
    const startMs = options.nowMs();
    for (let i = 0; i < options.frameCount; i++) run.once(i);
    const tookMs = Math.max(options.nowMs() - startMs, 1);
    return {
      protocol: protocol.name,
      direction,
      frameCount: options.frameCount,
      framesPerSecond: Math.round((options.frameCount * 1000) / tookMs),
      acceptedCount: run.acceptedCount,
      findingCount: run.findingCount,
      findings: run.findings,
    };
  });
}

interface Good {
  readonly bytes: Uint8Array;
  readonly message: string;
  /** A stream hands it out as soon as its last byte is there; others need the gap. */
  readonly isImmediate: boolean;
}

/** One direction: makes the inputs and judges what comes of them. */
class FuzzRun {
  readonly findings: FuzzFinding[] = [];
  findingCount = 0;
  acceptedCount = 0;
  readonly #direction: ProtocolDirection;
  readonly #maxBytes: number;
  readonly #random: Xorshift;
  readonly #goods: readonly Good[];

  constructor(direction: ProtocolDirection, maxBytes: number, seed: number) {
    this.#direction = direction;
    this.#maxBytes = maxBytes;
    this.#random = new Xorshift(seed);
    this.#goods = direction.examples.map((example) => this.#goodOf(example));
  }

  once(index: number): void {
    const input = this.#input();
    try {
      if (this.#direction.makeDecoder === null) this.#decodeOne(input);
      else if (index % noGapEvery === 0) this.#streamWithoutGap(input);
      else this.#stream(input);
    } catch (error) {
      this.#find('threw', input, String(error));
    }
  }

  #goodOf(example: unknown): Good {
    const frame = this.#direction.encode(example);
    assert(frame.ok, 'an example fits its schema');
    const isImmediate = this.#direction.makeDecoder?.().push(frame.value).length === 1;
    return { bytes: frame.value, message: JSON.stringify(example), isImmediate };
  }

  /** Reports: each stands alone. */
  #decodeOne(input: Uint8Array): void {
    const message = this.#direction.decode(input);
    if (message.ok) this.#judge(input, [message.value]);
    const good = this.#anyGood();
    if (good === null) return;
    const next = this.#direction.decode(good.bytes);
    if (!next.ok || JSON.stringify(next.value) !== good.message) {
      this.#find('lost', input, toHex(good.bytes));
    }
  }

  /** Damage, a quiet gap, a good frame. */
  #stream(input: Uint8Array): void {
    const decoder = this.#direction.makeDecoder?.();
    if (decoder === undefined) return;
    const cut = this.#random.below(input.length + 1);
    const found = decoder.push(input.subarray(0, cut));
    found.push(...decoder.push(input.subarray(cut)));
    if (decoder.heldByteCount > this.#maxBytes) this.#find('held', input, `${decoder.heldByteCount} bytes`);
    found.push(...decoder.flush());
    if (decoder.heldByteCount > 0) this.#find('not_empty', input, `${decoder.heldByteCount} bytes`);
    this.#judge(input, found);
    const good = this.#anyGood();
    if (good === null) return;
    const next = [...decoder.push(good.bytes), ...decoder.flush()];
    if (next.length !== 1 || JSON.stringify(next[0]) !== good.message) {
      this.#find('lost', input, toHex(good.bytes));
    }
  }

  /**
   * Damage and good frames right after it: one comes out before more than the longest frame (and one) has passed. Where a
   * checksum fits by chance (one in 65,536 for two bytes) a false frame has eaten into the good ones, and it counts from there.
   */
  #streamWithoutGap(input: Uint8Array): void {
    const decoder = this.#direction.makeDecoder?.();
    const good = this.#anyGood();
    if (decoder === undefined || good?.isImmediate !== true) return;
    this.#judge(input, decoder.push(input));
    let chances = falseFrameMax;
    for (let passed = 0; passed <= this.#maxBytes + 2 * good.bytes.length; passed += good.bytes.length) {
      const found = decoder.push(good.bytes);
      if (decoder.heldByteCount > this.#maxBytes) this.#find('held', input, `${decoder.heldByteCount} bytes`);
      if (found.some((message) => JSON.stringify(message) === good.message)) return;
      if (found.length > 0 && chances-- > 0) passed = 0;
    }
    this.#find('lost', input, `without a gap: ${toHex(good.bytes)}`);
  }

  /** What came out must be a message of the schema, and encode to a frame that means the same. */
  #judge(input: Uint8Array, messages: readonly unknown[]): void {
    if (messages.length > 0) this.acceptedCount++;
    for (const message of messages) {
      const text = JSON.stringify(message);
      const bytes = this.#direction.encode(message);
      const again = bytes.ok ? this.#direction.decode(bytes.value) : bytes;
      if (!again.ok) this.#find('unsayable', input, `${text}: ${again.error.message}`);
      else if (JSON.stringify(again.value) !== text) this.#find('unsayable', input, text);
    }
  }

  #find(kind: FuzzFinding['kind'], input: Uint8Array, detail: string): void {
    this.findingCount++;
    if (this.findings.length < findingMax) this.findings.push({ kind, hex: toHex(input), detail });
  }

  #anyGood(): Good | null {
    return this.#goods[this.#random.below(this.#goods.length)] ?? null;
  }

  #input(): Uint8Array {
    const random = this.#random;
    const good = this.#anyGood();
    // Reports have one length: without it they are refused at once and nothing behind that is tried.
    const length =
      random.below(8) === 0 && good !== null
        ? good.bytes.length
        : random.below(Math.min(noiseUsualMaxBytes, 2 * this.#maxBytes) + 1);
    if (good === null || random.below(4) === 0) return random.bytes(length);
    const damaged = this.#damaged(good.bytes);
    if (random.below(6) > 0) return damaged;
    const other = this.#anyGood()?.bytes ?? damaged;
    return concatBytes(damaged, random.below(2) === 0 ? other : this.#damaged(other));
  }

  /** One to three of: a byte replaced, a bit flipped, a byte lost, a byte too many, the end cut off, the beginning cut off. */
  #damaged(frame: Uint8Array): Uint8Array {
    const random = this.#random;
    let bytes: Uint8Array = frame.slice();
    for (let times = 1 + random.below(3); times > 0; times--) {
      const at = random.below(bytes.length);
      const old = bytes[at] ?? 0;
      switch (random.below(8)) {
        case 0:
        case 1:
          bytes[at] = random.below(256);
          break;
        case 2:
        case 3:
          bytes[at] = old ^ (1 << random.below(8));
          break;
        case 4:
          bytes = concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1));
          break;
        case 5:
          bytes = concatBytes(
            concatBytes(bytes.subarray(0, at), Uint8Array.of(random.below(256))),
            bytes.subarray(at),
          );
          break;
        case 6:
          bytes = bytes.slice(0, at);
          break;
        default:
          bytes = bytes.slice(at);
      }
    }
    return bytes;
  }
}

/** xorshift32 (Marsaglia): quick, and the same everywhere for the same seed. */
class Xorshift {
  #state: number;

  constructor(seed: number) {
    // Zero would stay zero.
    this.#state = seed | 0 || 1;
  }

  /** 0 … n − 1 (0 for n = 0). */
  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return n === 0 ? 0 : (this.#state >>> 0) % n;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
