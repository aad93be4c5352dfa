import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import type { SlotContent } from '../../shared/launcher.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { UpdateRepository } from '../../testkit/updates/repository.ts';
import { releaseCli } from '../cli/release-cli.ts';
import { trustAtLeast, trustRoot } from '../tuf/trusted-metadata.ts';
import { UpdateError } from '../tuf/update-error.ts';
import { fetchRelease, metadataFolderOf } from './fetch-release.ts';
import { installRelease } from './install-release.ts';

/** From keys to a slot: `npm run release` publishes, a cabinet fetches and installs. */

let scratch: ReturnType<typeof makeScratchFolder>;
/** Serves what the command has made. */
let server: UpdateRepository;
let url: string;
let said: string[];
const large = randomBytes(400_000);
const dayMs = 86_400_000;

const at = (...parts: string[]): string => join(scratch.path, ...parts);
const keyFile = (name: string): string => at('keys', `${name}.pem`);
function release(act: string, more: Record<string, string> = {}, nowMs = Date.now()): number {
  const options = Object.entries(more).map(([name, value]) => `--${name}=${value}`);
  return releaseCli([act, ...options], (line) => said.push(line), nowMs);
}
const signers = (): Record<string, string> => ({
  ...{ repository: at('repository'), 'targets-key': keyFile('targets'), 'online-key': keyFile('online') },
});
function rootBy(root: string, more: Record<string, string> = {}): number {
  const own = {
    'root-keys': keyFile(root),
    'targets-keys': keyFile('targets'),
    'online-keys': keyFile('online'),
  };
  return release('root', { repository: at('repository'), ...own, ...more });
}
/** A packed app: something large that stays, and code that changes. */
function pack(version: string, code = `code of ${version}`): void {
  const folder = at(`app-${version}`);
  mkdirSync(join(folder, 'resources'), { recursive: true });
  writeFileSync(join(folder, 'kaimen'), large);
  chmodSync(join(folder, 'kaimen'), 0o755);
  writeFileSync(join(folder, 'resources', 'app.asar'), code);
}
function publish(version: string, more: Record<string, string> = {}, nowMs = Date.now()): number {
  if (!existsSync(at(`app-${version}`))) pack(version);
  const about = { app: at(`app-${version}`), version, platform: 'linux', arch: 'x64', start: 'kaimen' };
  return release('publish', { ...signers(), ...about, ...more }, nowMs);
}

beforeEach(async () => {
  scratch = makeScratchFolder();
  said = [];
  for (const name of ['root', 'root2', 'targets', 'online'])
    expect(release('key', { to: keyFile(name) })).toBe(0);
  expect(rootBy('root')).toBe(0);
  server = new UpdateRepository();
  server.interfere = ({ url: path = '' }, response) => {
    const file = at('repository', ...decodeURIComponent(path).split('/'));
    if (existsSync(file) && statSync(file).isFile()) response.end(readFileSync(file));
    else response.writeHead(404).end();
    return true;
  };
  url = await server.start();
  await trustRoot(
    metadataFolderOf({ folder: at('updates') }),
    readFileSync(at('repository', 'metadata', '1.root.json'), 'utf8'),
  );
});
afterEach(async () => {
  await server.stop();
  scratch.remove();
});

/** By the first metadata that signs for any. */
const targetsSignedFor = (): Record<string, { hashes: { sha256: string } }> => {
  const text = readFileSync(at('repository', 'metadata', '1.targets.json'), 'utf8');
  return (JSON.parse(text) as { signed: { targets: Record<string, { hashes: { sha256: string } }> } }).signed
    .targets;
};
const source = (nowMs?: number) => ({
  ...{ folder: at('updates'), url, platform: 'linux', arch: 'x64', clock: systemClock },
  ...(nowMs === undefined ? {} : { nowMs: () => nowMs }),
});
const place = (running: 'a' | 'b' = 'a') => ({
  ...{ ...source(), root: at('root'), running, freeBytes: () => Promise.resolve(1e12) },
});
const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof UpdateError ? error.kind : String(error)),
  );
const contentOf = (slot: string): SlotContent =>
  JSON.parse(readFileSync(at('root', 'slots', slot, 'slot.json'), 'utf8')) as SlotContent;

