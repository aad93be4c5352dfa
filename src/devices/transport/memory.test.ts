import { expect, it } from 'vitest';
import { MemoryTransport } from './memory.ts';

async function openMemoryTransport() {
  const transport = new MemoryTransport();
  const state = Uint8Array.of(0, 0x50, 1);
  transport.playFeatures({
    set: (report) => {
      state.set(report);
      return report[0] === 0;
    },
    get: (id) => (id === 0 ? state : null),
  });
  await transport.hostEnd.open(new AbortController().signal);
  return transport;
}

it('feature reports reach the device and come back, cut to what was asked for', async () => {
  const { hostEnd: transport, featuresSet } = await openMemoryTransport();
  expect(await transport.sendFeature(Uint8Array.of(0, 0x51))).toMatchObject({ ok: true });
  expect(await transport.getFeature(0, 2)).toEqual({ ok: true, value: Uint8Array.of(0, 0x51) });
  expect(featuresSet).toEqual([Uint8Array.of(0, 0x51)]);
});

it('an unknown id, or the switch: refused', async () => {
  const transport = await openMemoryTransport();
  const refused = { error: { code: 'transport.io' } };
  expect(await transport.hostEnd.sendFeature(Uint8Array.of(1, 1))).toMatchObject(refused);
  expect(await transport.hostEnd.getFeature(1, 9)).toMatchObject(refused);
  transport.refuseFeature = true;
  expect(await transport.hostEnd.getFeature(0, 9)).toMatchObject(refused);
});

it('deaf: said to be set, and the device knows nothing of it; stalled: never ends; spoilt on the way', async () => {
  const transport = await openMemoryTransport();
  transport.deafDevice = true;
  expect(await transport.hostEnd.sendFeature(Uint8Array.of(0, 0x77))).toMatchObject({ ok: true });
  transport.corrupt = (bytes) => bytes.map((b) => b ^ 1);
  expect(await transport.hostEnd.getFeature(0, 9)).toEqual({ ok: true, value: Uint8Array.of(1, 0x51, 0) });
  transport.stallFeature = true;
  const call = transport.hostEnd.getFeature(0, 9).then(() => 'ended');
  expect(await Promise.race([call, Promise.resolve('stalled')])).toBe('stalled');
});

it('not on a transport without them, nor on a closed one', async () => {
  const none = new MemoryTransport();
  await none.hostEnd.open(new AbortController().signal);
  expect(await none.hostEnd.getFeature(0, 9)).toMatchObject({ error: { code: 'transport.unsupported' } });
  const transport = await openMemoryTransport();
  transport.unplug();
  expect(await transport.hostEnd.sendFeature(Uint8Array.of(0))).toMatchObject({
    error: { code: 'transport.closed' },
  });
  expect(transport.featuresSet).toEqual([]);
});
