import { describe, expect, it } from 'vitest';
import { bytesOfHex } from '../protocol/codec.ts';
import { encodeRfidDeviceMessage } from '../protocol/rfid-r200.ts';
import { readerSpec, DeviceHarness } from '../../testkit/devices/device-harness.ts';

const epcA = 'E200001D7315016521408FC6';
const epcB = '3035A537C837754000000001';

async function harnessWithReader(
  change: (harness: DeviceHarness) => void = () => undefined,
): Promise<DeviceHarness> {
  const harness = new DeviceHarness();
  change(harness);
  await harness.up([readerSpec]);
  return harness;
}

async function activeReader(
  change: (harness: DeviceHarness) => void = () => undefined,
): Promise<DeviceHarness> {
  const harness = await harnessWithReader(change);
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(200);
  harness.messages.length = 0;
  return harness;
}

describe('a tag with XPC words', () => {
  it.each([
    ['one', 0x3200, `0001${epcA}`],
    ['two', 0x3600, `80010004${epcA}`],
    ['none left by the reader', 0x3200, epcA],
  ])('%s: the EPC is read without them', async (_count, pc, epc) => {
    const harness = await activeReader();
    const tag = { type: 'tag', notice: 0x22, rssiDbm: -50, pc, epc, crc: 0 } as const;
    harness.transport('tag-reader').send(encodeRfidDeviceMessage(tag));
    await harness.clock.advance(100);
    expect(harness.of('tags').flatMap(({ reads }) => reads.map((read) => read.epc))).toEqual([epcA]);
    expect(errors(harness)).toBe(0);
  });
});

const resets = (harness: DeviceHarness): number => harness.supervisor.health()[0]?.resetCount ?? -1;
const errors = (harness: DeviceHarness): number => harness.supervisor.health()[0]?.errorCount ?? -1;

