import { describe, expect, it } from 'vitest';
import { bytesOfHex } from '../protocol/codec.ts';
import { encodeUhf18DeviceMessage } from '../protocol/rfid-uhfreader18.ts';
import { FakeSw5357, FakeUhf18, sw5357Spec, uhf18Spec } from '../../testkit/devices/fake-round-reader.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';

/** Faults × states for the readers that make one round per command; the R200's are in tag-reader.test.ts. */
const epcA = 'E200001D7315016521408FC6';
const epcB = '3035A537C837754000000001';

const dialects = [
  { name: 'UHFReader18, old form', spec: { ...uhf18Spec, form: 'old' as const }, make: uhf18('old') },
  { name: 'UHFReader18, new form', spec: { ...uhf18Spec, form: 'new' as const }, make: uhf18('new') },
  { name: 'UHFReader18, form asked (new)', spec: uhf18Spec, make: uhf18('new') },
  { name: '53 57', spec: sw5357Spec, make: (harness: DeviceHarness) => new FakeSw5357(harness.clock) },
];

function uhf18(form: 'old' | 'new') {
  return (harness: DeviceHarness): FakeUhf18 => {
    const reader = new FakeUhf18(harness.clock);
    reader.form = form;
    return reader;
  };
}

interface Scene {
  harness: DeviceHarness;
  reader: FakeUhf18 | FakeSw5357;
}
type Dialect = (typeof dialects)[number];

async function scene(dialect: Dialect, change: (scene: Scene) => void = () => undefined): Promise<Scene> {
  const harness = new DeviceHarness();
  const made = { harness, reader: dialect.make(harness) };
  harness.players['tag-reader'] = (transport) => {
    made.reader.attach(transport);
  };
  change(made);
  await harness.up([dialect.spec]);
  return made;
}

async function activeReader(
  dialect: Dialect,
  change: (scene: Scene) => void = () => undefined,
): Promise<Scene> {
  const made = await scene(dialect, change);
  made.harness.supervisor.setPollMode('active');
  await made.harness.clock.advance(400);
  made.harness.messages.length = 0;
  return made;
}

const reads = (harness: DeviceHarness): string[] =>
  harness.of('tags').flatMap((b) => b.reads.map((r) => r.epc));
const errors = (harness: DeviceHarness): number => harness.supervisor.health()[0]?.errorCount ?? -1;
const detail = (harness: DeviceHarness): string => harness.supervisor.health()[0]?.detail ?? '';
/** Everything that was ever said about the reader's state. */
const details = (harness: DeviceHarness): string[] =>
  harness.of('health').flatMap((m) => m.devices.map((d) => d.detail));

