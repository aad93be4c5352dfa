import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { encodeScan } from '../protocol/scanner-hid-pos.ts';
import { FakeBoard, FakeReader } from '../../testkit/devices/device-harness.ts';
import { MemoryTransport } from '../transport/memory.ts';
import type { Finding } from '../inventory/inventory.ts';
import { defaultProfilePath, openProfile } from './profile-file.ts';
import { runSetup } from './setup.ts';

function finding(ids: [number, number], role: Finding['role']): Finding {
  return {
    ids: '',
    portPath: null,
    what: role,
    role,
    product: null,
    serialNumber: null,
    nodes: [],
    drivers: [],
    problems: [],
    match: { vendorId: ids[0], productId: ids[1] },
  };
}
const lockAdapter = finding([0x1a86, 0x7523], 'serial');
const readerAdapter = finding([0x10c4, 0xea60], 'serial');
const scanner = finding([0x0c2e, 1], 'hid-scanner');

/** Plays the person: answers questions that fit a pattern, first come first served; the door is moved by the answers. */
class Person {
  readonly clock = new FakeClock();
  readonly board = new FakeBoard(this.clock);
  readonly reader = new FakeReader(this.clock);
  readonly path = join(mkdtempSync(join(tmpdir(), 'kaimen-setup-')), 'config.json');
  readonly said: string[] = [];
  readonly questions: string[] = [];
  transports: MemoryTransport[] = [];
  devices: Finding[] = [lockAdapter, scanner, readerAdapter];
  /** What to do at a question: the answer, or null when nobody is there any more. */
  answer: (question: string, person: Person) => string | null = answerAll;
  closedReads: 0 | 1 = 1;
  isWired = true;

  moveDoor(isOpen: boolean): void {
    if (this.isWired) this.board.feedback = isOpen === (this.closedReads === 1) ? 0 : 1;
  }

  async run(): Promise<boolean> {
    const profile = openProfile(this.path);
    if (!profile.ok) throw new Error(profile.error.message);
    this.moveDoor(false);
    let isDone = false;
    const ended = runSetup({
      clock: this.clock,
      makeTransport: (spec) => this.#transport(spec.kind === 'serial' ? spec.baudRate : 0).hostEnd,
      takeInventory: () => Promise.resolve({ devices: this.devices, problems: [] }),
      profile: profile.value,
      profilePath: this.path,
      ask: (question) => {
        this.questions.push(question);
        if (this.questions.length > 200) throw new Error('asks without end');
        return Promise.resolve(this.answer(question, this));
      },
      say: (text) => this.said.push(text),
    }).finally(() => {
      isDone = true;
    });
    while (!isDone) await this.clock.advance(50);
    return ended;
  }

  #transport(baudRate: number): MemoryTransport {
    const transport = new MemoryTransport();
    this.transports.push(transport);
    if (baudRate === 9600) this.board.attach(transport);
    else if (baudRate === 115_200) this.reader.attach(transport);
    return transport;
  }

  written(): Record<string, unknown> {
    return JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, unknown>;
  }
}

function answerAll(question: string, person: Person): string {
  if (/Shut the door/.test(question)) person.moveDoor(false);
  if (/Pull the door/.test(question)) person.moveDoor(true);
  if (/is the lock/.test(question)) return '1';
  if (/is the code scanner/.test(question)) return '2';
  if (/is the tag reader/.test(question)) return '3';
  if (/is the (scale|thermometer)/.test(question)) return 's';
  if (/Hold a code/.test(question)) {
    person.clock.after(300, () => {
      for (const report of encodeScan({ layout: 'standard', text: '6901234567892', aim: ']E0' })) {
        person.transports.at(-1)?.send(report);
      }
    });
  }
  return /\(y\/n\)/.test(question) ? 'y' : '';
}