describe('set up', () => {
  it('stops, sets region, hopping and power, looks at the query, then reads', async () => {
    const harness = await harnessWithReader();
    expect(harness.reader.received.slice(0, 6)).toEqual([
      { type: 'stop' },
      { type: 'setRegion', region: 'china-900' },
      { type: 'setHopping', on: true },
      { type: 'setPower', centiDbm: 2600 },
      { type: 'getQuery' },
      { type: 'pollMany', count: 10_000 },
    ]);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it.each([
    ['session 2', 0x1220, 0x1020],
    ['session 3, target B, Q 7, M 4', 0x53b8, 0x5038],
    ['target B', 0x10a0, 0x1020],
  ])('left in %s by another program: session 0, target A, the rest as it was', async (_what, left, set) => {
    const harness = await harnessWithReader(({ reader }) => {
      reader.query = left;
    });
    expect(harness.reader.query).toBe(set);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('a module that does not know the query is asked for session 0 all the same, and used', async () => {
    const harness = await harnessWithReader(({ reader }) => {
      reader.query = null;
    });
    await harness.clock.advance(5000);
    expect(harness.reader.received).toContainEqual({ type: 'setQuery', query: 0x1020 });
    expect(harness.reader.count('pollMany')).toBeGreaterThan(0);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('the first byte lost after sleep: the command is sent again', async () => {
    const harness = new DeviceHarness();
    let isFirst = true;
    harness.players['tag-reader'] = (transport) => {
      harness.reader.attach(transport);
      transport.deafDevice = isFirst;
      isFirst = false;
      harness.clock.after(100, () => {
        transport.deafDevice = false;
      });
    };
    await harness.up([readerSpec]);
    await harness.clock.advance(500);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(harness.transports['tag-reader'].length).toBe(1);
  });

  it('a refused region: nothing is read, and it is said', async () => {
    const harness = await harnessWithReader(({ reader }) => {
      reader.refuse = 0x17;
    });
    await harness.clock.advance(3000);
    expect(harness.reader.count('pollMany')).toBe(0);
    const seen = harness.of('health').flatMap((m) => m.devices.map((d) => d.detail));
    expect(seen.some((detail) => detail.includes('setRegion') && detail.includes('bad_command'))).toBe(true);
  });

  it('an inventory still running from before is stopped first', async () => {
    const harness = new DeviceHarness();
    harness.reader.tags = [epcA];
    harness.players['tag-reader'] = (transport) => {
      harness.reader.attach(transport);
      harness.clock.after(1, () => {
        for (let i = 0; i < 50; i++) {
          transport.send(bytesOfHex('BB02220011C43000E200001D7315016521408FC6B83EC27E'));
        }
      });
      // While the region is awaited: an empty round is no refusal.
      harness.clock.after(7, () => {
        transport.send(bytesOfHex('BB01FF000115167E'));
      });
    };
    await harness.up([readerSpec]);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(harness.transports['tag-reader'].length).toBe(1);
  });
});

describe('active', () => {
  it.each([0x22, 0x27] as const)('tags of notice %i come in batches of at most 50 ms', async (notice) => {
    const harness = await activeReader(({ reader }) => {
      reader.tags = [epcA, epcB];
      reader.notice = notice;
    });
    await harness.clock.advance(1000);
    const batches = harness.of('tags');
    expect(batches.length).toBeGreaterThanOrEqual(13);
    for (const batch of batches) {
      expect(batch.atMs - Math.min(...batch.reads.map((r) => r.atMs))).toBeLessThanOrEqual(50);
    }
    const reads = batches.flatMap((b) => b.reads);
    expect(reads.filter((r) => r.epc === epcA).length).toBeGreaterThanOrEqual(35);
    expect(reads.filter((r) => r.epc === epcB && r.rssiDbm === -55).length).toBeGreaterThanOrEqual(35);
  });

  it('rounds that see nothing say that the reader is alive', async () => {
    const harness = await activeReader();
    await harness.clock.advance(1000);
    const batches = harness.of('tags');
    expect(batches.length).toBeGreaterThanOrEqual(13);
    expect(batches.flatMap((b) => b.reads)).toEqual([]);
    expect(errors(harness)).toBe(0);
  });

  it('ended by itself: restarted after a second, counted', async () => {
    const harness = await activeReader(({ reader }) => {
      reader.roundMax = 40;
    });
    const before = resets(harness);
    await harness.clock.advance(10_000);
    expect(resets(harness) - before).toBeGreaterThanOrEqual(4);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('is armed again each minute, without a restart being counted', async () => {
    const harness = await activeReader();
    const before = harness.reader.count('pollMany');
    await harness.clock.advance(120_000);
    expect(harness.reader.count('pollMany') - before).toBe(2);
    expect(resets(harness)).toBe(0);
  });

  it('silence: silent after 3 s, a new connection after 10 s, and tags again when it speaks', async () => {
    const harness = await activeReader(({ reader }) => {
      reader.tags = [epcA];
    });
    harness.reader.silent = true;
    await harness.clock.advance(2900);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(resets(harness)).toBe(2);
    await harness.clock.advance(400);
    expect(harness.health('tag-reader')).toBe('silent');
    await harness.clock.advance(8000);
    expect(harness.transports['tag-reader'].length).toBe(2);
    harness.reader.silent = false;
    harness.messages.length = 0;
    await harness.clock.advance(3000);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(harness.of('tags').flatMap((b) => b.reads).length).toBeGreaterThan(10);
  });

  it('unplugged: disconnected, then connected and set up anew, the poll mode kept', async () => {
    const harness = await activeReader(({ reader }) => {
      reader.tags = [epcA];
    });
    harness.transport('tag-reader').unplug();
    await harness.clock.advance(0);
    expect(harness.health('tag-reader')).toBe('disconnected');
    harness.reader.received.length = 0;
    await harness.clock.advance(5000);
    expect(harness.reader.received[1]).toEqual({ type: 'setRegion', region: 'china-900' });
    expect(harness.health('tag-reader')).toBe('ready');
    harness.messages.length = 0;
    await harness.clock.advance(1000);
    expect(harness.of('tags').length).toBeGreaterThanOrEqual(13);
  });

  it('garbage between frames costs no tag', async () => {
    const harness = await activeReader(({ reader }) => {
      reader.tags = [epcA];
    });
    const before = harness.of('tags').flatMap((b) => b.reads).length;
    harness.transport('tag-reader').corrupt = (bytes) => Uint8Array.from([0x7e, 0xbb, 0x05, ...bytes, 0x00]);
    await harness.clock.advance(1000);
    expect(harness.of('tags').flatMap((b) => b.reads).length - before).toBeGreaterThanOrEqual(38);
  });

  it('wrong sums only: no tag comes, it counts as silent, errors are counted', async () => {
    const harness = await activeReader(({ reader }) => {
      reader.tags = [epcA];
    });
    harness.transport('tag-reader').corrupt = (bytes) =>
      bytes.map((b, i) => (i === bytes.length - 2 ? b ^ 1 : b));
    await harness.clock.advance(60);
    harness.messages.length = 0;
    await harness.clock.advance(3500);
    expect(harness.of('tags')).toEqual([]);
    expect(harness.health('tag-reader')).toBe('silent');
    expect(errors(harness)).toBeGreaterThan(50);
  });

  it('a tag whose PC disagrees with its length is a damaged frame', async () => {
    const harness = await activeReader();
    const before = errors(harness);
    const tag = { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0x2000, epc: epcA, crc: 0 } as const;
    harness.transport('tag-reader').send(encodeRfidDeviceMessage(tag));
    await harness.clock.advance(200);
    expect(harness.of('tags').flatMap((b) => b.reads)).toEqual([]);
    expect(errors(harness)).toBe(before + 1);
  });

  it('a stalled write is closed and connected anew', async () => {
    const harness = await activeReader();
    harness.transport('tag-reader').stallWrite = true;
    harness.reader.silent = true;
    await harness.clock.advance(15_000);
    expect(harness.transports['tag-reader'][0]?.isOpen).toBe(false);
    harness.reader.silent = false;
    await harness.clock.advance(10_000);
    expect(harness.health('tag-reader')).toBe('ready');
  });
});

describe('idle', () => {
  it('reads for 300 ms each 2 s, and is off in between', async () => {
    const harness = await harnessWithReader(({ reader }) => {
      reader.tags = [epcA];
    });
    await harness.clock.advance(2000);
    harness.messages.length = 0;
    harness.reader.received.length = 0;
    await harness.clock.advance(20_000);
    expect(harness.reader.count('pollMany')).toBe(10);
    expect(harness.reader.count('stop')).toBe(10);
    const reads = harness.of('tags').flatMap((b) => b.reads).length;
    expect(reads).toBeGreaterThanOrEqual(100);
    expect(reads).toBeLessThanOrEqual(130);
    expect(resets(harness)).toBe(0);
  });

  it('silence is noticed after 3 s', async () => {
    const harness = await harnessWithReader();
    harness.reader.silent = true;
    await harness.clock.advance(5000);
    expect(harness.health('tag-reader')).toBe('silent');
  });

  it('active begins at once, not at the next idle inventory', async () => {
    const harness = await harnessWithReader(({ reader }) => {
      reader.tags = [epcA];
    });
    await harness.clock.advance(900);
    harness.messages.length = 0;
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(200);
    expect(harness.of('tags').flatMap((b) => b.reads).length).toBeGreaterThanOrEqual(2);
  });
});

it('the antenna is switched off before an orderly end', async () => {
  const harness = await activeReader();
  harness.reader.received.length = 0;
  await Promise.all([harness.supervisor.stop(), harness.clock.advance(2000)]);
  expect(harness.reader.received).toEqual([{ type: 'stop' }]);
  expect(harness.transport('tag-reader').isOpen).toBe(false);
});

describe('only data that cannot be used', () => {
  /** Notices of one tag with these bytes after the command, sum and end put right. */
  const notice = (hex: string): Uint8Array => {
    const body = bytesOfHex(`0222${hex}`);
    const sum = body.reduce((all, byte) => (all + byte) & 0xff, 0);
    return Uint8Array.of(0xbb, ...body, sum, 0x7e);
  };
  const emptyRound = bytesOfHex('BB01FF000115167E');

  it.each([
    ['blank', '0005C900000000'],
    ['of an odd length', '0008C90800E20000ABCD'],
    ['whose word count is another', '0007C92000E200ABCD'],
  ])(
    'tags %s, with empty rounds between: an error that says why, until a good one comes',
    async (_what, hex) => {
      const harness = new DeviceHarness();
      harness.players['tag-reader'] = (transport) => {
        harness.reader.attach(transport);
      };
      await harness.up([readerSpec]);
      harness.supervisor.setPollMode('active');
      await harness.clock.advance(100);
      harness.reader.silent = true;
      const transport = harness.transport('tag-reader');
      for (let i = 0; i < 12; i++) {
        transport.send(notice(hex));
        transport.send(emptyRound);
        await harness.clock.advance(20);
      }
      expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error' });
      expect(harness.supervisor.health()[0]?.detail).toContain('cannot be used');
      transport.send(notice(`0011C93000${epcA}ABCD`));
      await harness.clock.advance(60);
      expect(harness.health('tag-reader')).toBe('ready');
    },
  );

  it('a damaged frame now and then over an empty shelf is no error', async () => {
    const harness = await activeReader();
    harness.reader.silent = true;
    const transport = harness.transport('tag-reader');
    for (let i = 0; i < 300; i++) {
      transport.send(i % 15 === 0 ? notice('0007C92000E200ABCD') : emptyRound);
      await harness.clock.advance(20);
    }
    expect(harness.health('tag-reader')).toBe('ready');
  });
});
