import { describe, expect, it } from 'vitest';
import { ok } from '../../shared/result.ts';
import { bad, decodeWhole, needMore, ResyncDecoder } from './codec.ts';
import type { FrameScanner, StreamDecoder } from './codec.ts';
import { fuzzProtocol } from './fuzz.ts';
import type { FuzzFinding } from './fuzz.ts';
import type { Protocol, ProtocolDirection } from './protocol-entry.ts';
import { protocols } from './protocols.ts';

/** The long run (`npm run fuzz`, `npm run bench`) has a million each. */
const frameCount = 3000;
const seed = 20_261_123;
const nowMs = (): number => 0;

describe('random and damaged frames', () => {
  it.each(protocols)('$name', (protocol) => {
    for (const report of fuzzProtocol(protocol, { frameCount, seed, nowMs })) {
      expect(report.findings).toEqual([]);
      expect(report.frameCount).toBe(frameCount);
      // Some of it must have got through to what the bytes mean, or nothing behind the checks was tried.
      const hasExamples = protocol.directions[report.direction].examples.length > 0;
      if (hasExamples) expect(report.acceptedCount).toBeGreaterThan(0);
    }
  });

  it('are the same for the same seed, and others for another', () => {
    const accepted = (one: number): number[] =>
      protocols.flatMap((p) =>
        fuzzProtocol(p, { frameCount: 500, seed: one, nowMs }).map((r) => r.acceptedCount),
      );
    expect(accepted(1)).toEqual(accepted(1));
    expect(accepted(1)).not.toEqual(accepted(2));
  });
});

/** Frames `AA n` with a message of n; n = 13 is broken in the way of the case. */
describe('what is wrong is found', () => {
  const scan: FrameScanner<unknown> = (held) => {
    if (held[0] !== 0xaa) return bad('codec.bad_head', 'not AA');
    return held.length < 2 ? needMore : { kind: 'frame', length: 2, message: { n: held[1] } };
  };
  const sound: ProtocolDirection = {
    decode: (bytes) => decodeWhole(scan, bytes),
    encode: (json) => ok(Uint8Array.of(0xaa, (json as { n: number }).n)),
    makeDecoder: () => new ResyncDecoder(scan, 2),
    examples: [{ n: 1 }, { n: 2 }],
  };
  const kinds = (change: Partial<ProtocolDirection>): Set<FuzzFinding['kind']> => {
    const direction = { ...sound, ...change };
    const protocol: Protocol = {
      name: 'toy',
      frameMaxBytes: 2,
      lineFramesPerSecond: 1,
      certainty: 'low',
      experimental: true,
      note: '',
      directions: { 'host-to-device': direction, 'device-to-host': direction },
    };
    const reports = fuzzProtocol(protocol, { frameCount, seed, nowMs });
    return new Set(reports.flatMap((r) => r.findings.map((f) => f.kind)));
  };
  /** The sound decoder, but for what the case changes; 13 somewhere in the bytes sets it off. */
  const spoilt = (spoil: (inner: StreamDecoder<unknown>) => Partial<StreamDecoder<unknown>>) => ({
    makeDecoder: (): StreamDecoder<unknown> => {
      const inner = sound.makeDecoder?.();
      if (inner === undefined) throw new Error('the toy is a stream');
      return {
        push: (bytes) => inner.push(bytes),
        flush: () => inner.flush(),
        reset: () => inner.reset(),
        heldByteCount: 0,
        stats: inner.stats,
        ...spoil(inner),
      };
    },
  });

  it('nothing, when nothing is', () => {
    expect(kinds({})).toEqual(new Set());
    expect(kinds({ makeDecoder: null })).toEqual(new Set());
  });

  it('a throw', () => {
    const push = (inner: StreamDecoder<unknown>, bytes: Uint8Array): unknown[] => {
      if (bytes.includes(13)) throw new Error('unlucky');
      return inner.push(bytes);
    };
    expect(kinds(spoilt((inner) => ({ push: (bytes) => push(inner, bytes) })))).toEqual(new Set(['threw']));
  });

  it('a decoder that piles up, or that keeps something over a gap', () => {
    expect(kinds(spoilt(() => ({ heldByteCount: 3 })))).toEqual(new Set(['held', 'not_empty']));
    expect(kinds(spoilt(() => ({ heldByteCount: 1 })))).toEqual(new Set(['not_empty']));
  });

  it('a decoder that goes deaf', () => {
    const deafened = spoilt((inner) => {
      let isDeaf = false;
      const push = (bytes: Uint8Array): unknown[] => {
        isDeaf ||= bytes.includes(13);
        return isDeaf ? [] : inner.push(bytes);
      };
      return { push };
    });
    expect(kinds(deafened)).toEqual(new Set(['lost']));
  });

  it('a message that cannot be said again', () => {
    const encode = (json: unknown) => {
      const { n } = json as { n: number };
      return ok(Uint8Array.of(0xaa, n === 13 ? 12 : n));
    };
    expect(kinds({ encode })).toEqual(new Set(['unsayable']));
  });
});
