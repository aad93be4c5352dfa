import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { RoleKey, UpdateRepository } from '../../testkit/updates/repository.ts';
import { tufClient } from './tuf-client.ts';

/** What a repository in the wrong hands tries beyond the plain faults of `tuf-client.test.ts`. */

let repository: UpdateRepository;
let address: string;
let scratch: ReturnType<typeof makeScratchFolder>;
let said: string[];
const bytes = randomBytes(5_000);

beforeEach(async () => {
  repository = new UpdateRepository();
  repository.add('a.bin', bytes);
  address = await repository.start();
  scratch = makeScratchFolder();
  said = [];
});
afterEach(async () => {
  await repository.stop();
  scratch.remove();
});

const metadata = (): string => join(scratch.path, 'metadata');
const targets = (): string => join(scratch.path, 'targets');
const run = (...args: string[]): Promise<0 | 1> =>
  tufClient(['--metadata-dir', metadata(), ...args], (line) => said.push(line));
async function init(root = repository.firstRoot): Promise<void> {
  writeFileSync(join(scratch.path, 'first.json'), root);
  expect(await run('init', join(scratch.path, 'first.json'))).toBe(0);
}
const refresh = (): Promise<0 | 1> => run('--metadata-url', `${address}/metadata/`, 'refresh');
const download = (...names: string[]): Promise<0 | 1> =>
  run(
    ...['--metadata-url', `${address}/metadata`, 'download', '--target-dir', targets()],
    ...['--target-base-url', `${address}/targets/`, ...names.map((name) => `--target-name=${name}`)],
  );
const versionOf = (name: string): number =>
  (JSON.parse(readFileSync(join(metadata(), name), 'utf8')) as { signed: { version: number } }).signed
    .version;
const here = (): string[] => (existsSync(targets()) ? readdirSync(targets()).sort() : []);
const yearOn = `${new Date(Date.now() + 3e10).toISOString().slice(0, 19)}Z`;
const fileOf = (content: Buffer): object => ({
  length: content.length,
  hashes: { sha256: createHash('sha256').update(content).digest('hex') },
});

describe('keys', () => {
  /** A root in which snapshots need `threshold` of the keys with these names. */
  function rootWith(keys: Record<string, RoleKey>, threshold: number): string {
    const own = JSON.parse(repository.firstRoot) as {
      signed: { keys: object; roles: Record<string, object> };
    };
    const named = Object.entries(keys).map(([name, { key }]) => [name, key]);
    const signed = {
      ...own.signed,
      keys: { ...own.signed.keys, ...(Object.fromEntries(named) as object) },
      roles: { ...own.signed.roles, snapshot: { keyids: Object.keys(keys), threshold } },
    };
    return repository.signedText(signed, [repository.keys.root]);
  }
  const serveSnapshot = (text: () => string): void => {
    repository.interfere = ({ url }, response) => {
      if (url !== '/metadata/1.snapshot.json') return false;
      response.end(text());
      return true;
    };
  };
  const snapshotBy = (signatures: (signed: object) => object[]): string => {
    const { signed } = JSON.parse(repository.text('snapshot')) as { signed: object };
    return JSON.stringify({ signatures: signatures(signed), signed });
  };
  const one = new RoleKey();
  const two = new RoleKey();

  it('two of two have signed: trusted; one of them, or one of them twice: not', async () => {
    await init(rootWith({ [one.keyId]: one, [two.keyId]: two }, 2));
    serveSnapshot(() => snapshotBy((signed) => [one.sign(signed)]));
    expect(await refresh()).toBe(1);
    serveSnapshot(() => snapshotBy((signed) => [one.sign(signed), one.sign(signed)]));
    expect(await refresh()).toBe(1);
    expect(existsSync(join(metadata(), 'snapshot.json'))).toBe(false);
    serveSnapshot(() => snapshotBy((signed) => [one.sign(signed), two.sign(signed)]));
    expect(await refresh()).toBe(0);
  });

  it('one key under two names does not make two, in whatever it is written', async () => {
    const otherWay = new RoleKey();
    for (const second of [one, Object.assign(otherWay, { key: upperCase(one) })]) {
      await init();
      const root = rootWith({ first: one, second }, 2);
      const { signed } = JSON.parse(root) as { signed: object };
      const next = repository.signedText({ ...signed, version: 2 }, [repository.keys.root]);
      repository.interfere = ({ url }, response) => {
        const text = url === '/metadata/2.root.json' ? next : snapshotTwice();
        if (url !== '/metadata/2.root.json' && url !== '/metadata/1.snapshot.json') return false;
        response.end(text);
        return true;
      };
      expect(await refresh()).toBe(1);
      expect(versionOf('root.json')).toBe(1);
      expect(existsSync(join(metadata(), 'snapshot.json'))).toBe(false);
    }
    function snapshotTwice(): string {
      return snapshotBy((signed) => ['first', 'second'].map((keyid) => ({ ...one.sign(signed), keyid })));
    }
    function upperCase({ key }: RoleKey): object {
      const { keyval, ...rest } = key as { keyval: { public: string } };
      return { ...rest, keyval: { public: keyval.public.toUpperCase() } };
    }
  });

  it('a root that jumps over a version, or is an old one again, is not followed', async () => {
    await init();
    repository.rotateRoot();
    repository.rotateRoot();
    const third = repository.text('root');
    repository.interfere = ({ url }, response) => {
      if (url !== '/metadata/2.root.json') return false;
      response.end(third);
      return true;
    };
    expect(await refresh()).toBe(1);
    expect(versionOf('root.json')).toBe(1);
    repository.interfere = () => false;
    expect(await refresh()).toBe(0);
    repository.interfere = ({ url }, response) => {
      if (url !== '/metadata/4.root.json') return false;
      response.end(repository.firstRoot);
      return true;
    };
    expect(await refresh()).toBe(1);
    expect(versionOf('root.json')).toBe(3);
  });
});

