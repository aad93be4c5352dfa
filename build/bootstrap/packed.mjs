/**
 * After packing: reads the fuses back from the executable in dist/, and says on which runtime it stands. Exit code 1 when a
 * fuse is not as electron-builder.yml wants it.
 *
 * node build/bootstrap/packed.mjs [--development]
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(project, 'dist');
const say = (text) => process.stderr.write(`[package] ${text}\n`);

/** Their numbers on the wire; `1` is enabled, `0` disabled (electronjs.org/docs/latest/tutorial/fuses). */
const fuses = {
  runAsNode: FuseV1Options.RunAsNode,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  loadBrowserProcessSpecificV8Snapshot: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
};

const config = readFileSync(join(project, 'build', 'electron-builder.yml'), 'utf8');
const [block = ''] = /(?<=^electronFuses:\n)(?: {2}.+\n)+/m.exec(config) ?? [];
/** Name → whether it is to be on. */
const wanted = Object.fromEntries(
  [...block.matchAll(/^ {2}(\w+): (true|false)$/gm)].map(([, name, value]) => [name, value === 'true']),
);
const [executableName = ''] = /(?<=executableName: )\w+/.exec(config) ?? [];
const names = [executableName, `${executableName}.exe`];
const executables = readdirSync(dist)
  .flatMap((folder) => names.map((name) => join(dist, folder, name)))
  .filter((path) => existsSync(path));
if (executables.length === 0 || Object.keys(wanted).length !== Object.keys(fuses).length) {
  say('nothing was packed, or not every fuse of electron-builder.yml is known here');
  process.exit(1);
}

let wrong = 0;
for (const path of executables) {
  const wire = await getCurrentFuseWire(path);
  for (const [name, value] of Object.entries(wanted)) {
    const found = String.fromCharCode(wire[fuses[name]]) === '1';
    if (found === value) continue;
    say(`${path}: the fuse ${name} is ${found}, and must be ${value}`);
    wrong++;
  }
  if (process.argv.includes('--development')) {
    writeFileSync(
      join(dirname(path), 'DEVELOPMENT-RUNTIME.txt'),
      'Packed with the runtime of development and tests, which gets no security fixes. Not for a cabinet.\n',
    );
  }
  say(`${path}: ${Object.keys(wanted).length} fuses read back, ${wrong} wrong`);
}
process.exit(wrong === 0 ? 0 : 1);