describe.each(dialects)('$name', (dialect) => {
  it('a tag with XPC words is the tag that it is without them', async () => {
    const { harness, reader } = await activeReader(dialect);
    reader.tags = [`32000001${epcB}`, `360080010004${epcA}`];
    await harness.clock.advance(400);
    expect(new Set(reads(harness))).toEqual(new Set([epcA, epcB]));
  });

  it('says by which antenna it has heard a tag, where its frames do', async () => {
    const { harness, reader } = await activeReader(dialect);
    reader.tags = [epcA];
    await harness.clock.advance(400);
    reader.antenna = 4;
    reader.tags = [epcB];
    await harness.clock.advance(400);
    const isSaid = !dialect.name.includes('old');
    const heard = harness.of('tags').flatMap((b) => b.reads.map((r) => `${r.epc} ${r.antenna ?? '-'}`));
    expect(new Set(heard)).toEqual(new Set([`${epcA} ${isSaid ? 1 : '-'}`, `${epcB} ${isSaid ? 4 : '-'}`]));
  });

  it('sets region and power where they differ, then reads; a second start writes nothing', async () => {
    const { harness, reader } = await scene(dialect);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(reader.powerDbm).toBe(26);
    if (reader instanceof FakeUhf18) expect([reader.maxFre, reader.minFre]).toEqual([0x13, 0x40]);
    else expect([reader.n1, reader.n2, reader.workMode]).toEqual([0x2c, 0xa3, 0]);
    const first = reader.types().findIndex((type) => type.startsWith('inventory'));
    expect(reader.types().findLastIndex((type) => /^set(Freq|Power|Param)/.test(type))).toBeLessThan(first);
    reader.received.length = 0;
    harness.transport('tag-reader').unplug();
    await harness.clock.advance(1000);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(reader.types().filter((type) => /^set(Freq|Power|Param)/.test(type))).toEqual([]);
  });

  it('a refused region: nothing is read, and it is said', async () => {
    const { harness, reader } = await scene(dialect, ({ reader: one }) => {
      one.refuses = true;
    });
    await harness.clock.advance(3000);
    expect(reader.inventoryCount()).toBe(0);
    expect(details(harness).some((text) => text.includes('refuses set'))).toBe(true);
  });

  it('active: round after round, in batches of at most 50 ms', async () => {
    const { harness, reader } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA, epcB, ...Array.from({ length: 7 }, (_, i) => `E2801160600002000000000${i}`)];
    });
    const before = reader.inventoryCount();
    await harness.clock.advance(2000);
    expect(reader.inventoryCount() - before).toBeGreaterThanOrEqual(45);
    for (const batch of harness.of('tags')) {
      expect(batch.atMs - Math.min(...batch.reads.map((r) => r.atMs))).toBeLessThanOrEqual(50);
    }
    for (const epc of reader.tags) expect(reads(harness).filter((r) => r === epc).length).toBeGreaterThan(40);
    expect(new Set(harness.of('tags').flatMap((b) => b.reads.map((r) => r.rssiDbm)))).toEqual(
      new Set([null]),
    );
  });

  it('rounds without tags say that the reader is alive, and never come faster than 20 ms', async () => {
    const { harness, reader } = await activeReader(dialect, ({ reader: one }) => {
      one.roundMs = 0;
    });
    const before = reader.inventoryCount();
    await harness.clock.advance(1000);
    expect(harness.of('tags').length).toBeGreaterThanOrEqual(13);
    expect(reads(harness)).toEqual([]);
    expect(reader.inventoryCount() - before).toBeLessThanOrEqual(51);
    expect(errors(harness)).toBe(0);
  });

  it('idle: reads for 300 ms each 2 s, and sends nothing in between', async () => {
    const { harness, reader } = await scene(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    await harness.clock.advance(2000);
    const [before, startMs] = [reader.inventoryCount(), harness.clock.monotonicMs()];
    harness.messages.length = 0;
    await harness.clock.advance(20_000);
    const rounds = reader.inventoryCount() - before;
    expect(rounds).toBeGreaterThanOrEqual(60);
    expect(rounds).toBeLessThanOrEqual(90);
    const busy = new Set(harness.of('tags').map((b) => Math.floor((b.atMs - startMs) / 100)));
    expect(busy.size).toBeLessThanOrEqual(50);
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(120);
    expect(reader.inventoryCount() - before - rounds).toBeGreaterThanOrEqual(2);
  });

  it.each(['active', 'idle'] as const)(
    'silence, %s: silent after 3 s, later a new connection',
    async (pollMode) => {
      const { harness, reader } = await scene(dialect);
      harness.supervisor.setPollMode(pollMode);
      await harness.clock.advance(3000);
      reader.silent = true;
      await harness.clock.advance(6000);
      expect(harness.health('tag-reader')).toBe('silent');
      await harness.clock.advance(9000);
      expect(harness.transports['tag-reader'].length).toBeGreaterThanOrEqual(2);
      reader.silent = false;
      await harness.clock.advance(5000);
      expect(harness.health('tag-reader')).toBe('ready');
    },
  );

  it('silence while it is set up: no inventory, silent, and ready when it speaks', async () => {
    const { harness, reader } = await scene(dialect, ({ reader: one }) => {
      one.silent = true;
    });
    await harness.clock.advance(6000);
    expect(harness.health('tag-reader')).toBe('silent');
    expect(reader.inventoryCount()).toBe(0);
    reader.silent = false;
    await harness.clock.advance(8000);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('a blank tag costs no other tag, and is counted', async () => {
    const { harness } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA, '', epcB];
    });
    const before = errors(harness);
    await harness.clock.advance(500);
    expect(new Set(reads(harness))).toEqual(new Set([epcA, epcB]));
    expect(errors(harness)).toBeGreaterThan(before);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('nothing but blank tags: never ready, never an empty shelf, an error that says why', async () => {
    const { harness } = await scene(dialect, ({ reader: one }) => {
      one.tags = ['', ''];
    });
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(5000);
    expect(harness.of('tags')).toEqual([]);
    const states = harness.of('health').flatMap((one) => one.devices.map(({ state }) => state));
    expect(states).not.toContain('ready');
    expect(harness.health('tag-reader')).toBe('error');
    expect(detail(harness)).toContain('only data that cannot be used');
  });

  it('unplugged in a round: disconnected, then set up anew, the poll mode kept', async () => {
    const { harness, reader } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    harness.transport('tag-reader').unplug();
    await harness.clock.advance(0);
    expect(harness.health('tag-reader')).toBe('disconnected');
    await harness.clock.advance(2000);
    harness.messages.length = 0;
    const before = reader.inventoryCount();
    await harness.clock.advance(1000);
    expect(reader.inventoryCount() - before).toBeGreaterThan(15);
    expect(reads(harness).length).toBeGreaterThan(15);
  });

  it('garbage around the frames costs no tag', async () => {
    const { harness } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA, epcB];
    });
    // In lumps of their own, as a line delivers them; what looks like a length is dropped at the quiet gap.
    harness.transport('tag-reader').corrupt = (bytes) => Uint8Array.from([...bytes, 0x02, 0x01, 0x00]);
    await harness.clock.advance(1000);
    expect(reads(harness).filter((epc) => epc === epcA).length).toBeGreaterThan(5);
    expect(reads(harness).every((epc) => epc === epcA || epc === epcB)).toBe(true);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('wrong sums only: no tag comes, it counts as silent, errors are counted', async () => {
    const { harness } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    harness.transport('tag-reader').corrupt = (bytes) =>
      bytes.map((b, i) => (i === bytes.length - 1 ? b ^ 1 : b));
    await harness.clock.advance(100);
    harness.messages.length = 0;
    const before = errors(harness);
    await harness.clock.advance(4500);
    expect(reads(harness)).toEqual([]);
    expect(harness.health('tag-reader')).toBe('silent');
    expect(errors(harness)).toBeGreaterThan(before);
  });

  it('a stalled write is closed and connected anew', async () => {
    const { harness, reader } = await activeReader(dialect);
    harness.transport('tag-reader').stallWrite = true;
    reader.silent = true;
    await harness.clock.advance(16_000);
    expect(harness.transports['tag-reader'][0]?.isOpen).toBe(false);
    reader.silent = false;
    await harness.clock.advance(10_000);
    expect(harness.health('tag-reader')).toBe('ready');
  });

  it('doubled replies neither double the rounds nor the errors', async () => {
    const { harness, reader } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA];
      one.copies = 2;
    });
    const before = reader.inventoryCount();
    await harness.clock.advance(1000);
    expect(reader.inventoryCount() - before).toBeLessThanOrEqual(26);
    expect(reads(harness).length).toBeGreaterThan(30);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(errors(harness)).toBe(0);
  });

  it('late replies: a round slower than the restart is received, the reader stays ready or says silent', async () => {
    const { harness, reader } = await activeReader(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    reader.roundMs = 1500;
    await harness.clock.advance(10_000);
    expect(reads(harness).length).toBeGreaterThanOrEqual(4);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(harness.transports['tag-reader'].length).toBe(1);
  });

  it('late replies while it is set up: tried again, then ready', async () => {
    const { harness, reader } = await scene(dialect, ({ reader: one }) => {
      one.replyMs = 350;
    });
    await harness.clock.advance(4000);
    reader.replyMs = 5;
    await harness.clock.advance(3000);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(reader.powerDbm).toBe(26);
  });

  it('another device at the other end: never ready, nothing reported', async () => {
    const harness = new DeviceHarness();
    // An R200 in a multi poll that does not know these commands.
    harness.players['tag-reader'] = (transport) => {
      const flood = (): void => {
        transport.send(bytesOfHex('BB02220011C43000E200001D7315016521408FC6B83EC27E'));
        harness.clock.after(200, flood);
      };
      flood();
    };
    await harness.up([dialect.spec]);
    await harness.clock.advance(6000);
    expect(harness.health('tag-reader')).not.toBe('ready');
    expect(harness.of('tags')).toEqual([]);
  });
});

