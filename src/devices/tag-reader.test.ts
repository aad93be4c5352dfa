import { describe, expect, it } from 'vitest';
import { bytesOfHex } from './protocol/codec.ts';
import { encodeRfidDeviceMessage } from './protocol/rfid-r200.ts';
import { readerSpec, Rig } from './testing/rig.ts';

const epcA = 'E200001D7315016521408FC6';
const epcB = '3035A537C837754000000001';

async function rigWithReader(change: (rig: Rig) => void = () => undefined): Promise<Rig> {
  const rig = new Rig();
  change(rig);
  await rig.up([readerSpec]);
  return rig;
}

async function continuous(change: (rig: Rig) => void = () => undefined): Promise<Rig> {
  const rig = await rigWithReader(change);
  rig.supervisor.setInventoryPace('continuous');
  await rig.clock.advance(200);
  rig.messages.length = 0;
  return rig;
}

const resets = (rig: Rig): number => rig.supervisor.health()[0]?.resetCount ?? -1;
const errors = (rig: Rig): number => rig.supervisor.health()[0]?.errorCount ?? -1;

describe('set up', () => {
  it('stops, sets region, hopping and power, then reads', async () => {
    const rig = await rigWithReader();
    expect(rig.reader.received.slice(0, 5)).toEqual([
      { type: 'stop' },
      { type: 'setRegion', region: 'china-900' },
      { type: 'setHopping', on: true },
      { type: 'setPower', centiDbm: 2600 },
      { type: 'pollMany', count: 10_000 },
    ]);
    expect(rig.health('tag-reader')).toBe('ready');
  });

  it('the first byte lost after sleep: the command is sent again', async () => {
    const rig = new Rig();
    let isFirst = true;
    rig.players['tag-reader'] = (link) => {
      rig.reader.attach(link);
      link.deafDevice = isFirst;
      isFirst = false;
      rig.clock.after(100, () => {
        link.deafDevice = false;
      });
    };
    await rig.up([readerSpec]);
    await rig.clock.advance(500);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(rig.links['tag-reader'].length).toBe(1);
  });

  it('a refused region: nothing is read, and it is said', async () => {
    const rig = await rigWithReader(({ reader }) => {
      reader.refuse = 0x17;
    });
    await rig.clock.advance(3000);
    expect(rig.reader.count('pollMany')).toBe(0);
    const seen = rig.of('health').flatMap((m) => m.devices.map((d) => d.detail));
    expect(seen.some((detail) => detail.includes('setRegion') && detail.includes('bad_command'))).toBe(true);
  });

  it('an inventory still running from before is stopped first', async () => {
    const rig = new Rig();
    rig.reader.tags = [epcA];
    rig.players['tag-reader'] = (link) => {
      rig.reader.attach(link);
      rig.clock.after(1, () => {
        for (let i = 0; i < 50; i++) {
          link.send(bytesOfHex('BB02220011C43000E200001D7315016521408FC6B83EC27E'));
        }
      });
      // While the region is awaited: an empty round is no refusal.
      rig.clock.after(7, () => {
        link.send(bytesOfHex('BB01FF000115167E'));
      });
    };
    await rig.up([readerSpec]);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(rig.links['tag-reader'].length).toBe(1);
  });
});

