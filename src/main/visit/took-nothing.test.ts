import { afterEach, expect, test } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

test('who was shown an empty list, and so told that nothing is charged, finds nothing on their charge', async () => {
  rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  rig.start();
  await rig.run(60_000);
  // Two bottles stand in the shadow of a can from now on: nobody has touched them.
  const silent = new Set(tagsOf(2));
  for (const reader of rig.readers) reader.hears = (epc) => !silent.has(epc);
  await rig.run(60_000);
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  // The shopper looks, and takes nothing.
  await rig.run(10_000);
  expect(rig.loop.visit).toMatchObject({
    state: 'shopping',
    context: { basket: { itemCount: 0, totalMinor: 0 } },
  });
  expect(namedOf(await rig.shut())).toBe(0);
  expect(rig.loop.visit.state).toBe('nothingCharged');
});
