/**
 * Whether what we hand out is there for each system that cabinets have: a package with native code brings its binary along, in
 * `prebuilds` or as a package of its own for a system. Nothing is compiled where the app is packed (`electron-builder.yml`), and
 * only the machine's own binary is ever started here; the others are told by their first bytes.
 *
 * node build/checks/native-packages.ts
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText, report, root } from './project.ts';

const systems = [
  { os: 'linux', cpu: 'x64' },
  { os: 'linux', cpu: 'arm64' },
  { os: 'win32', cpu: 'x64' },
] as const;
type System = (typeof systems)[number];

interface Package {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What a binary is for, by its first bytes (ELF: e_machine; PE: Machine); null: neither. */
function systemOf(bytes: Buffer): string | null {
  if (bytes.toString('latin1', 0, 4) === '\u007fELF') {
    const machine = new Map([
      [0x3e, 'x64'],
      [0xb7, 'arm64'],
    ]).get(bytes.readUInt16LE(18));
    return `linux ${machine ?? 'of another processor'}`;
  }
  if (bytes.toString('latin1', 0, 2) !== 'MZ') return null;
  const machine = bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4);
  return machine === 0x8664 ? 'win32 x64' : 'win32 of another processor';
}

/** Binaries below `prebuilds` of a package, in the folders that are named after a system. */
function hasPrebuild(path: string, { os, cpu }: System): boolean {
  const folder = join(root, path, 'prebuilds');
  if (!existsSync(folder)) return false;
  return readdirSync(folder)
    .filter((name) => name === `${os}-${cpu}` || name.endsWith(`-${os}-${cpu}`))
    .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)))
    .some((file) => file.endsWith('.node') && systemOf(readFileSync(file)) === `${os} ${cpu}`);
}

const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Package> };
const handedOut = Object.entries(packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true,
);

const findings = handedOut.flatMap(([path, one]) => {
  const parts = Object.keys(one.optionalDependencies ?? {}).flatMap(
    (name) => packages[`node_modules/${name}`] ?? [],
  );
  const isFor = ({ os, cpu }: System): boolean =>
    parts.some((part) => part.os?.includes(os) === true && part.cpu?.includes(cpu) === true);
  const isApart = parts.some(({ os }) => os !== undefined);
  if (one.hasInstallScript !== true && !isApart) return [];
  return systems
    .filter((system) => !(isApart ? isFor(system) : hasPrebuild(path, system)))
    .map(({ os, cpu }) => `package-lock.json: ${path} has no binary for ${os} ${cpu}`);
});
report('native packages', findings);
