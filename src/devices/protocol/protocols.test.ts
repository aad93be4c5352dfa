import { describe, expect, it } from 'vitest';
import { measureDecoders } from './decode-bench.ts';
import type { Direction } from './codec.ts';
import { protocolNamed, protocols } from './protocols.ts';

const ways = protocols.flatMap((protocol) =>
  (['host-to-device', 'device-to-host'] satisfies Direction[]).map((direction) => ({
    ...{ name: protocol.name, direction, way: protocol.ways[direction], max: protocol.frameMaxBytes },
  })),
);

describe('the list of protocols', () => {
  it('has each name once, and finds it', () => {
    expect(new Set(protocols.map((one) => one.name)).size).toBe(protocols.length);
    for (const one of protocols) expect(protocolNamed(one.name)).toBe(one);
    expect(protocolNamed('lock-9b')).toBeUndefined();
  });

  it.each(ways)('$name $direction: its examples are frames of the stated length', ({ way, max }) => {
    for (const example of way.examples) {
      const frame = way.encode(example);
      expect(frame).toMatchObject({ ok: true });
      if (!frame.ok) continue;
      expect(frame.value.length).toBeLessThanOrEqual(max);
      expect(way.decode(frame.value)).toEqual({ ok: true, value: example });
      if (way.makeDecoder === null) continue;
      const decoder = way.makeDecoder();
      expect([...decoder.push(frame.value), ...decoder.flush()]).toEqual([example]);
    }
  });

  it.each(ways)('$name $direction: a message that fits no schema is refused', ({ way }) => {
    expect(way.encode({ type: 'nothing of the kind' })).toMatchObject({
      error: { code: 'codec.bad_message' },
    });
  });

  it('can be measured: each protocol of which the device sends anything', () => {
    let nowMs = 0;
    const rates = measureDecoders(() => nowMs++, 3);
    const speaking = protocols.filter((one) => one.ways['device-to-host'].examples.length > 0);
    expect(rates.map((r) => r.protocol)).toEqual(speaking.map((one) => one.name));
    for (const one of rates) expect(one.framesPerSecond).toBeGreaterThan(0);
  });
});