describe('guided test', () => {
  it('lock, scanner and reader are tried, confirmed and written; other settings stay', async () => {
    const person = new Person();
    person.reader.tags = ['E200001D7315016521408FC6'];
    writeFileSync(
      person.path,
      JSON.stringify({ cabinetId: 'KM-1', cabinet: { simulated: true, devices: [] } }),
    );
    expect(await person.run()).toBe(true);
    const line = { dataBits: 8, parity: 'none', stopBits: 1 };
    const { profiles, ...written } = person.written();
    // What was there before, and what is there now.
    expect(profiles).toMatchObject({
      version: 1,
      list: [
        { why: 'begin', profile: { cabinet: { simulated: true } } },
        { why: 'command', by: '-', profile: { cabinet: { simulated: false } } },
      ],
    });
    expect(written).toEqual({
      cabinetId: 'KM-1',
      cabinet: {
        simulated: false,
        devices: [
          {
            kind: 'lock',
            protocol: 'lock-8a',
            boardAddress: 1,
            channel: 1,
            closedFeedback: 1,
            transport: { kind: 'serial', match: lockAdapter.match, baudRate: 9600, ...line },
          },
          {
            kind: 'code-scanner',
            protocol: 'scanner-hid-pos',
            layout: 'auto',
            transport: { kind: 'hid', match: scanner.match },
          },
          {
            kind: 'tag-reader',
            protocol: 'rfid-r200',
            region: 'china-900',
            powerCentiDbm: 2600,
            transport: { kind: 'serial', match: readerAdapter.match, baudRate: 115_200, ...line },
          },
        ],
      },
    });
    expect(person.said).toContain('Read: 6901234567892 (]E0)');
    expect(person.said.join('\n')).toMatch(
      /^1 tags: E200001D7315016521408FC6\n\d+ reads a second carry at most \d+ tags; with these the bill is ready/m,
    );
    expect(person.transports.every((transport) => !transport.isOpen)).toBe(true);
  });

  it('an adapter that another device has is refused with words, before anything is tried on it', async () => {
    const person = new Person();
    person.answer = (question, one) => {
      if (/is the tag reader/.test(question)) return one.said.join().includes('would both open') ? 's' : '1';
      return answerAll(question, one);
    };
    expect(await person.run()).toBe(true);
    expect(person.said.join('\n')).toContain(
      'lock-1 and tag-reader-1 would both open 1A86:7523: each needs a port of its own',
    );
    expect(person.written()['cabinet']).toMatchObject({
      devices: [{ kind: 'lock' }, { kind: 'code-scanner' }],
    });
  });

  it('goods that would stand on no scale any more are named, and nothing is written', async () => {
    const person = new Person();
    person.reader.tags = ['E200001D7315016521408FC6'];
    const config = {
      cabinet: { simulated: false, devices: [] },
      shelf: { lanes: [{ lane: 1, goods: [{ sku: 'cola' }] }] },
    };
    writeFileSync(person.path, JSON.stringify(config));
    expect(await person.run()).toBe(false);
    expect(person.said.join('\n')).toContain('no scale in cabinet.devices weighs lane 1');
    expect(person.written()).toEqual(config);
  });

  it('goods that are in the file under no name any more are not taken for none', () => {
    const { path } = new Person();
    const transport = { kind: 'hid', match: { vendorId: 0x0922, productId: 0x8003 } };
    const scale = { kind: 'scale', protocol: 'scale-hid', lane: 1, transport };
    const cabinet = { simulated: false, devices: [scale] };
    const profile = { cabinet, shelf: { lanes: [{ lane: 1, goods: [{ sku: 'cola' }] }] } };
    const profiles = { version: 3, list: [{ version: 3, atMs: 1, by: '-', why: 'here', profile }] };
    writeFileSync(path, JSON.stringify({ cabinet, shelg: profile.shelf, profiles }));
    expect(openProfile(path)).toMatchObject({
      error: { code: 'profile.invalid', message: expect.stringContaining('shelf.lanes is gone') as string },
    });
  });

  it('the polarity is what the door showed', async () => {
    const person = new Person();
    person.closedReads = 0;
    person.answer = (question) => (/scanner|reader/.test(question) ? 's' : answerAll(question, person));
    expect(await person.run()).toBe(true);
    expect(JSON.stringify(person.written())).toContain('"closedFeedback":0');
  });

  it('a contact that does not follow the door is not written', async () => {
    const person = new Person();
    person.isWired = false;
    person.answer = (question) =>
      /scanner|reader|Once more/.test(question) ? 's' : answerAll(question, person);
    expect(await person.run()).toBe(false);
    expect(person.said.join()).toContain('The door contact did not change');
    expect(existsSync(person.path)).toBe(false);
  });

  it('a lock that did not open is not written; once more, and it is', async () => {
    const person = new Person();
    let opened = 0;
    person.answer = (question) => {
      if (/scanner|reader/.test(question)) return 's';
      if (/Did the lock open/.test(question)) return ++opened === 1 ? 'n' : 'y';
      return answerAll(question, person);
    };
    expect(await person.run()).toBe(true);
    expect(opened).toBe(2);
  });

  it('a device that does not answer is said and may be skipped', async () => {
    const person = new Person();
    person.board.silent = true;
    person.answer = (question) =>
      /scanner|reader|Once more/.test(question) ? 's' : answerAll(question, person);
    expect(await person.run()).toBe(false);
    expect(person.said.join()).toContain('It cannot be used: lock:');
  });

  it('skipped devices stay in the profile as they were', async () => {
    const person = new Person();
    const old = { kind: 'code-scanner', protocol: 'scanner-hid-pos', layout: 'newland' };
    const entry = { ...old, transport: { kind: 'hid', match: { vendorId: 1, productId: 2 } } };
    writeFileSync(person.path, JSON.stringify({ cabinet: { simulated: false, devices: [entry] } }));
    person.answer = (question) => (/scanner|reader/.test(question) ? 's' : answerAll(question, person));
    expect(await person.run()).toBe(true);
    expect(person.said.some((text) => text.includes('code-scanner: scanner-hid-pos (as it was)'))).toBe(true);
    expect(JSON.stringify(person.written())).toContain('newland');
  });

  it.each([
    ['nobody answers any more', null],
    ['not confirmed at the end', 'n'],
    ['skipped at the end', 's'],
  ])('%s: nothing is written', async (_name, last) => {
    const person = new Person();
    person.answer = (question) => {
      if (/Write it/.test(question)) return last;
      return /scanner|reader/.test(question) ? 's' : answerAll(question, person);
    };
    expect(await person.run()).toBe(false);
    expect(existsSync(person.path)).toBe(false);
  });

  it('numbers and values that mean nothing are asked again', async () => {
    const person = new Person();
    const wrong = ['9', 'x', '2'];
    let baud = 0;
    person.answer = (question) => {
      if (/scanner|reader/.test(question)) return 's';
      if (/is the lock/.test(question)) return wrong.shift() ?? '1';
      if (/Baud/.test(question)) return ++baud === 1 ? '9601' : '';
      return answerAll(question, person);
    };
    expect(await person.run()).toBe(true);
    expect(wrong).toEqual([]);
    expect(baud).toBe(2);
  });
});

