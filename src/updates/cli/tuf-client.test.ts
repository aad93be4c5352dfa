import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, systemClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { until } from '../../testkit/until.ts';
import { UpdateRepository } from '../../testkit/updates/repository.ts';

import { metadataPatience } from '../tuf/metadata-fetcher.ts';
import { targetPatience } from '../tuf/target-download.ts';
import { tufClient } from './tuf-client.ts';

let repository: UpdateRepository;
let address: string;
let scratch: ReturnType<typeof makeScratchFolder>;
let said: string[];
const app = randomBytes(300_000);

beforeEach(async () => {
  repository = new UpdateRepository();
  repository.add('app/kaimen.zip', app);
  repository.add('other.txt', Buffer.from('other'));
  address = await repository.start();
  scratch = makeScratchFolder();
  said = [];
  writeFileSync(join(scratch.path, 'first.json'), repository.firstRoot);
  expect(await run('init', join(scratch.path, 'first.json'))).toBe(0);
  expect(repository.requests).toEqual([]);
});
afterEach(async () => {
  await repository.stop();
  scratch.remove();
});

const metadata = (): string => join(scratch.path, 'metadata');
const targets = (): string => join(scratch.path, 'targets');
const run = (word: string, ...more: string[]): Promise<0 | 1> => runAt(systemClock, word, ...more);
function runAt(clock: typeof systemClock, word: string, ...more: string[]): Promise<0 | 1> {
  const url = word === 'init' ? [] : ['--metadata-url', `${address}/metadata`];
  return tufClient(['--metadata-dir', metadata(), ...url, word, ...more], (line) => said.push(line), clock);
}
const download = (...names: string[]): Promise<0 | 1> => downloadAt(systemClock, ...names);
function downloadAt(clock: typeof systemClock, ...names: string[]): Promise<0 | 1> {
  const asked = names.flatMap((name) => ['--target-name', name]);
  const where = ['--target-base-url', `${address}/targets`, '--target-dir', targets()];
  return runAt(clock, 'download', ...asked, ...where);
}
const stored = (name: string): string => readFileSync(join(metadata(), name), 'utf8');
const versionOf = (name: string): number =>
  (JSON.parse(stored(name)) as { signed: { version: number } }).signed.version;
const here = (): string[] => (existsSync(targets()) ? readdirSync(targets()).sort() : []);
/** Bytes of a file that is on its way. */
const partBytes = (): number => {
  const folder = join(metadata(), 'part');
  const [name] = existsSync(folder) ? readdirSync(folder) : [];
  return name === undefined ? 0 : statSync(join(folder, name)).size;
};
const isApp = (path: string | undefined): boolean => path?.endsWith('.kaimen.zip') === true;