describe('continuous', () => {
  it.each([0x22, 0x27] as const)('tags of notice %i come in batches of at most 50 ms', async (notice) => {
    const rig = await continuous(({ reader }) => {
      reader.tags = [epcA, epcB];
      reader.notice = notice;
    });
    await rig.clock.advance(1000);
    const batches = rig.of('tags');
    expect(batches.length).toBeGreaterThanOrEqual(13);
    for (const batch of batches) {
      expect(batch.atMs - Math.min(...batch.reads.map((r) => r.atMs))).toBeLessThanOrEqual(50);
    }
    const reads = batches.flatMap((b) => b.reads);
    expect(reads.filter((r) => r.epc === epcA).length).toBeGreaterThanOrEqual(35);
    expect(reads.filter((r) => r.epc === epcB && r.rssiDbm === -55).length).toBeGreaterThanOrEqual(35);
  });

  it('rounds that see nothing say that the reader is alive', async () => {
    const rig = await continuous();
    await rig.clock.advance(1000);
    const batches = rig.of('tags');
    expect(batches.length).toBeGreaterThanOrEqual(13);
    expect(batches.flatMap((b) => b.reads)).toEqual([]);
    expect(errors(rig)).toBe(0);
  });

  it('ended by itself: restarted after a second, counted', async () => {
    const rig = await continuous(({ reader }) => {
      reader.roundMax = 40;
    });
    const before = resets(rig);
    await rig.clock.advance(10_000);
    expect(resets(rig) - before).toBeGreaterThanOrEqual(4);
    expect(rig.health('tag-reader')).toBe('ready');
  });

  it('is armed again each minute, without a restart being counted', async () => {
    const rig = await continuous();
    const before = rig.reader.count('pollMany');
    await rig.clock.advance(120_000);
    expect(rig.reader.count('pollMany') - before).toBe(2);
    expect(resets(rig)).toBe(0);
  });

  it('silence: silent after 3 s, a new connection after 10 s, and tags again when it speaks', async () => {
    const rig = await continuous(({ reader }) => {
      reader.tags = [epcA];
    });
    rig.reader.silent = true;
    await rig.clock.advance(2900);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(resets(rig)).toBe(2);
    await rig.clock.advance(400);
    expect(rig.health('tag-reader')).toBe('silent');
    await rig.clock.advance(8000);
    expect(rig.links['tag-reader'].length).toBe(2);
    rig.reader.silent = false;
    rig.messages.length = 0;
    await rig.clock.advance(3000);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(rig.of('tags').flatMap((b) => b.reads).length).toBeGreaterThan(10);
  });

  it('unplugged: disconnected, then connected and set up anew, the pace kept', async () => {
    const rig = await continuous(({ reader }) => {
      reader.tags = [epcA];
    });
    rig.link('tag-reader').unplug();
    await rig.clock.advance(0);
    expect(rig.health('tag-reader')).toBe('disconnected');
    rig.reader.received.length = 0;
    await rig.clock.advance(5000);
    expect(rig.reader.received[1]).toEqual({ type: 'setRegion', region: 'china-900' });
    expect(rig.health('tag-reader')).toBe('ready');
    rig.messages.length = 0;
    await rig.clock.advance(1000);
    expect(rig.of('tags').length).toBeGreaterThanOrEqual(13);
  });

  it('garbage between frames costs no tag', async () => {
    const rig = await continuous(({ reader }) => {
      reader.tags = [epcA];
    });
    const before = rig.of('tags').flatMap((b) => b.reads).length;
    rig.link('tag-reader').corrupt = (bytes) => Uint8Array.from([0x7e, 0xbb, 0x05, ...bytes, 0x00]);
    await rig.clock.advance(1000);
    expect(rig.of('tags').flatMap((b) => b.reads).length - before).toBeGreaterThanOrEqual(38);
  });

  it('wrong sums only: no tag comes, it counts as silent, errors are counted', async () => {
    const rig = await continuous(({ reader }) => {
      reader.tags = [epcA];
    });
    rig.link('tag-reader').corrupt = (bytes) => bytes.map((b, i) => (i === bytes.length - 2 ? b ^ 1 : b));
    await rig.clock.advance(60);
    rig.messages.length = 0;
    await rig.clock.advance(3500);
    expect(rig.of('tags')).toEqual([]);
    expect(rig.health('tag-reader')).toBe('silent');
    expect(errors(rig)).toBeGreaterThan(50);
  });

  it('a tag whose PC disagrees with its length is a damaged frame', async () => {
    const rig = await continuous();
    const before = errors(rig);
    const tag = { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0x2000, epc: epcA, crc: 0 } as const;
    rig.link('tag-reader').send(encodeRfidDeviceMessage(tag));
    await rig.clock.advance(200);
    expect(rig.of('tags').flatMap((b) => b.reads)).toEqual([]);
    expect(errors(rig)).toBe(before + 1);
  });

  it('a stalled write is closed and connected anew', async () => {
    const rig = await continuous();
    rig.link('tag-reader').stallWrite = true;
    rig.reader.silent = true;
    await rig.clock.advance(15_000);
    expect(rig.links['tag-reader'][0]?.isOpen).toBe(false);
    rig.reader.silent = false;
    await rig.clock.advance(10_000);
    expect(rig.health('tag-reader')).toBe('ready');
  });
});

describe('sweep', () => {
  it('reads for 300 ms each 2 s, and is off in between', async () => {
    const rig = await rigWithReader(({ reader }) => {
      reader.tags = [epcA];
    });
    await rig.clock.advance(2000);
    rig.messages.length = 0;
    rig.reader.received.length = 0;
    await rig.clock.advance(20_000);
    expect(rig.reader.count('pollMany')).toBe(10);
    expect(rig.reader.count('stop')).toBe(10);
    const reads = rig.of('tags').flatMap((b) => b.reads).length;
    expect(reads).toBeGreaterThanOrEqual(100);
    expect(reads).toBeLessThanOrEqual(130);
    expect(resets(rig)).toBe(0);
  });

  it('silence is noticed after 3 s', async () => {
    const rig = await rigWithReader();
    rig.reader.silent = true;
    await rig.clock.advance(5000);
    expect(rig.health('tag-reader')).toBe('silent');
  });

  it('continuous begins at once, not at the next sweep', async () => {
    const rig = await rigWithReader(({ reader }) => {
      reader.tags = [epcA];
    });
    await rig.clock.advance(900);
    rig.messages.length = 0;
    rig.supervisor.setInventoryPace('continuous');
    await rig.clock.advance(120);
    expect(rig.of('tags').flatMap((b) => b.reads).length).toBeGreaterThanOrEqual(2);
  });
});

it('the antenna is switched off before an orderly end', async () => {
  const rig = await continuous();
  rig.reader.received.length = 0;
  await Promise.all([rig.supervisor.stop(), rig.clock.advance(2000)]);
  expect(rig.reader.received).toEqual([{ type: 'stop' }]);
  expect(rig.link('tag-reader').isOpen).toBe(false);
});
