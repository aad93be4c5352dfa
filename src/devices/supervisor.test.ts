import { describe, expect, it } from 'vitest';
import { cabinetDevicesSchema } from '../shared/model/device.ts';
import type { DeviceKind } from '../shared/model/device.ts';
import { encodeScan } from './protocol/scanner-hid-pos.ts';
import { lockSpec, readerSpec, DeviceHarness, scannerSpec } from '../testkit/devices/device-harness.ts';

const kinds: DeviceKind[] = ['lock', 'tag-reader', 'code-scanner'];
const epc = 'E200001D7315016521408FC6';

async function cabinet(): Promise<DeviceHarness> {
  const harness = new DeviceHarness();
  harness.reader.tags = [epc];
  await harness.up();
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(3000);
  harness.messages.length = 0;
  return harness;
}

/** The devices other than `hurt` do their work now. */
async function expectOthersWork(harness: DeviceHarness, hurt: DeviceKind): Promise<void> {
  harness.messages.length = 0;
  if (hurt !== 'code-scanner') {
    for (const report of encodeScan({ layout: 'standard', text: 'hello', aim: ']Q1' })) {
      harness.transport('code-scanner').send(report);
    }
    expect(harness.of('code').length).toBe(1);
  }
  if (hurt !== 'lock') {
    harness.board.feedback = 0;
    await harness.clock.advance(150);
    expect(harness.doors()).toEqual(['open']);
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('ok');
  }
  await harness.clock.advance(500);
  if (hurt !== 'tag-reader') expect(harness.of('tags').length).toBeGreaterThanOrEqual(5);
}

describe('one device cannot hurt the others', () => {
  it.each(kinds)('%s floods: cut off by name, the others work', async (kind) => {
    const harness = await cabinet();
    const noise = new Uint8Array(1024).fill(0x80);
    for (let i = 0; i < 60; i++) {
      if (harness.transport(kind).isOpen) harness.transport(kind).send(noise);
      await harness.clock.advance(5);
    }
    const detail = harness
      .of('health')
      .flatMap((m) => m.devices.filter((d) => d.kind === kind).map((d) => d.detail));
    expect(detail.some((text) => text.startsWith('flooding'))).toBe(true);
    await expectOthersWork(harness, kind);
  });

  it.each(kinds)('%s stalls (writes hang, nothing comes): the others work', async (kind) => {
    const harness = await cabinet();
    harness.players[kind] = (transport) => {
      transport.stallWrite = true;
      transport.muteDevice = true;
    };
    harness.transport(kind).stallWrite = true;
    harness.transport(kind).muteDevice = true;
    await harness.clock.advance(8000);
    await expectOthersWork(harness, kind);
  });

  it.each(kinds)('%s is unplugged: the others work, it comes back within a second', async (kind) => {
    const harness = await cabinet();
    harness.transport(kind).unplug();
    await harness.clock.advance(0);
    expect(harness.health(kind)).toBe('disconnected');
    await expectOthersWork(harness, kind);
    await harness.clock.advance(1000);
    expect(harness.health(kind)).toBe('ready');
  });

  it.each(kinds)(
    '%s cannot be opened (hangs): ended after 3 s, tried again, the others work',
    async (kind) => {
      const harness = await cabinet();
      harness.players[kind] = (transport) => {
        transport.stallOpen = true;
      };
      harness.transport(kind).unplug();
      await harness.clock.advance(10_000);
      expect(harness.transports[kind].length).toBeGreaterThanOrEqual(4);
      expect(harness.transports[kind].length).toBeLessThanOrEqual(6);
      await expectOthersWork(harness, kind);
    },
  );
});

describe('reconnecting', () => {
  it('backs off from 100 ms to 5 s, and begins anew after a good connection', async () => {
    const harness = new DeviceHarness();
    let isRefused = true;
    harness.players.lock = (transport) => {
      transport.refuseOpen = isRefused;
      if (!isRefused) harness.board.attach(transport);
    };
    await harness.up([lockSpec]);
    await harness.clock.advance(60_000);
    // 0, .1, .3, .7, 1.5, 3.1, 6.3, 11.3, 16.3 … 56.3 s
    expect(harness.transports.lock.length).toBe(17);
    // Why is logged once, not with each try.
    expect(harness.logged.filter((event) => event === 'device.not_opened').length).toBe(1);
    isRefused = false;
    await harness.clock.advance(10_000);
    expect(harness.health('lock')).toBe('ready');
    harness.transport('lock').unplug();
    await harness.clock.advance(300);
    expect(harness.health('lock')).toBe('ready');
  });

  it('a connection that ends at once counts as bad: it does not spin', async () => {
    const harness = new DeviceHarness();
    harness.players.lock = (transport) => {
      harness.clock.after(0, () => {
        transport.unplug();
      });
    };
    await harness.up([lockSpec]);
    await harness.clock.advance(60_000);
    expect(harness.transports.lock.length).toBeLessThanOrEqual(17);
  });
});