describe('the metadata', () => {
  it('is fetched in order and kept as it came', async () => {
    expect(await run('refresh')).toBe(0);
    expect(repository.requests).toEqual([
      '/metadata/2.root.json',
      '/metadata/timestamp.json',
      '/metadata/1.snapshot.json',
      '/metadata/1.targets.json',
    ]);
    expect(stored('root.json')).toBe(repository.firstRoot);
    for (const role of ['timestamp', 'snapshot', 'targets'] as const)
      expect(stored(`${role}.json`)).toBe(repository.text(role));
    expect(readdirSync(metadata()).sort()).toEqual([
      'root.json',
      'snapshot.json',
      'targets.json',
      'timestamp.json',
    ]);
  });

  it('options may stand behind the word', async () => {
    const args = ['refresh', '--metadata-url', `${address}/metadata`, '--metadata-dir', metadata()];
    expect(await tufClient(args, (line) => said.push(line))).toBe(0);
  });

  it('a root that the old and the new key have signed is followed, also where all else is missing', async () => {
    repository.rotateRoot();
    repository.rotateRoot();
    repository.interfere = ({ url }, response) => {
      if (url !== '/metadata/timestamp.json') return false;
      response.writeHead(404).end();
      return true;
    };
    expect(await run('refresh')).toBe(1);
    expect(versionOf('root.json')).toBe(3);
  });

  it.each([[['old']], [['new']]] as const)('a root that the %s key alone has signed is not', async (by) => {
    repository.rotateRoot(by);
    expect(await run('refresh')).toBe(1);
    expect(said.join()).toContain('untrusted');
    expect(versionOf('root.json')).toBe(1);
  });

  it.each(['timestamp', 'snapshot', 'targets'] as const)(
    'an older or expired %s counts for nothing',
    async (role) => {
      repository.publish();
      expect(await run('refresh')).toBe(0);
      const before = stored(`${role}.json`);
      repository.publish();
      repository.versions[role] = 1;
      expect(await run('refresh')).toBe(1);
      repository.publish();
      repository.versions[role] = 9;
      repository.expired.add(role);
      expect(await run('refresh')).toBe(1);
      if (role === 'targets') expect(stored(`${role}.json`)).toBe(before);
      expect(await download('other.txt')).toBe(1);
      expect(here()).toEqual([]);
    },
  );

  it('a cut or changed byte, a page of a portal, another place: nothing of it is kept', async () => {
    expect(await run('refresh')).toBe(0);
    const before = stored('timestamp.json');
    repository.publish();
    const whole = repository.text('timestamp');
    const answers = [
      whole.slice(0, -7),
      whole.replace('"version":2', '"version":7'),
      '<html>Welcome</html>',
      '',
    ];
    for (const text of answers) {
      repository.interfere = ({ url }, response) => {
        if (url !== '/metadata/timestamp.json') return false;
        response.end(text);
        return true;
      };
      expect(await run('refresh')).toBe(1);
      expect(stored('timestamp.json')).toBe(before);
    }
    repository.interfere = (_, response) => {
      response.writeHead(302, { location: `${address}/elsewhere` }).end();
      return true;
    };
    expect(await run('refresh')).toBe(1);
    expect(said.at(-1)).toContain('elsewhere');
    expect(repository.requests).not.toContain('/elsewhere');
  });

  it('that does not end is given up at its bound', async () => {
    let written = 0;
    repository.interfere = ({ url }, response) => {
      if (url !== '/metadata/timestamp.json') return false;
      const more = (): void => {
        written += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536, 32), () => setImmediate(more));
      };
      more();
      return true;
    };
    expect(await run('refresh')).toBe(1);
    expect(said.at(-1)).toContain('too_long');
    expect(written).toBeLessThan(50_000_000);
  });

  it('of a server that is silent, or that trickles, is given up', async () => {
    const clock = new FakeClock();
    let trickle = (): boolean => false;
    for (const kind of ['silent', 'slow'] as const) {
      let isAsked = false;
      repository.interfere = (_, response) => {
        isAsked = true;
        response.writeHead(200);
        response.flushHeaders();
        trickle = () => response.write(' ');
        return true;
      };
      const running = runAt(clock, 'refresh');
      await until('it asks', () => isAsked);
      if (kind === 'silent') await clock.advance(metadataPatience.silenceMs);
      else
        for (let ms = 0; ms < metadataPatience.windowMs; ms += 10_000) {
          trickle();
          const { silenceMs, windowMs } = metadataPatience;
          // Once it is heard, silence is waited for anew.
          await until('it is heard', () => (clock.untilNextMs() ?? 0) >= Math.min(silenceMs, windowMs - ms));
          await clock.advance(10_000);
        }
      expect(await running).toBe(1);
      expect(said.at(-1)).toContain(`${kind}:`);
    }
  });

  it('a look that was killed in its middle leaves no trace that counts', async () => {
    mkdirSync(join(metadata(), 'draft'));
    writeFileSync(join(metadata(), 'draft', 'timestamp.json'), 'half');
    expect(await run('refresh')).toBe(0);
    expect(versionOf('timestamp.json')).toBe(1);
    expect(existsSync(join(metadata(), 'draft'))).toBe(false);
  });
});