describe('a release', () => {
  it('is published, fetched and put into the slot that rests, whole', async () => {
    expect(publish('1.0.0')).toBe(0);
    const found = await fetchRelease(source(), '1.0.0');
    const installed = await installRelease(place(), found);
    expect(installed).toEqual({ slot: 'b', downloadedBytes: large.length + 13, copiedBytes: 0 });
    expect(contentOf('b')).toMatchObject({ version: '1.0.0', start: 'kaimen' });
    expect(readFileSync(at('root', 'slots', 'b', 'kaimen')).equals(large)).toBe(true);
    expect(statSync(at('root', 'slots', 'b', 'kaimen')).mode & 0o777).toBe(0o755);
    expect(statSync(at('root', 'slots', 'b', 'resources', 'app.asar')).mode & 0o777).toBe(0o644);
    expect(readdirSync(at('updates', 'part'))).toEqual([]);
  });

  it('the next one brings its own code alone; what is in the slot from before goes', async () => {
    publish('1.0.0');
    await installRelease(place('b'), await fetchRelease(source(), '1.0.0'));
    mkdirSync(at('root', 'slots', 'b', 'old', 'deep'), { recursive: true });
    writeFileSync(at('root', 'slots', 'b', 'old', 'deep', 'file'), 'of an earlier version');
    publish('1.0.1');
    const installed = await installRelease(place('a'), await fetchRelease(source(), '1.0.1'));
    expect(installed).toEqual({ slot: 'b', downloadedBytes: 13, copiedBytes: large.length });
    expect(existsSync(at('root', 'slots', 'b', 'old'))).toBe(false);
    server.requests.length = 0;
    // Once more: it is there.
    expect(await installRelease(place('a'), await fetchRelease(source(), '1.0.1'))).toMatchObject({
      ...{ downloadedBytes: 0, copiedBytes: 0 },
    });
    expect(server.requests.filter((path) => path.includes('/files/'))).toEqual([]);
  });

  it('a damaged file of the running slot is not copied, but fetched', async () => {
    publish('1.0.0');
    await installRelease(place('b'), await fetchRelease(source(), '1.0.0'));
    writeFileSync(at('root', 'slots', 'a', 'kaimen'), Buffer.alloc(large.length));
    publish('1.0.1');
    const installed = await installRelease(place('a'), await fetchRelease(source(), '1.0.1'));
    expect(installed.downloadedBytes).toBe(large.length + 13);
    expect(readFileSync(at('root', 'slots', 'b', 'kaimen')).equals(large)).toBe(true);
  });

  it('a break in the middle: what is there stays, the slot is none until all of it is', async () => {
    publish('1.0.0');
    const found = await fetchRelease(source(), '1.0.0');
    const end = new AbortController();
    const serve = server.interfere;
    server.interfere = (request, response) => {
      if (request.url?.includes('/files/') === true) end.abort();
      return serve(request, response);
    };
    expect(await kindOf(installRelease({ ...place(), stop: end.signal }, found))).toBe('busy');
    server.interfere = serve;
    expect(existsSync(at('root', 'slots', 'b', 'slot.json'))).toBe(false);
    expect(await kindOf(installRelease(place(), found))).toBe('none');
  });

  it.each(['/metadata/', '/releases/', '/files/'])(
    'a server that trickles (%s) does not keep the program from ending',
    async (part) => {
      publish('1.0.0');
      const end = new AbortController();
      const serve = server.interfere;
      server.interfere = (request, response) => {
        if (request.url?.includes(part) !== true) return serve(request, response);
        response.writeHead(200, { 'content-length': 400_000 });
        response.write(Buffer.alloc(1_000));
        end.abort();
        return true;
      };
      const stopping = { ...place(), stop: end.signal };
      const work = fetchRelease(stopping, '1.0.0').then((found) => installRelease(stopping, found));
      expect(await kindOf(work)).toBe('busy');
    },
  );

  it('what somebody has put into the slot, or taken the mode of, is put right', async () => {
    publish('1.0.0');
    const found = await fetchRelease(source(), '1.0.0');
    await installRelease(place(), found);
    writeFileSync(at('root', 'slots', 'b', 'core'), 'dumped');
    expect(await installRelease(place(), found)).toMatchObject({ downloadedBytes: 0, copiedBytes: 0 });
    expect(existsSync(at('root', 'slots', 'b', 'core'))).toBe(false);
    chmodSync(at('root', 'slots', 'b', 'kaimen'), 0o644);
    await installRelease(place(), found);
    expect(statSync(at('root', 'slots', 'b', 'kaimen')).mode & 0o777).toBe(0o755);
  });

  it('without room nothing of the slot is touched', async () => {
    publish('1.0.0');
    await installRelease(place(), await fetchRelease(source(), '1.0.0'));
    publish('1.0.1');
    const full = { ...place(), freeBytes: () => Promise.resolve(1_000_000) };
    expect(await kindOf(installRelease(full, await fetchRelease(source(), '1.0.1')))).toBe('disk');
    expect(contentOf('b').version).toBe('1.0.0');
  });

  it('a file that is not what the release says is not put in place', async () => {
    publish('1.0.0');
    const found = await fetchRelease(source(), '1.0.0');
    const own = found.files.find(({ path }) => path.endsWith('app.asar'))!;
    writeFileSync(at('repository', 'targets', 'files', own.sha256.slice(0, 2), own.sha256), 'code of 6.6.6');
    expect(await kindOf(installRelease(place(), found))).toBe('untrusted');
    expect(existsSync(at('root', 'slots', 'b', 'slot.json'))).toBe(false);
    expect(existsSync(at('root', 'slots', 'b', 'resources', 'app.asar'))).toBe(false);
  });

  it('of another machine, another version, or withdrawn: there is none', async () => {
    publish('1.0.0', { arch: 'arm64' });
    expect(await kindOf(fetchRelease(source(), '1.0.0'))).toBe('missing');
    publish('1.0.1');
    expect(await kindOf(fetchRelease(source(), '1.0.2'))).toBe('missing');
    expect(await kindOf(fetchRelease(source(), '1.0.1'))).toBe('none');
    expect(release('withdraw', { ...signers(), version: '1.0.1' })).toBe(0);
    expect(await kindOf(fetchRelease(source(), '1.0.1'))).toBe('missing');
  });

  it('that was signed for under the name of another machine or version is refused', async () => {
    publish('1.0.0');
    const targets = targetsSignedFor();
    const hash = targets['releases/1.0.0/linux-x64.json']!.hashes.sha256;
    const text = readFileSync(
      at('repository', 'targets', 'releases', '1.0.0', `${hash}.linux-x64.json`),
      'utf8',
    );
    server.interfere = (request, response) => {
      server.serve(request, response);
      return true;
    };
    await trustRoot(metadataFolderOf(source()), server.firstRoot);
    for (const [name, version] of [
      ['linux-x64', '1.0.1'],
      ['linux-arm64', '1.0.0'],
    ] as const)
      server.add(`releases/${version}/${name}.json`, Buffer.from(text));
    expect(await kindOf(fetchRelease(source(), '1.0.1'))).toBe('untrusted');
    expect(await kindOf(fetchRelease({ ...source(), arch: 'arm64' }, '1.0.0'))).toBe('untrusted');
  });

  it.each([
    ['leads out of the slot', { path: '../x' }],
    ['is the slot’s own', { path: 'slot.json' }],
    ['is there twice', { path: 'KAIMEN' }],
    ['is absolute', { path: '/etc/passwd' }],
  ])('with a path that %s is refused', async (_, change) => {
    const file = { path: 'kaimen', sha256: '0'.repeat(64), size: 1, isExecutable: true };
    const bad = {
      format: 1,
      version: '1.0.0',
      platform: 'linux',
      arch: 'x64',
      start: 'kaimen',
      files: [file, { ...file, ...change }],
    };
    server.interfere = (request, response) => {
      server.serve(request, response);
      return true;
    };
    await trustRoot(metadataFolderOf(source()), server.firstRoot);
    server.add('releases/1.0.0/linux-x64.json', Buffer.from(JSON.stringify(bad)));
    expect(await kindOf(fetchRelease(source(), '1.0.0'))).toBe('untrusted');
  });
});

