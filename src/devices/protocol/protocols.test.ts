import { describe, expect, it } from 'vitest';
import { measureDecoders } from './decode-bench.ts';
import type { Direction } from './codec.ts';
import { protocolNamed, protocols } from './protocols.ts';

const directions = protocols.flatMap((protocol) =>
  (['host-to-device', 'device-to-host'] satisfies Direction[]).map((direction) => ({
    name: protocol.name,
    direction,
    codec: protocol.directions[direction],
    max: protocol.frameMaxBytes,
  })),
);

describe('the list of protocols', () => {
  it('has each name once, and finds it', () => {
    expect(new Set(protocols.map((one) => one.name)).size).toBe(protocols.length);
    for (const one of protocols) expect(protocolNamed(one.name)).toBe(one);
    expect(protocolNamed('lock-9b')).toBeUndefined();
  });

  it.each(directions)('$name $direction: its examples are frames of the stated length', ({ codec, max }) => {
    for (const example of codec.examples) {
      const frame = codec.encode(example);
      expect(frame).toMatchObject({ ok: true });
      if (!frame.ok) continue;
      expect(frame.value.length).toBeLessThanOrEqual(max);
      expect(codec.decode(frame.value)).toEqual({ ok: true, value: example });
      if (codec.makeDecoder === null) continue;
      const decoder = codec.makeDecoder();
      expect([...decoder.push(frame.value), ...decoder.flush()]).toEqual([example]);
    }
  });

  it.each(directions)('$name $direction: a message that fits no schema is refused', ({ codec }) => {
    expect(codec.encode({ type: 'nothing of the kind' })).toMatchObject({
      error: { code: 'codec.bad_message' },
    });
  });

  it('can be measured: each protocol of which the device sends anything', () => {
    let nowMs = 0;
    const rates = measureDecoders(() => nowMs++, 3);
    const withExamples = protocols.filter((one) => one.directions['device-to-host'].examples.length > 0);
    expect(rates.map((r) => r.protocol)).toEqual(withExamples.map((one) => one.name));
    for (const one of rates) expect(one.framesPerSecond).toBeGreaterThan(0);
  });
});
