import { describe, expect, test } from 'vitest';
import { type PictureFault, pictureFaults } from '../../testkit/core/seen-shelf.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { DrawnGoodsView, drawnCamera } from './drawn-goods-view.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A whole cabinet with tags, scales and a camera inside that fails, dies or lies at each moment of a visit (ADR 0162). */
const testTimeoutMs = 60_000;
const { operator } = await startOperatorForFile();

const moments = ['before anybody comes', 'while the door is open', 'once the door is shut'] as const;
const faults = [...(Object.keys(pictureFaults) as PictureFault[]), 'dead', 'lying'] as const;

async function visit(
  fault: (typeof faults)[number] | null,
  when: (typeof moments)[number],
): Promise<{ billed: string[]; held: string[]; camera: string; wrong: string[] }> {
  const harness = await CabinetHarness.open(operator, {
    simulator: { devices: { scale: 'scale-modbus' } },
    isWeighed: true,
    cameras: [drawnCamera],
  });
  try {
    const view = new DrawnGoodsView(harness);
    const fail = (now: (typeof moments)[number]): void => {
      if (now !== when || fault === null) return;
      if (fault === 'dead') {
        view.isDead = true;
        harness.process.kiosk.shelfCameras.viewGone();
      } else if (fault === 'lying') view.isLying = true;
      else view.fault = fault;
    };
    await harness.sleep(2_000);
    fail('before anybody comes');
    await harness.enter();
    await harness.sleep(1_000);
    fail('while the door is open');
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    harness.shopper.shut();
    fail('once the door is shut');
    await harness.waitState('receipt', 'nothingCharged');
    const { bill } = harness.context;
    const of = (lines: readonly { sku: string; count: number }[] = []): string[] =>
      lines.map(({ sku, count }) => `${count} ${sku}`);
    await harness.waitState('attract', 'outOfService');
    await harness.waitSettled();
    const camera = harness.process.kiosk.shelfCameras.health[0]?.detail ?? '';
    const wrong = await harness.audit();
    return { billed: of(bill?.lines), held: of(bill?.heldLines), camera, wrong };
  } finally {
    await harness.close();
  }
}

test('with a camera that sees: billed, and the camera is well', { timeout: testTimeoutMs }, async () => {
  expect(await visit(null, 'before anybody comes')).toEqual({
    ...{ billed: ['1 cola-can'], held: [], camera: '', wrong: [] },
  });
});

describe.each(moments)('%s', (when) => {
  test.each(faults)(
    'its camera is %s: what tags and scales are sure of is billed, and nothing else',
    { timeout: testTimeoutMs },
    async (fault) => {
      const { billed, held, camera, wrong } = await visit(fault, when);
      if (fault === 'lying') expect([...billed, ...held]).toEqual(['1 cola-can']);
      else expect({ billed, held }).toEqual({ billed: ['1 cola-can'], held: [] });
      expect(wrong).toEqual([]);
      // Staff is told. A camera that has moved is known by how it stood in visits before (shelf-cameras.test.ts).
      const isSeen = fault !== 'lying' && fault !== 'turned';
      if (isSeen) expect(camera).toMatch(/^camera\./);
    },
  );
});