describe('metadata of different moments', () => {
  it('a targets file that the snapshot does not name, or a snapshot that the timestamp does not', async () => {
    await init();
    const old = { targets: repository.text('targets'), snapshot: repository.text('snapshot') };
    repository.publish();
    for (const role of ['snapshot', 'targets'] as const) {
      repository.interfere = ({ url }, response) => {
        if (url !== `/metadata/2.${role}.json`) return false;
        response.end(old[role]);
        return true;
      };
      expect(await refresh()).toBe(1);
      expect(existsSync(join(metadata(), `${role}.json`))).toBe(false);
    }
    repository.interfere = () => false;
    expect(await refresh()).toBe(0);
    expect(versionOf('targets.json')).toBe(2);
  });

  it('a snapshot that no longer names what an earlier one named, or names an older one', async () => {
    await init();
    repository.versions.targets = 3;
    expect(await refresh()).toBe(0);
    repository.versions.timestamp += 1;
    repository.versions.snapshot += 1;
    repository.versions.targets = 2;
    expect(await refresh()).toBe(1);
    repository.versions.targets = 3;
    repository.change = (role, signed) => (role === 'snapshot' ? { ...signed, meta: {} } : signed);
    expect(await refresh()).toBe(1);
    expect(versionOf('snapshot.json')).toBe(1);
  });

  it.each([-1, 0, 2 ** 60])(
    'a version of %s is none, also where nothing was trusted before',
    async (version) => {
      await init();
      repository.change = (role, signed) => (role === 'timestamp' ? { ...signed, version } : signed);
      expect(await refresh()).toBe(1);
      expect(readdirSync(metadata()).filter((name) => name.endsWith('.json'))).toEqual(['root.json']);
    },
  );

  it('versions that were driven far ahead come back with new keys', async () => {
    await init();
    repository.versions.timestamp = 900;
    repository.versions.snapshot = 900;
    expect(await refresh()).toBe(0);
    repository.versions.timestamp = 2;
    repository.versions.snapshot = 2;
    expect(await refresh()).toBe(1);
    repository.keys.timestamp = new RoleKey();
    repository.keys.snapshot = new RoleKey();
    repository.rotateRoot();
    expect(await refresh()).toBe(0);
    expect(versionOf('timestamp.json')).toBe(2);
  });
});

