import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { cpioArchive, file, folder, programMode } from './cpio.ts';
import type { CpioEntry } from './cpio.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const guest = fileURLToPath(new URL('guest', import.meta.url));
const rulesPath = join(project, 'build/udev/70-kaimen.rules');

/** Name service files: who the kiosk's user is, and the groups that the udev rules give the devices to. */
const accounts: readonly CpioEntry[] = [
  file('etc/passwd', 'root:x:0:0::/:/bin/sh\nkiosk:x:1000:1000::/tmp:/bin/sh\n'),
  file(
    'etc/group',
    'root:x:0:\ntty:x:5:\ndialout:x:20:kiosk\nplugdev:x:46:kiosk\ninput:x:106:\nkiosk:x:1000:\n',
  ),
];

/** Second part of the initramfs: our agent and device host, bundled as the app's build does it, and the udev rules. */
export async function guestInitramfs(workFolder: string): Promise<Buffer> {
  const outDir = join(workFolder, 'bundle');
  await build({
    configFile: false,
    root: project,
    logLevel: 'error',
    // Native packages stay packages; they lie in the base image.
    ssr: { noExternal: true, external: ['usb', 'node-hid', 'serialport'] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { agent: join(guest, 'agent.ts'), 'device-host': join(guest, 'device-host.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  const programs = bundled(outDir, 'app');
  rmSync(outDir, { recursive: true });
  return cpioArchive([
    file('init', readFileSync(join(guest, 'init.sh')), programMode),
    ...accounts,
    file('app/package.json', '{"type":"module"}'),
    ...programs,
    folder('etc/udev/rules.d'),
    file('etc/udev/rules.d/70-kaimen.rules', readFileSync(rulesPath)),
  ]);
}

function bundled(from: string, to: string): CpioEntry[] {
  return readdirSync(from, { withFileTypes: true }).flatMap((entry) => {
    const path = join(from, entry.name);
    return entry.isDirectory()
      ? [folder(`${to}/${entry.name}`), ...bundled(path, `${to}/${entry.name}`)]
      : [file(`${to}/${entry.name}`, readFileSync(path))];
  });
}