describe('plugged in again', () => {
  async function unplugged() {
    const harness = new DeviceHarness();
    await harness.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    let isThere = false;
    harness.players.lock = (transport) => {
      transport.refuseOpen = !isThere;
      harness.board.attach(transport);
    };
    harness.transport('lock').unplug();
    await harness.clock.advance(20_000);
    return {
      harness,
      plugIn: () => {
        isThere = true;
        harness.plugged();
      },
    };
  }

  it('a waiting device is tried at once, not at the end of its back-off', async () => {
    const { harness, plugIn } = await unplugged();
    const before = harness.transports.lock.length;
    plugIn();
    await harness.clock.advance(20);
    expect(harness.transports.lock.length).toBe(before + 1);
    expect(harness.health('lock')).toBe('ready');
  });

  it('not ready yet (permissions come later): tried again within 100 ms, then more slowly', async () => {
    const { harness } = await unplugged();
    const before = harness.transports.lock.length;
    harness.plugged();
    await harness.clock.advance(350);
    expect(harness.transports.lock.length).toBe(before + 3);
  });

  it('a plug that bounces does not disturb a connected device', async () => {
    const harness = new DeviceHarness();
    await harness.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    for (let i = 0; i < 100; i++) harness.plugged();
    await harness.clock.advance(1000);
    expect(harness.transports.lock.length).toBe(1);
    expect(harness.health('lock')).toBe('ready');
  });

  it('a cabinet with device servers only watches no plugs; a stopped one neither', async () => {
    const harness = new DeviceHarness();
    await harness.up([lockSpec]);
    expect(harness.isPlugWatched).toBe(false);
    await harness.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    expect(harness.isPlugWatched).toBe(true);
    await Promise.all([harness.supervisor.stop(), harness.clock.advance(2000)]);
    expect(harness.isPlugWatched).toBe(false);
  });
});

describe('ids', () => {
  it('name each device in health: as given, else kind and number', async () => {
    const harness = new DeviceHarness();
    await harness.up([lockSpec, { ...readerSpec, id: 'upper' }, readerSpec, scannerSpec]);
    expect(harness.supervisor.health().map((one) => one.id)).toEqual([
      'lock-1',
      'upper',
      'tag-reader-2',
      'code-scanner-1',
    ]);
  });

  it('two that are the same are no configuration', () => {
    // Each on a port of its own: two on one are refused for that alone.
    const at = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port, framing: 'stream' });
    const twice = (ids: (string | undefined)[]) =>
      cabinetDevicesSchema.safeParse({
        simulated: true,
        devices: ids.map((id, index) => ({ ...readerSpec, transport: at(4001 + index), id })),
      }).success;
    expect(twice(['a', 'b'])).toBe(true);
    expect(twice(['a', 'a'])).toBe(false);
    expect(twice(['tag-reader-2', undefined])).toBe(false);
    expect(twice(['Reader'])).toBe(false);
  });
});

describe('health', () => {
  it('is published on change and every 2 s', async () => {
    const harness = await cabinet();
    harness.messages.length = 0;
    await harness.clock.advance(10_000);
    expect(harness.of('health').length).toBe(5);
    harness.messages.length = 0;
    harness.transport('code-scanner').unplug();
    await harness.clock.advance(0);
    expect(
      harness
        .of('health')
        .at(0)
        ?.devices.map((d) => d.state),
    ).toEqual(['ready', 'ready', 'disconnected']);
  });

  it('counts reconnects', async () => {
    const harness = await cabinet();
    harness.transport('lock').unplug();
    await harness.clock.advance(3000);
    expect(harness.supervisor.health()[0]).toMatchObject({ kind: 'lock', state: 'ready', resetCount: 1 });
  });
});

describe('configuration', () => {
  it('without a lock: device.missing', async () => {
    const harness = new DeviceHarness();
    await harness.up([scannerSpec]);
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.missing');
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('device.missing');
  });

  it('again: the old handles are closed, the poll mode is kept', async () => {
    const harness = await cabinet();
    const old = harness.transport('lock');
    const call = harness.supervisor.unlock();
    await Promise.all([
      harness.supervisor.configure({ simulated: true, devices: [lockSpec, readerSpec] }),
      harness.clock.advance(1000),
    ]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect(old.isOpen).toBe(false);
    expect(harness.transports.lock.length).toBe(2);
    harness.messages.length = 0;
    await harness.clock.advance(1000);
    expect(harness.of('tags').length).toBeGreaterThanOrEqual(13);
    expect(harness.supervisor.health().length).toBe(2);
  });

  it('stop closes everything and nothing is emitted afterwards', async () => {
    const harness = await cabinet();
    await Promise.all([harness.supervisor.stop(), harness.clock.advance(2000)]);
    expect(kinds.every((kind) => !harness.transport(kind).isOpen)).toBe(true);
    harness.messages.length = 0;
    await harness.clock.advance(60_000);
    expect(harness.messages).toEqual([]);
  });
});
