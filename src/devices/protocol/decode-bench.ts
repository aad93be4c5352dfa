import { assert } from '../../shared/assert.ts';
import { concatBytes } from './codec.ts';
import { protocols } from './protocols.ts';
import type { ProtocolDirection } from './protocol-entry.ts';

export interface DecodeRate {
  readonly protocol: string;
  readonly framesPerSecond: number;
  /** What the fastest line of this kind can carry, for comparison. */
  readonly lineFramesPerSecond: number;
}

const lumpFrames = 50;

/** Decodes what the device of each protocol sends, for about `perProtocolMs` each. `nowMs` is a monotonic clock. */
export function measureDecoders(nowMs: () => number, perProtocolMs: number): DecodeRate[] {
  return protocols.flatMap(({ name, directions: ways, lineFramesPerSecond }) => {
    const run = decodeLump(ways['device-to-host']);
    if (run === null) return [];
    return { protocol: name, framesPerSecond: rate(nowMs, perProtocolMs, run), lineFramesPerSecond };
  });
}

/** Decodes a lump of frames and says how many came out; null when the device sends nothing. */
function decodeLump(direction: ProtocolDirection): (() => number) | null {
  const [example] = direction.examples;
  if (example === undefined) return null;
  const frame = direction.encode(example);
  assert(frame.ok, 'an example fits its schema');
  const { value } = frame;
  const decoder = direction.makeDecoder?.();
  if (decoder !== undefined) {
    const lump = Array.from({ length: lumpFrames }, () => value).reduce(concatBytes);
    return () => decoder.push(lump).length;
  }
  return () => {
    let decoded = 0;
    for (let i = 0; i < lumpFrames; i++) if (direction.decode(value).ok) decoded++;
    return decoded;
  };
}

function rate(nowMs: () => number, durationMs: number, run: () => number): number {
  const startMs = nowMs();
  let frames = 0;
  while (nowMs() - startMs < durationMs) frames += run();
  return Math.round((frames * 1000) / (nowMs() - startMs));
}
