import { describe, expect, it } from 'vitest';
import { cabinetDevicesSchema } from '../shared/model/device.ts';
import type { DeviceKind } from '../shared/model/device.ts';
import { encodeScan } from './protocol/scanner-hid-pos.ts';
import { lockSpec, readerSpec, Rig, scannerSpec } from './testing/rig.ts';

const kinds: DeviceKind[] = ['lock', 'tag-reader', 'code-scanner'];
const epc = 'E200001D7315016521408FC6';

async function cabinet(): Promise<Rig> {
  const rig = new Rig();
  rig.reader.tags = [epc];
  await rig.up();
  rig.supervisor.setDoorPace('watch');
  rig.supervisor.setInventoryPace('continuous');
  await rig.clock.advance(3000);
  rig.messages.length = 0;
  return rig;
}

/** The devices other than `hurt` do their work now. */
async function expectOthersWork(rig: Rig, hurt: DeviceKind): Promise<void> {
  rig.messages.length = 0;
  if (hurt !== 'code-scanner') {
    for (const report of encodeScan({ layout: 'standard', text: 'hello', aim: ']Q1' })) {
      rig.link('code-scanner').send(report);
    }
    expect(rig.of('code').length).toBe(1);
  }
  if (hurt !== 'lock') {
    rig.board.feedback = 0;
    await rig.clock.advance(150);
    expect(rig.doors()).toEqual(['open']);
    expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('ok');
  }
  await rig.clock.advance(500);
  if (hurt !== 'tag-reader') expect(rig.of('tags').length).toBeGreaterThanOrEqual(5);
}

describe('one device cannot hurt the others', () => {
  it.each(kinds)('%s babbles: cut off by name, the others work', async (kind) => {
    const rig = await cabinet();
    const noise = new Uint8Array(1024).fill(0x80);
    for (let i = 0; i < 60; i++) {
      if (rig.link(kind).isOpen) rig.link(kind).send(noise);
      await rig.clock.advance(5);
    }
    const detail = rig
      .of('health')
      .flatMap((m) => m.devices.filter((d) => d.kind === kind).map((d) => d.detail));
    expect(detail.some((text) => text.startsWith('babbling'))).toBe(true);
    await expectOthersWork(rig, kind);
  });

  it.each(kinds)('%s stalls (writes hang, nothing comes): the others work', async (kind) => {
    const rig = await cabinet();
    rig.players[kind] = (link) => {
      link.stallWrite = true;
      link.muteDevice = true;
    };
    rig.link(kind).stallWrite = true;
    rig.link(kind).muteDevice = true;
    await rig.clock.advance(8000);
    await expectOthersWork(rig, kind);
  });

  it.each(kinds)('%s is unplugged: the others work, it comes back within a second', async (kind) => {
    const rig = await cabinet();
    rig.link(kind).unplug();
    await rig.clock.advance(0);
    expect(rig.health(kind)).toBe('disconnected');
    await expectOthersWork(rig, kind);
    await rig.clock.advance(1000);
    expect(rig.health(kind)).toBe('ready');
  });

  it.each(kinds)(
    '%s cannot be opened (hangs): given up after 3 s, tried again, the others work',
    async (kind) => {
      const rig = await cabinet();
      rig.players[kind] = (link) => {
        link.stallOpen = true;
      };
      rig.link(kind).unplug();
      await rig.clock.advance(10_000);
      expect(rig.links[kind].length).toBeGreaterThanOrEqual(4);
      expect(rig.links[kind].length).toBeLessThanOrEqual(6);
      await expectOthersWork(rig, kind);
    },
  );
});

describe('reconnecting', () => {
  it('backs off from 100 ms to 5 s, and begins anew after a good connection', async () => {
    const rig = new Rig();
    let isRefused = true;
    rig.players.lock = (link) => {
      link.refuseOpen = isRefused;
      if (!isRefused) rig.board.attach(link);
    };
    await rig.up([lockSpec]);
    await rig.clock.advance(60_000);
    // 0, .1, .3, .7, 1.5, 3.1, 6.3, 11.3, 16.3 … 56.3 s
    expect(rig.links.lock.length).toBe(17);
    // Why is logged once, not with each try.
    expect(rig.logged.filter((event) => event === 'device.not_opened').length).toBe(1);
    isRefused = false;
    await rig.clock.advance(10_000);
    expect(rig.health('lock')).toBe('ready');
    rig.link('lock').unplug();
    await rig.clock.advance(300);
    expect(rig.health('lock')).toBe('ready');
  });

  it('a connection that ends at once counts as bad: it does not spin', async () => {
    const rig = new Rig();
    rig.players.lock = (link) => {
      rig.clock.after(0, () => {
        link.unplug();
      });
    };
    await rig.up([lockSpec]);
    await rig.clock.advance(60_000);
    expect(rig.links.lock.length).toBeLessThanOrEqual(17);
  });
});