describe('a file', () => {
  it('is there when it is what was signed, and is not fetched twice', async () => {
    expect(await download('app/kaimen.zip', 'other.txt')).toBe(0);
    expect(here()).toEqual(['app%2Fkaimen.zip', 'other.txt']);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
    repository.requests.length = 0;
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(repository.requests.filter((one) => one.startsWith('/targets'))).toEqual([]);
  });

  it('that was changed on the disk is fetched again', async () => {
    await download('app/kaimen.zip');
    writeFileSync(join(targets(), 'app%2Fkaimen.zip'), Buffer.alloc(app.length));
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
  });

  it('the first that fails ends it: what came before stays, what comes after is not asked for', async () => {
    expect(await download('other.txt', 'nobody has signed this', 'app/kaimen.zip')).toBe(1);
    expect(here()).toEqual(['other.txt']);
  });

  it.each([
    ['other bytes', (bytes: Buffer) => Buffer.alloc(bytes.length, 1)],
    ['too few', (bytes: Buffer) => bytes.subarray(1)],
    ['more than was signed for', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['none', () => Buffer.alloc(0)],
  ])('%s are not put in place, and the next try begins anew', async (_, change) => {
    const file = repository.files.get('app/kaimen.zip')!;
    file.served = change(app);
    expect(await download('app/kaimen.zip')).toBe(1);
    expect(here()).toEqual([]);
    file.served = app;
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
  });

  /** The line breaks in the middle of it. */
  const breakOff = async (): Promise<void> => {
    repository.interfere = ({ url }, response) => {
      if (!isApp(url)) return false;
      response.writeHead(200, { 'content-length': app.length });
      response.write(app.subarray(0, 100_000));
      void until('some of it is here', () => partBytes() > 0).then(() => response.destroy());
      return true;
    };
    expect(await download('app/kaimen.zip')).toBe(1);
    expect(said.at(-1)).toContain('unreachable');
    expect(here()).toEqual([]);
    repository.interfere = () => false;
    repository.requests.length = 0;
  };
  const rangesAsked = (): string[] => repository.requests.filter((one) => one.includes('bytes='));

  it('is gone on with where the line broke', async () => {
    await breakOff();
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(rangesAsked()).toEqual([expect.stringMatching(/kaimen\.zip bytes=\d+-$/)]);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
  });

  it('is fetched whole where the part on the disk was changed, or the server has no parts', async () => {
    await breakOff();
    const folder = join(metadata(), 'part');
    const part = join(folder, readdirSync(folder)[0]!);
    writeFileSync(part, Buffer.alloc(50_000));
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
  });

  it.each([
    ['gives the whole', (): [number, object, Buffer] => [200, {}, app]],
    ['has no such rest', (): [number, object, Buffer] => [416, {}, Buffer.alloc(0)]],
    [
      'gives another part',
      (): [number, object, Buffer] => [206, { 'content-range': 'bytes 7-9/300000' }, app],
    ],
    ['says nothing of which', (): [number, object, Buffer] => [206, {}, app]],
  ])('asked for the rest, a server %s: the file is whole at the end', async (_, answer) => {
    await breakOff();
    repository.interfere = ({ url, headers }, response) => {
      if (!isApp(url) || headers.range === undefined) return false;
      const [status, more, bytes] = answer();
      response.writeHead(status, more as Record<string, string>).end(bytes);
      return true;
    };
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(app)).toBe(true);
  });

  it('a part of one release is not gone on with for another', async () => {
    await breakOff();
    const next = randomBytes(200_000);
    repository.add('app/kaimen.zip', next);
    repository.publish();
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(rangesAsked()).toEqual([]);
    expect(readFileSync(join(targets(), 'app%2Fkaimen.zip')).equals(next)).toBe(true);
    expect(readdirSync(join(metadata(), 'part'))).toEqual([]);
  });

  it('over a slow and honest line takes what it takes', async () => {
    const clock = new FakeClock();
    repository.interfere = ({ url }, response) => {
      if (!isApp(url)) return false;
      response.writeHead(200, { 'content-length': app.length });
      response.flushHeaders();
      const step = 30_000;
      const go = async (): Promise<void> => {
        for (let at = 0; at < app.length; at += step) {
          response.write(app.subarray(at, at + step));
          const come = Math.min(at + step, app.length);
          await until('it has come', () => come === app.length || partBytes() >= come);
          // A little more than 1 KB/s: five minutes in all.
          await clock.advance(28_000);
        }
        response.end();
      };
      void go();
      return true;
    };
    expect(await downloadAt(clock, 'app/kaimen.zip')).toBe(0);
    expect(clock.monotonicMs()).toBeGreaterThan(250_000);
  });

  it('that trickles is left alone: what came stays for the next try', async () => {
    const clock = new FakeClock();
    let isAsked = false;
    let trickle = (_at: number): void => undefined;
    repository.interfere = ({ url }, response) => {
      if (!isApp(url)) return false;
      isAsked = true;
      response.writeHead(200, { 'content-length': app.length });
      response.write(app.subarray(0, 20_000));
      trickle = (at) => response.write(app.subarray(20_000 + at, 20_001 + at));
      return true;
    };
    const running = downloadAt(clock, 'app/kaimen.zip');
    await until('it asks', () => isAsked);
    for (let ms = 0; ms < targetPatience.windowMs; ms += 30_000) {
      trickle(ms / 30_000);
      await until('it has come', () => partBytes() > 20_000 + ms / 30_000);
      await clock.advance(30_000);
    }
    expect(await running).toBe(1);
    expect(said.at(-1)).toContain('slow:');
    repository.interfere = () => false;
    repository.requests.length = 0;
    expect(await download('app/kaimen.zip')).toBe(0);
    expect(rangesAsked()).toHaveLength(1);
  });

  it('whose name is an address, or leads out of the folder, is asked for and put where files are', async () => {
    for (const name of ['http://example.invalid/x', '../../../etc/x', '//example.invalid/x', 'a b?c#d%2e'])
      repository.add(name, Buffer.from(name));
    repository.publish();
    for (const name of ['http://example.invalid/x', '../../../etc/x', '//example.invalid/x', 'a b?c#d%2e'])
      await download(name);
    for (const file of here()) expect(file).not.toContain('/');
    expect(existsSync(join(scratch.path, 'etc'))).toBe(false);
  });

  it('the disk cannot be written: said so, nothing is thrown', async () => {
    await run('refresh');
    writeFileSync(join(metadata(), 'part'), 'a file where a folder has to be');
    expect(await download('app/kaimen.zip')).toBe(1);
    expect(said.at(-1)).toContain('disk:');
  });
});

