import { describe, expect, it } from 'vitest';
import { bytesOfHex } from './protocol/codec.ts';
import { encodeUhf18DeviceMessage } from './protocol/rfid-uhfreader18.ts';
import { FakeSw5357, FakeUhf18, sw5357Spec, uhf18Spec } from './testing/fake-round-reader.ts';
import { Rig } from './testing/rig.ts';

/** Faults × states for the readers that make one round per command; the R200's are in tag-reader.test.ts. */
const epcA = 'E200001D7315016521408FC6';
const epcB = '3035A537C837754000000001';

const dialects = [
  { name: 'UHFReader18, old form', spec: { ...uhf18Spec, form: 'old' as const }, make: uhf18('old') },
  { name: 'UHFReader18, new form', spec: { ...uhf18Spec, form: 'new' as const }, make: uhf18('new') },
  { name: 'UHFReader18, form asked (new)', spec: uhf18Spec, make: uhf18('new') },
  { name: '53 57', spec: sw5357Spec, make: (rig: Rig) => new FakeSw5357(rig.clock) },
];

function uhf18(form: 'old' | 'new') {
  return (rig: Rig): FakeUhf18 => {
    const reader = new FakeUhf18(rig.clock);
    reader.form = form;
    return reader;
  };
}

interface Scene {
  rig: Rig;
  reader: FakeUhf18 | FakeSw5357;
}
type Dialect = (typeof dialects)[number];

async function scene(dialect: Dialect, change: (scene: Scene) => void = () => undefined): Promise<Scene> {
  const rig = new Rig();
  const made = { rig, reader: dialect.make(rig) };
  rig.players['tag-reader'] = (link) => {
    made.reader.attach(link);
  };
  change(made);
  await rig.up([dialect.spec]);
  return made;
}

async function continuous(
  dialect: Dialect,
  change: (scene: Scene) => void = () => undefined,
): Promise<Scene> {
  const made = await scene(dialect, change);
  made.rig.supervisor.setInventoryPace('continuous');
  await made.rig.clock.advance(400);
  made.rig.messages.length = 0;
  return made;
}

const reads = (rig: Rig): string[] => rig.of('tags').flatMap((b) => b.reads.map((r) => r.epc));
const errors = (rig: Rig): number => rig.supervisor.health()[0]?.errorCount ?? -1;
const detail = (rig: Rig): string => rig.supervisor.health()[0]?.detail ?? '';
/** Everything that was ever told about the reader's state. */
const told = (rig: Rig): string[] => rig.of('health').flatMap((m) => m.devices.map((d) => d.detail));