describe('plugged in again', () => {
  async function unplugged() {
    const rig = new Rig();
    await rig.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    let isThere = false;
    rig.players.lock = (link) => {
      link.refuseOpen = !isThere;
      rig.board.attach(link);
    };
    rig.link('lock').unplug();
    await rig.clock.advance(20_000);
    return {
      rig,
      plugIn: () => {
        isThere = true;
        rig.plugged();
      },
    };
  }

  it('a waiting device is tried at once, not at the end of its back-off', async () => {
    const { rig, plugIn } = await unplugged();
    const before = rig.links.lock.length;
    plugIn();
    await rig.clock.advance(20);
    expect(rig.links.lock.length).toBe(before + 1);
    expect(rig.health('lock')).toBe('ready');
  });

  it('not ready yet (permissions come later): tried again within 100 ms, then more slowly', async () => {
    const { rig } = await unplugged();
    const before = rig.links.lock.length;
    rig.plugged();
    await rig.clock.advance(350);
    expect(rig.links.lock.length).toBe(before + 3);
  });

  it('a plug that bounces does not disturb who is connected', async () => {
    const rig = new Rig();
    await rig.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    for (let i = 0; i < 100; i++) rig.plugged();
    await rig.clock.advance(1000);
    expect(rig.links.lock.length).toBe(1);
    expect(rig.health('lock')).toBe('ready');
  });

  it('a cabinet with device servers only watches no plugs; a stopped one neither', async () => {
    const rig = new Rig();
    await rig.up([lockSpec]);
    expect(rig.isPlugWatched).toBe(false);
    await rig.up([{ ...lockSpec, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } }]);
    expect(rig.isPlugWatched).toBe(true);
    await Promise.all([rig.supervisor.stop(), rig.clock.advance(2000)]);
    expect(rig.isPlugWatched).toBe(false);
  });
});

describe('ids', () => {
  it('name each device in health: as given, else kind and number', async () => {
    const rig = new Rig();
    await rig.up([lockSpec, { ...readerSpec, id: 'upper' }, readerSpec, scannerSpec]);
    expect(rig.supervisor.health().map((one) => one.id)).toEqual([
      'lock-1',
      'upper',
      'tag-reader-2',
      'code-scanner-1',
    ]);
  });

  it('two that are the same are no configuration', () => {
    const twice = (ids: (string | undefined)[]) =>
      cabinetDevicesSchema.safeParse({ simulated: true, devices: ids.map((id) => ({ ...lockSpec, id })) })
        .success;
    expect(twice(['a', 'b'])).toBe(true);
    expect(twice(['a', 'a'])).toBe(false);
    expect(twice(['lock-2', undefined])).toBe(false);
    expect(twice(['Lock'])).toBe(false);
  });
});

describe('health', () => {
  it('is published on change and every 2 s', async () => {
    const rig = await cabinet();
    rig.messages.length = 0;
    await rig.clock.advance(10_000);
    expect(rig.of('health').length).toBe(5);
    rig.messages.length = 0;
    rig.link('code-scanner').unplug();
    await rig.clock.advance(0);
    expect(
      rig
        .of('health')
        .at(0)
        ?.devices.map((d) => d.state),
    ).toEqual(['ready', 'ready', 'disconnected']);
  });

  it('counts reconnects', async () => {
    const rig = await cabinet();
    rig.link('lock').unplug();
    await rig.clock.advance(3000);
    expect(rig.supervisor.health()[0]).toMatchObject({ kind: 'lock', state: 'ready', resetCount: 1 });
  });
});

describe('configuration', () => {
  it('without a lock: device.missing', async () => {
    const rig = new Rig();
    await rig.up([scannerSpec]);
    expect((await rig.outcome(rig.supervisor.unlock())).result).toBe('device.missing');
    expect((await rig.outcome(rig.supervisor.readDoor())).result).toBe('device.missing');
  });

  it('again: the old handles are closed, the pace is kept', async () => {
    const rig = await cabinet();
    const old = rig.link('lock');
    const call = rig.supervisor.unlock();
    await Promise.all([
      rig.supervisor.configure({ simulated: true, devices: [lockSpec, readerSpec] }),
      rig.clock.advance(1000),
    ]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'device.disconnected' } });
    expect(old.isOpen).toBe(false);
    expect(rig.links.lock.length).toBe(2);
    rig.messages.length = 0;
    await rig.clock.advance(1000);
    expect(rig.of('tags').length).toBeGreaterThanOrEqual(13);
    expect(rig.supervisor.health().length).toBe(2);
  });

  it('stop closes everything and nothing is told afterwards', async () => {
    const rig = await cabinet();
    await Promise.all([rig.supervisor.stop(), rig.clock.advance(2000)]);
    expect(kinds.every((kind) => !rig.link(kind).isOpen)).toBe(true);
    rig.messages.length = 0;
    await rig.clock.advance(60_000);
    expect(rig.messages).toEqual([]);
  });
});
