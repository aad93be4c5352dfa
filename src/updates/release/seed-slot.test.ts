import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { launcherFiles, slotContentOf } from '../../shared/launcher.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { seedCli } from '../cli/seed-cli.ts';
import { describeRelease } from '../repository/publish-release.ts';

let scratch: ReturnType<typeof makeScratchFolder>;
let said: string[];
beforeEach(() => {
  scratch = makeScratchFolder();
  said = [];
});
afterEach(() => {
  scratch.remove();
});

const at = (...parts: string[]): string => join(scratch.path, ...parts);
const root = (): string => at('root');
/** What a package brings; `arch`: for which machine it says that it is. */
function pack(version: string, arch = process.arch): string {
  const folder = at(`package-${version}`);
  mkdirSync(join(folder, 'app', 'resources'), { recursive: true });
  writeFileSync(join(folder, 'app', 'kaimen'), `program of ${version}`);
  chmodSync(join(folder, 'app', 'kaimen'), 0o755);
  writeFileSync(join(folder, 'app', 'resources', 'app.asar'), 'the same');
  const about = { version, platform: process.platform, arch, start: 'kaimen' } as Parameters<
    typeof describeRelease
  >[1];
  writeFileSync(join(folder, 'release.json'), JSON.stringify(describeRelease(join(folder, 'app'), about)));
  return folder;
}
const seed = (folder: string): Promise<number> => seedCli([folder, root()], (line) => said.push(line));
const json = (...path: string[]): unknown => {
  try {
    return JSON.parse(readFileSync(join(root(), ...path), 'utf8'));
  } catch {
    return null;
  }
};
const versionIn = (slot: string): string | undefined =>
  slotContentOf(json('slots', slot, launcherFiles.slot))?.version;
const state = (current: string) =>
  writeFileSync(
    join(root(), launcherFiles.state),
    JSON.stringify({ format: 1, current, previous: null, trying: null, ended: [] }),
  );

it('the first one fills slot a, and orders nothing: it is all there is', async () => {
  expect(await seed(pack('1.0.0'))).toBe(0);
  expect([versionIn('a'), versionIn('b'), json(launcherFiles.order)]).toEqual(['1.0.0', undefined, null]);
  expect(statSync(join(root(), 'slots', 'a', 'kaimen')).mode & 0o777).toBe(0o755);
  expect(said).toEqual(['1.0.0: first']);
});

it('a newer one goes into the slot that rests, to be tried; the same and an older one change nothing', async () => {
  await seed(pack('1.0.0'));
  state('a');
  expect(await seed(pack('1.1.0'))).toBe(0);
  expect([versionIn('a'), versionIn('b')]).toEqual(['1.0.0', '1.1.0']);
  expect(json(launcherFiles.order)).toMatchObject({ slot: 'b', version: '1.1.0' });
  state('b');
  rmSync(join(root(), launcherFiles.order));
  expect(await seed(at('package-1.1.0'))).toBe(0);
  expect(await seed(pack('1.0.9'))).toBe(0);
  expect([versionIn('a'), versionIn('b'), json(launcherFiles.order)]).toEqual(['1.0.0', '1.1.0', null]);
  expect(said.slice(-2)).toEqual(['1.1.0: kept', '1.0.9: kept']);
});

it('where the slot that counts is gone the other one runs on, and a newer one is filled in', async () => {
  await seed(pack('1.0.0'));
  state('b');
  expect(await seed(pack('1.1.0'))).toBe(0);
  expect([versionIn('a'), versionIn('b')]).toEqual(['1.0.0', '1.1.0']);
});

it.each([
  ['for another machine', () => pack('1.0.0', process.arch === 'x64' ? 'arm64' : 'x64')],
  [
    'whose file was changed',
    () => {
      const folder = pack('1.0.0');
      writeFileSync(join(folder, 'app', 'kaimen'), 'program of 6.6.6');
      return folder;
    },
  ],
  ['that is none', () => at('nothing')],
])('one %s is put nowhere', async (_, make) => {
  expect(await seed(make())).toBe(1);
  expect([versionIn('a'), versionIn('b')]).toEqual([undefined, undefined]);
  expect(said).toHaveLength(1);
});

it('says how it is used', async () => {
  expect(await seedCli([], (line) => said.push(line))).toBe(2);
  expect(said[0]).toContain('usage');
});