describe.each(dialects)('$name', (dialect) => {
  it('sets region and power where they differ, then reads; a second start writes nothing', async () => {
    const { rig, reader } = await scene(dialect);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(reader.powerDbm).toBe(26);
    if (reader instanceof FakeUhf18) expect([reader.maxFre, reader.minFre]).toEqual([0x13, 0x40]);
    else expect([reader.n1, reader.n2, reader.workMode]).toEqual([0x2c, 0xa3, 0]);
    const first = reader.types().findIndex((type) => type.startsWith('inventory'));
    expect(reader.types().findLastIndex((type) => /^set(Freq|Power|Param)/.test(type))).toBeLessThan(first);
    reader.received.length = 0;
    rig.link('tag-reader').unplug();
    await rig.clock.advance(1000);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(reader.types().filter((type) => /^set(Freq|Power|Param)/.test(type))).toEqual([]);
  });

  it('a refused region: nothing is read, and it is said', async () => {
    const { rig, reader } = await scene(dialect, ({ reader: one }) => {
      one.refuses = true;
    });
    await rig.clock.advance(3000);
    expect(reader.inventoryCount()).toBe(0);
    expect(told(rig).some((text) => text.includes('refuses set'))).toBe(true);
  });

  it('continuous: round after round, in batches of at most 50 ms', async () => {
    const { rig, reader } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA, epcB, ...Array.from({ length: 7 }, (_, i) => `E2801160600002000000000${i}`)];
    });
    const before = reader.inventoryCount();
    await rig.clock.advance(2000);
    expect(reader.inventoryCount() - before).toBeGreaterThanOrEqual(45);
    for (const batch of rig.of('tags')) {
      expect(batch.atMs - Math.min(...batch.reads.map((r) => r.atMs))).toBeLessThanOrEqual(50);
    }
    for (const epc of reader.tags) expect(reads(rig).filter((r) => r === epc).length).toBeGreaterThan(40);
    expect(new Set(rig.of('tags').flatMap((b) => b.reads.map((r) => r.rssiDbm)))).toEqual(new Set([null]));
  });

  it('rounds without tags say that the reader is alive, and never come faster than 20 ms', async () => {
    const { rig, reader } = await continuous(dialect, ({ reader: one }) => {
      one.roundMs = 0;
    });
    const before = reader.inventoryCount();
    await rig.clock.advance(1000);
    expect(rig.of('tags').length).toBeGreaterThanOrEqual(13);
    expect(reads(rig)).toEqual([]);
    expect(reader.inventoryCount() - before).toBeLessThanOrEqual(51);
    expect(errors(rig)).toBe(0);
  });

  it('sweep: reads for 300 ms each 2 s, and sends nothing in between', async () => {
    const { rig, reader } = await scene(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    await rig.clock.advance(2000);
    const [before, startMs] = [reader.inventoryCount(), rig.clock.monotonicMs()];
    rig.messages.length = 0;
    await rig.clock.advance(20_000);
    const rounds = reader.inventoryCount() - before;
    expect(rounds).toBeGreaterThanOrEqual(60);
    expect(rounds).toBeLessThanOrEqual(90);
    const busy = new Set(rig.of('tags').map((b) => Math.floor((b.atMs - startMs) / 100)));
    expect(busy.size).toBeLessThanOrEqual(50);
    rig.supervisor.setInventoryPace('continuous');
    await rig.clock.advance(120);
    expect(reader.inventoryCount() - before - rounds).toBeGreaterThanOrEqual(2);
  });

  it.each(['continuous', 'sweep'] as const)(
    'silence, %s: silent after 3 s, later a new connection',
    async (pace) => {
      const { rig, reader } = await scene(dialect);
      rig.supervisor.setInventoryPace(pace);
      await rig.clock.advance(3000);
      reader.silent = true;
      await rig.clock.advance(6000);
      expect(rig.health('tag-reader')).toBe('silent');
      await rig.clock.advance(9000);
      expect(rig.links['tag-reader'].length).toBeGreaterThanOrEqual(2);
      reader.silent = false;
      await rig.clock.advance(5000);
      expect(rig.health('tag-reader')).toBe('ready');
    },
  );

  it('silence while it is set up: no inventory, silent, and ready when it speaks', async () => {
    const { rig, reader } = await scene(dialect, ({ reader: one }) => {
      one.silent = true;
    });
    await rig.clock.advance(6000);
    expect(rig.health('tag-reader')).toBe('silent');
    expect(reader.inventoryCount()).toBe(0);
    reader.silent = false;
    await rig.clock.advance(8000);
    expect(rig.health('tag-reader')).toBe('ready');
  });

  it('unplugged in a round: disconnected, then set up anew, the pace kept', async () => {
    const { rig, reader } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    rig.link('tag-reader').unplug();
    await rig.clock.advance(0);
    expect(rig.health('tag-reader')).toBe('disconnected');
    await rig.clock.advance(2000);
    rig.messages.length = 0;
    const before = reader.inventoryCount();
    await rig.clock.advance(1000);
    expect(reader.inventoryCount() - before).toBeGreaterThan(15);
    expect(reads(rig).length).toBeGreaterThan(15);
  });

  it('garbage around the frames costs no tag', async () => {
    const { rig } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA, epcB];
    });
    // In lumps of their own, as a line delivers them; what looks like a length is given up at the quiet gap.
    rig.link('tag-reader').corrupt = (bytes) => Uint8Array.from([...bytes, 0x02, 0x01, 0x00]);
    await rig.clock.advance(1000);
    expect(reads(rig).filter((epc) => epc === epcA).length).toBeGreaterThan(5);
    expect(reads(rig).every((epc) => epc === epcA || epc === epcB)).toBe(true);
    expect(rig.health('tag-reader')).toBe('ready');
  });

  it('wrong sums only: no tag comes, it counts as silent, errors are counted', async () => {
    const { rig } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    rig.link('tag-reader').corrupt = (bytes) => bytes.map((b, i) => (i === bytes.length - 1 ? b ^ 1 : b));
    await rig.clock.advance(100);
    rig.messages.length = 0;
    const before = errors(rig);
    await rig.clock.advance(4500);
    expect(reads(rig)).toEqual([]);
    expect(rig.health('tag-reader')).toBe('silent');
    expect(errors(rig)).toBeGreaterThan(before);
  });

  it('a stalled write is closed and connected anew', async () => {
    const { rig, reader } = await continuous(dialect);
    rig.link('tag-reader').stallWrite = true;
    reader.silent = true;
    await rig.clock.advance(16_000);
    expect(rig.links['tag-reader'][0]?.isOpen).toBe(false);
    reader.silent = false;
    await rig.clock.advance(10_000);
    expect(rig.health('tag-reader')).toBe('ready');
  });

  it('doubled replies neither double the rounds nor the errors', async () => {
    const { rig, reader } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA];
      one.copies = 2;
    });
    const before = reader.inventoryCount();
    await rig.clock.advance(1000);
    expect(reader.inventoryCount() - before).toBeLessThanOrEqual(26);
    expect(reads(rig).length).toBeGreaterThan(30);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(errors(rig)).toBe(0);
  });

  it('late replies: a round slower than the restart is heard, the reader stays ready or says silent', async () => {
    const { rig, reader } = await continuous(dialect, ({ reader: one }) => {
      one.tags = [epcA];
    });
    reader.roundMs = 1500;
    await rig.clock.advance(10_000);
    expect(reads(rig).length).toBeGreaterThanOrEqual(4);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(rig.links['tag-reader'].length).toBe(1);
  });

  it('late replies while it is set up: tried again, then ready', async () => {
    const { rig, reader } = await scene(dialect, ({ reader: one }) => {
      one.replyMs = 350;
    });
    await rig.clock.advance(4000);
    reader.replyMs = 5;
    await rig.clock.advance(3000);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(reader.powerDbm).toBe(26);
  });

  it('another device at the other end: never ready, nothing reported', async () => {
    const rig = new Rig();
    // An R200 in a multi poll that does not know these commands.
    rig.players['tag-reader'] = (link) => {
      const babble = (): void => {
        link.send(bytesOfHex('BB02220011C43000E200001D7315016521408FC6B83EC27E'));
        rig.clock.after(200, babble);
      };
      babble();
    };
    await rig.up([dialect.spec]);
    await rig.clock.advance(6000);
    expect(rig.health('tag-reader')).not.toBe('ready');
    expect(rig.of('tags')).toEqual([]);
  });
});

