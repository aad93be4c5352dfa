import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

function makeRig(options: Partial<ConstructorParameters<typeof CabinetRig>[0]> = {}): CabinetRig {
  const rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95, ...options });
  rigs.push(rig);
  return rig;
}
/** Two readers: the second alone hears the first six tags. */
function makeTwo(): CabinetRig {
  const rig = makeRig({ ids: ['tag-reader-1', 'tag-reader-2'] });
  const seconds = new Set(tagsOf(6));
  const [first, second] = rig.readers;
  if (first !== undefined) first.hears = (epc) => !seconds.has(epc);
  if (second !== undefined) second.hears = (epc) => seconds.has(epc);
  return rig;
}
function lose(rig: CabinetRig, state: 'disconnected' | 'silent' | 'error'): void {
  const last = rig.readers.at(-1);
  if (last !== undefined) last.state = state;
  rig.health();
}
const states = ['disconnected', 'silent', 'error'] as const;

it.each(states)('of two readers the second is %s: what it alone heard is held, not billed', async (state) => {
  const rig = makeTwo();
  await rig.begin();
  await rig.run(1_000);
  lose(rig, state);
  await rig.run(10_000);
  expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  expect(rig.loop.readerTrouble).toBe(true);
  const bill = await rig.shut();
  expect(bill?.totalMinor).toBe(0);
  expect(namedOf(bill)).toBe(6);
});

it.each(states)(
  'the second is %s, and its reports never named it: nothing silent is billed',
  async (state) => {
    const rig = makeRig();
    // All that is read comes from "some reader": the second is in health alone.
    rig.readers.push({ id: 'tag-reader-2', readsPerSecond: 0, p: 0, hears: () => false, state: 'ready' });
    await rig.begin();
    await rig.run(1_000);
    for (const epc of tagsOf(6)) rig.inside.delete(epc);
    lose(rig, state);
    await rig.run(10_000);
    const bill = await rig.shut();
    expect(bill).toMatchObject({ totalMinor: 0, review: ['recognition.reader_lost'] });
  },
);

it('what the reader that is left hears is billed as ever', async () => {
  const rig = makeTwo();
  await rig.begin();
  await rig.run(1_000);
  lose(rig, 'disconnected');
  for (const epc of tagsOf(8).slice(6)) rig.inside.delete(epc);
  await rig.run(10_000, () => rig.loop.visit.context.basket.itemCount === 2);
  expect((await rig.shut())?.totalMinor).toBe(200);
});

it('nobody is let in before each reader has been heard', async () => {
  const rig = makeTwo();
  lose(rig, 'disconnected');
  rig.start();
  // Within the grace time after a start devices are taken on trust.
  await rig.run(5_000);
  expect(await rig.scan()).toBe(false);
});
