import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposedSecrets, memberCodeKeyName, readSecretFile } from './secret-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kaimen-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

function fileWith(mode: number, text = 'a secret', name = 'secret'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe.skipIf(process.platform === 'win32')('a file with a secret', () => {
  it.each([
    [0o400, 'a secret', null],
    [0o440, 'a secret', null],
    [0o404, 'a secret', 'readable by everybody'],
    [0o620, 'a secret', 'writable by others'],
    [0o602, 'a secret', 'writable by others'],
    [0o644, publicKey, null],
    [0o666, publicKey, 'writable by others'],
  ])('of mode %o', (mode, text, exposure) => {
    expect(readSecretFile(fileWith(mode, text))).toEqual({ ok: true, value: { text, exposure } });
  });

  it.each([
    [0o777, 'writable by others'],
    [0o1777, null],
    [0o755, null],
  ])('in a folder of mode %o', (mode, exposure) => {
    const path = fileWith(0o400);
    chmodSync(folder, mode);
    expect(readSecretFile(path)).toMatchObject({ ok: true, value: { exposure } });
  });

  it.skipIf(process.geteuid?.() !== 0)('that is somebody else’s', () => {
    const path = fileWith(0o400);
    chownSync(path, 12_345, 12_345);
    expect(readSecretFile(path)).toMatchObject({ ok: true, value: { exposure: 'owned by somebody else' } });
  });

  it('is neither a pipe, which would hold up the start, nor a folder', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'echo secret > "$0"', pipe], { stdio: 'ignore' });
    try {
      expect(readSecretFile(pipe)).toMatchObject({ ok: false, error: { message: `${pipe}: is no file` } });
    } finally {
      writer.kill('SIGKILL');
    }
    mkdirSync(join(folder, 'sub'));
    expect(readSecretFile(join(folder, 'sub'))).toMatchObject({ ok: false });
  });

  it('is looked at in the data folder, too, where the key of member codes lay', () => {
    const path = fileWith(0o644, 'a key', memberCodeKeyName);
    expect(exposedSecrets({ DATA_DIR: folder })).toEqual([{ name: path, exposure: 'readable by everybody' }]);
    chmodSync(path, 0o600);
    expect(exposedSecrets({ DATA_DIR: folder })).toEqual([]);
  });
});
