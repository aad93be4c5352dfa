import { describe, expect, test } from 'vitest';
import { deviceTroubleSchema } from '../../../../shared/model/device.ts';
import { draw, textOf } from '../../testing/draw.tsx';
import { snapshotOf } from '../../testing/snapshots.ts';

const noLock = { screen: 'out_of_service', reason: 'lock_unreachable', sinceMs: 0 } as const;

describe('each trouble of a device has words of its own for the staff: what it is, what to do', () => {
  test.each(['zh', 'en'] as const)('%s', (language) => {
    const texts = deviceTroubleSchema.shape.code.options.map((code) => {
      const html = draw(snapshotOf(noLock, { deviceTrouble: { kind: 'lock', code } }), language);
      const note = /data-code="([^"]*)"[^>]*>([^<]*)</.exec(html);
      expect(note?.[1]).toBe(code);
      expect(note?.[2]?.length).toBeGreaterThan(15);
      expect(note?.[2]).not.toMatch(/service\.|undefined|\{\{/);
      return note?.[2];
    });
    expect(new Set(texts).size).toBe(texts.length);
  });
});

test('no device in trouble: nothing for the staff', () => {
  expect(textOf(draw(snapshotOf(noLock)))).not.toContain('工作人员：');
});