describe('the settings file', () => {
  it('that is not JSON, or no settings, is left as it is', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'kaimen-setup-')), 'config.json');
    for (const text of ['{', '[]', '{"cabinet":{"devices":3}}']) {
      writeFileSync(path, text);
      expect(openProfile(path)).toMatchObject({ error: { code: 'profile.invalid' } });
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  it('in another encoding is left as it is, and a byte order mark is none of its text, as for the app', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'kaimen-setup-')), 'config.json');
    // 中文 in GBK.
    const gbk = Buffer.concat([
      Buffer.from('{"place":{"zh":"'),
      Buffer.from('d6d0cec4', 'hex'),
      Buffer.from('"}}'),
    ]);
    writeFileSync(path, gbk);
    expect(openProfile(path)).toMatchObject({
      error: { code: 'profile.invalid', message: expect.stringContaining('UTF-8') as unknown },
    });
    expect(readFileSync(path)).toEqual(gbk);
    writeFileSync(path, '\uFEFF{"place":{"zh":"中文"}}');
    const profile = openProfile(path);
    expect(profile.ok && profile.value.write([], 0).ok).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ place: { zh: '中文' } });
  });

  it('of a newer form is left as it is', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'kaimen-setup-')), 'config.json');
    writeFileSync(path, JSON.stringify({ profiles: { form: 2, version: 1, list: [] } }));
    expect(openProfile(path)).toMatchObject({
      error: { message: expect.stringContaining('newer program') as unknown },
    });
  });

  it('that cannot be written is said', () => {
    const profile = openProfile('/dev/null/config.json');
    expect(profile).toMatchObject({ error: { code: 'profile.unreadable' } });
    const fine = openProfile(join(tmpdir(), 'kaimen-none', 'config.json'));
    expect(fine.ok && fine.value.devices).toEqual([]);
  });

  it('is where the app looks', () => {
    expect(defaultProfilePath({ KAIMEN_DATA_DIR: '/data' })).toBe(join('/data', 'config.json'));
    expect(defaultProfilePath({ XDG_CONFIG_HOME: '/x' }, 'linux')).toBe(join('/x', 'Kaimen', 'config.json'));
    expect(defaultProfilePath({ APPDATA: '/a' }, 'win32')).toBe(join('/a', 'Kaimen', 'config.json'));
  });
});