describe('delegations', () => {
  const who = new RoleKey();
  const other = new RoleKey();
  const given = Buffer.from('of the delegate');

  /** Roles in their order, with what they sign for. */
  function delegate(
    roles: { name: string; key: RoleKey; by?: RoleKey; paths: string[]; files: Record<string, Buffer> }[],
  ): void {
    repository.change = (role, signed) => {
      if (role === 'snapshot') {
        const meta = Object.fromEntries(roles.map(({ name }) => [`${name}.json`, { version: 1 }]));
        return { ...signed, meta: { ...(signed['meta'] as object), ...meta } };
      }
      if (role !== 'targets') return signed;
      const keys = Object.fromEntries(roles.map(({ key }) => [key.keyId, key.key]));
      const list = roles.map(({ name, key, paths }) => ({
        ...{ name, paths, keyids: [key.keyId], threshold: 1, terminating: false },
      }));
      return { ...signed, delegations: { keys, roles: list } };
    };
    for (const { name, key, by = key, files } of roles) {
      const named = Object.entries(files).map(([path, content]) => [path, fileOf(content)]);
      const signed = {
        ...{ _type: 'targets', spec_version: '1.0.31', version: 1, expires: yearOn },
        targets: Object.fromEntries(named) as object,
      };
      repository.delegated.set(`1.${name}.json`, repository.signedText(signed, [by]));
    }
  }
  const serveFile = (content: Buffer): void => {
    repository.interfere = ({ url = '' }, response) => {
      if (!url.startsWith('/targets/')) return false;
      response.end(content);
      return true;
    };
  };

  it('one is followed for its paths, not for others, and not when somebody else has signed', async () => {
    await init();
    const role = { name: 'app', key: who, paths: ['app/*'], files: { 'app/x': given, 'other/x': given } };
    delegate([role]);
    serveFile(given);
    expect(await download('app/x')).toBe(0);
    expect(await download('other/x')).toBe(1);
    expect(said.at(-1)).toContain('missing');
    expect(here()).toEqual(['app%2Fx']);
    repository.publish();
    delegate([{ ...role, by: other }]);
    // Not even from the disk.
    writeFileSync(join(metadata(), 'app.json'), repository.delegated.get('1.app.json') ?? '');
    expect(await download('app/x')).toBe(1);
    expect(said.at(-1)).toContain('untrusted');
  });

  it('the first that stands there counts; an order that would be another one is refused', async () => {
    const second = Buffer.from('of the second one');
    const roles = (first: string, next: string): void =>
      delegate([
        { name: first, key: who, paths: ['*'], files: { x: given } },
        { name: next, key: other, paths: ['*'], files: { x: second } },
      ]);
    await init();
    roles('b', 'a');
    serveFile(given);
    expect(await download('x')).toBe(0);
    repository.publish();
    repository.delegated.clear();
    roles('later', '1');
    serveFile(second);
    expect(await download('x')).toBe(1);
    expect(readFileSync(join(targets(), 'x')).equals(given)).toBe(true);
  });
});

describe('names and hashes of files', () => {
  it.each(['../a.bin', 'x/../a.bin', './a.bin', 'x/..', '..', 'a\tb', 'a\u0000'])(
    '%j is refused, and nobody is asked for it',
    async (name) => {
      repository.add(name, bytes);
      await init();
      expect(await download(name)).toBe(1);
      expect(said.at(-1)).toContain('untrusted');
      expect(repository.requests.filter((path) => !path.startsWith('/metadata/'))).toEqual([]);
      expect(here()).toEqual([]);
    },
  );

  it.each(['a b?c#d', 'a%2e%2e/b', 'http://example.invalid/x', 'x\\..\\y', '开门.zip'])(
    '%j is a name like others',
    async (name) => {
      repository.add(name, bytes);
      await init();
      expect(await download(name)).toBe(0);
      expect(here()).toEqual([encodeURIComponent(name)]);
    },
  );

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'nothing is signed for as %s',
    async (name) => {
      await init();
      expect(await download(name)).toBe(1);
      expect(said.at(-1)).toContain('missing');
    },
  );

  it.each([
    ['none', {}],
    ['one that is none any more', { md5: createHash('md5').update(bytes).digest('hex') }],
    ['one that nobody knows', { sha999: '00' }],
  ])('a file with a hash that is %s counts for nothing', async (_, hashes) => {
    repository.change = (role, signed) =>
      role === 'targets' ? { ...signed, targets: { 'a.bin': { length: bytes.length, hashes } } } : signed;
    repository.interfere = ({ url = '' }, response) => {
      if (!url.startsWith('/targets/')) return false;
      response.end(bytes);
      return true;
    };
    await init();
    expect(await download('a.bin')).toBe(1);
    expect(here()).toEqual([]);
  });
});