describe('UHFReader18 alone', () => {
  const [old] = dialects as [Dialect];

  it('a broken antenna is no empty shelf: no reads are emitted, and the reason is in the health', async () => {
    const { harness, reader } = await activeReader(old, ({ reader: one }) => {
      one.tags = [epcA];
    });
    reader.antennaBroken = true;
    await harness.clock.advance(100);
    harness.messages.length = 0;
    await harness.clock.advance(4000);
    expect(harness.of('tags')).toEqual([]);
    expect(harness.health('tag-reader')).toBe('error');
    expect(detail(harness)).toContain('antenna_error');
    reader.antennaBroken = false;
    await harness.clock.advance(1000);
    expect(harness.health('tag-reader')).toBe('ready');
    expect(detail(harness)).toBe('');
  });

  it('a reader that pushes tags is put into answer mode first; what it still pushes is received', async () => {
    const { harness, reader } = await scene(old, ({ reader: one }) => {
      if (one instanceof FakeUhf18) one.readMode = 1;
    });
    expect(reader instanceof FakeUhf18 && reader.readMode).toBe(0);
    expect(reader.types().slice(0, 3)).toEqual(['getInfo', 'getWorkMode', 'setWorkMode']);
    harness.messages.length = 0;
    harness.transport('tag-reader').send(bytesOfHex('1100EE00E20000170014026616706B488337'));
    await harness.clock.advance(100);
    expect(reads(harness)).toContain('E20000170014026616706B48');
  });

  it('replies of another address are not ours', async () => {
    const { harness } = await activeReader(old);
    const before = errors(harness);
    harness.transport('tag-reader').send(
      encodeUhf18DeviceMessage({
        type: 'tags',
        address: 9,
        command: 1,
        status: 1,
        form: 'old',
        antenna: null,
        tags: [{ epc: epcA, rssi: null }],
      }),
    );
    await harness.clock.advance(100);
    expect(reads(harness)).toEqual([]);
    expect(errors(harness)).toBe(before + 1);
  });
});
