import { expect, it } from 'vitest';
import { MemoryLink } from './memory.ts';

async function openLink() {
  const link = new MemoryLink();
  const state = Uint8Array.of(0, 0x50, 1);
  link.playFeatures({
    set: (report) => {
      state.set(report);
      return report[0] === 0;
    },
    get: (id) => (id === 0 ? state : null),
  });
  await link.transport.open(new AbortController().signal);
  return link;
}

it('feature reports reach the device and come back, cut to what was asked for', async () => {
  const { transport, featuresSet } = await openLink();
  expect(await transport.sendFeature(Uint8Array.of(0, 0x51))).toMatchObject({ ok: true });
  expect(await transport.getFeature(0, 2)).toEqual({ ok: true, value: Uint8Array.of(0, 0x51) });
  expect(featuresSet).toEqual([Uint8Array.of(0, 0x51)]);
});

it('an unknown id, or the switch: refused', async () => {
  const link = await openLink();
  const refused = { error: { code: 'transport.io' } };
  expect(await link.transport.sendFeature(Uint8Array.of(1, 1))).toMatchObject(refused);
  expect(await link.transport.getFeature(1, 9)).toMatchObject(refused);
  link.refuseFeature = true;
  expect(await link.transport.getFeature(0, 9)).toMatchObject(refused);
});

it('deaf: said to be set, and the device knows nothing of it; stalled: never ends; spoilt on the way', async () => {
  const link = await openLink();
  link.deafDevice = true;
  expect(await link.transport.sendFeature(Uint8Array.of(0, 0x77))).toMatchObject({ ok: true });
  link.corrupt = (bytes) => bytes.map((b) => b ^ 1);
  expect(await link.transport.getFeature(0, 9)).toEqual({ ok: true, value: Uint8Array.of(1, 0x51, 0) });
  link.stallFeature = true;
  const call = link.transport.getFeature(0, 9).then(() => 'ended');
  expect(await Promise.race([call, Promise.resolve('stalled')])).toBe('stalled');
});

it('not on a link without them, nor on a closed one', async () => {
  const none = new MemoryLink();
  await none.transport.open(new AbortController().signal);
  expect(await none.transport.getFeature(0, 9)).toMatchObject({ error: { code: 'transport.unsupported' } });
  const link = await openLink();
  link.unplug();
  expect(await link.transport.sendFeature(Uint8Array.of(0))).toMatchObject({
    error: { code: 'transport.closed' },
  });
  expect(link.featuresSet).toEqual([]);
});