describe('UHFReader18 alone', () => {
  const [old] = dialects as [Dialect];

  it('a broken antenna is no empty shelf: nothing is told of it, and the reason is', async () => {
    const { rig, reader } = await continuous(old, ({ reader: one }) => {
      one.tags = [epcA];
    });
    reader.antennaBroken = true;
    await rig.clock.advance(100);
    rig.messages.length = 0;
    await rig.clock.advance(4000);
    expect(rig.of('tags')).toEqual([]);
    expect(rig.health('tag-reader')).toBe('error');
    expect(detail(rig)).toContain('antenna_error');
    reader.antennaBroken = false;
    await rig.clock.advance(1000);
    expect(rig.health('tag-reader')).toBe('ready');
    expect(detail(rig)).toBe('');
  });

  it('a reader that pushes tags is put into answer mode first; what it still pushes is heard', async () => {
    const { rig, reader } = await scene(old, ({ reader: one }) => {
      if (one instanceof FakeUhf18) one.readMode = 1;
    });
    expect(reader instanceof FakeUhf18 && reader.readMode).toBe(0);
    expect(reader.types().slice(0, 3)).toEqual(['getInfo', 'getWorkMode', 'setWorkMode']);
    rig.messages.length = 0;
    rig.link('tag-reader').send(bytesOfHex('1100EE00E20000170014026616706B488337'));
    await rig.clock.advance(100);
    expect(reads(rig)).toContain('E20000170014026616706B48');
  });

  it('replies of another address are not ours', async () => {
    const { rig } = await continuous(old);
    const before = errors(rig);
    rig.link('tag-reader').send(
      encodeUhf18DeviceMessage({
        ...{ type: 'tags', address: 9, command: 1, status: 1, form: 'old', antenna: null },
        tags: [{ epc: epcA, rssi: null }],
      }),
    );
    await rig.clock.advance(100);
    expect(reads(rig)).toEqual([]);
    expect(errors(rig)).toBe(before + 1);
  });
});