describe('the command line', () => {
  it.each([
    [[]],
    [['refresh']],
    [['--metadata-dir', 'x', 'refresh']],
    [['--metadata-dir', 'x', '--metadata-url', 'file:///etc/passwd', 'refresh']],
    [['--metadata-dir', 'x', 'init']],
    [['--metadata-dir', 'x', 'init', 'a', 'b']],
    [['--metadata-dir', 'x', '--metadata-url', 'http://127.0.0.1:1', 'download']],
    [['--what', 'refresh']],
  ])('%j is not one', async (args) => {
    expect(await tufClient(args, (line) => said.push(line))).toBe(1);
    expect(said.at(-1)).toContain('usage');
  });

  it('without a trusted root nobody is asked', async () => {
    const args = [
      '--metadata-dir',
      join(scratch.path, 'none'),
      '--metadata-url',
      `${address}/metadata`,
      'refresh',
    ];
    expect(await tufClient(args, (line) => said.push(line))).toBe(1);
    expect(repository.requests).toEqual([]);
  });

  it('a trusted root that is none, or that nobody has signed: nobody is asked', async () => {
    for (const text of ['{}', 'x', repository.firstRoot.replace(/"sig":"../, '"sig":"00')]) {
      writeFileSync(join(scratch.path, 'first.json'), text);
      await run('init', join(scratch.path, 'first.json'));
      expect(await run('refresh')).toBe(1);
    }
    expect(repository.requests).toEqual([]);
  });
});
