import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The package that `npm run package` has made; a path where there is nothing when it has not. */
export function debOf(project: string): string {
  const dist = join(project, 'dist');
  const found = existsSync(dist)
    ? readdirSync(dist).filter((name) => /^kaimen_.*_(amd64|arm64)\.deb$/.test(name))
    : [];
  return join(dist, found[0] ?? 'none');
}

/** The same package once more, with another version of the app in it. */
export function withVersion(deb: string, version: string, file: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'kaimen-deb-version-'));
  const folder = join(scratch, 'package');
  execFileSync('dpkg-deb', ['-R', deb, folder]);
  const control = join(folder, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
  const release = join(folder, 'opt/kaimen/release.json');
  const described = { ...(JSON.parse(readFileSync(release, 'utf8')) as object), version };
  writeFileSync(release, JSON.stringify(described));
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '--build', folder, file]);
  rmSync(scratch, { recursive: true });
}