describe('the metadata of a repository', () => {
  it('that nobody has refreshed is good for a week, by the time that counts, whatever the system says', async () => {
    publish('1.0.0');
    expect(await kindOf(fetchRelease(source(Date.now() + 6 * dayMs), '1.0.0'))).toBe('none');
    expect(await kindOf(fetchRelease(source(Date.now() + 8 * dayMs), '1.0.0'))).toBe('untrusted');
    release(
      'refresh',
      { repository: at('repository'), 'online-key': keyFile('online') },
      Date.now() + 5 * dayMs,
    );
    expect(await kindOf(fetchRelease(source(Date.now() + 8 * dayMs), '1.0.0'))).toBe('none');
  });

  it('a trusted root that is damaged on the disk gives way to that of the program; a newer one does not', async () => {
    publish('1.0.0');
    const shipped = readFileSync(at('repository', 'metadata', '1.root.json'), 'utf8');
    const folder = metadataFolderOf(source());
    const trusted = join(folder, 'root.json');
    expect(rootBy('root2', { 'former-root-keys': keyFile('root') })).toBe(0);
    for (const damaged of ['{ "signed": {', shipped.replace(/"sig":"./, '"sig":"x'), '']) {
      writeFileSync(trusted, damaged);
      expect(await kindOf(fetchRelease(source(), '1.0.0'))).not.toBe('none');
      await trustAtLeast(folder, shipped);
      expect(await kindOf(fetchRelease(source(), '1.0.0'))).toBe('none');
    }
    const newer = readFileSync(trusted, 'utf8');
    expect(newer).toContain('"version":2');
    await trustAtLeast(folder, shipped);
    expect(readFileSync(trusted, 'utf8')).toBe(newer);
    // The program brings a newer one, whatever the repository has.
    writeFileSync(trusted, shipped);
    await trustAtLeast(folder, newer);
    expect(readFileSync(trusted, 'utf8')).toBe(newer);
  });

  it('a line that breaks under the metadata is no forgery', async () => {
    publish('1.0.0');
    const serve = server.interfere;
    for (const part of ['timestamp', 'snapshot', 'targets.json']) {
      server.interfere = (request, response) => {
        if (request.url?.includes(part) !== true) return serve(request, response);
        request.socket.destroy();
        return true;
      };
      expect([part, await kindOf(fetchRelease(source(), '1.0.0'))]).toEqual([part, 'unreachable']);
    }
  });

  it('its root key is replaced by the old and the new one', async () => {
    publish('1.0.0');
    expect(rootBy('root2')).toBe(0);
    expect(await kindOf(fetchRelease(source(), '1.0.0'))).toBe('untrusted');
    expect(rootBy('root2', { 'former-root-keys': keyFile('root') })).toBe(0);
    // The one that the old key had not signed has to go first.
    const [bad, good] = [2, 3].map((version) => at('repository', 'metadata', `${version}.root.json`));
    const text = readFileSync(good!, 'utf8').replace('"version":3', '"version":2');
    writeFileSync(bad!, text);
    expect(await kindOf(fetchRelease(source(), '1.0.0'))).toBe('untrusted');
  });

  it('a version is never made twice; the list of what it was made of is signed for, too', () => {
    expect(publish('1.0.0')).toBe(0);
    expect(publish('1.0.0')).toBe(1);
    expect(said.at(-1)).toContain('never made twice');
    // Not out of something else after it was withdrawn, either.
    publish('1.0.1');
    expect(release('withdraw', { ...signers(), version: '1.0.1' })).toBe(0);
    pack('1.0.1', 'other code');
    expect(publish('1.0.1')).toBe(1);
    expect(said.at(-1)).toContain('never made twice');
    const targets = targetsSignedFor();
    const name = 'releases/1.0.0/linux-x64.cdx.json';
    const path = at(
      'repository',
      'targets',
      'releases',
      '1.0.0',
      `${targets[name]!.hashes.sha256}.linux-x64.cdx.json`,
    );
    const sbom = JSON.parse(readFileSync(path, 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    expect(sbom.components.map(({ name: one }) => one)).toContain('tuf-js');
  });

  it.each([[[]], [['publish']], [['what']], [['key', '--so']]])('%j is no command', (args) => {
    expect(releaseCli(args, (line) => said.push(line))).not.toBe(0);
  });
});
