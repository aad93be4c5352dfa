import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposedFiles, memberCodeKeyName, readGuardedFile } from './guarded-files.ts';

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

describe.skipIf(process.platform === 'win32')('a file that the operator goes by', () => {
  it.each([
    [0o400, 'a secret', null],
    [0o440, 'a secret', null],
    [0o404, 'a secret', 'readable by everybody'],
    [0o620, 'a secret', 'writable by others'],
    [0o602, 'a secret', 'writable by others'],
    [0o644, publicKey, null],
    [0o666, publicKey, 'writable by others'],
  ])('of mode %o', (mode, text, exposure) => {
    const value = { bytes: Buffer.from(text), exposure };
    expect(readGuardedFile(fileWith(mode, text), 'secret')).toEqual({ ok: true, value });
  });

  it.each([
    [0o777, 'writable by others'],
    [0o1777, null],
    [0o755, null],
  ])('in a folder of mode %o', (mode, exposure) => {
    const path = fileWith(0o400);
    chmodSync(folder, mode);
    expect(readGuardedFile(path, 'secret')).toMatchObject({ ok: true, value: { exposure } });
  });

  it.skipIf(process.geteuid?.() !== 0)('that is somebody else’s', () => {
    const path = fileWith(0o400);
    chownSync(path, 12_345, 12_345);
    expect(readGuardedFile(path, 'secret')).toMatchObject({
      ok: true,
      value: { exposure: 'owned by somebody else' },
    });
  });

  it('is neither a pipe, which would hold up the start, nor a folder', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'echo secret > "$0"', pipe], { stdio: 'ignore' });
    try {
      expect(readGuardedFile(pipe, 'secret')).toMatchObject({
        ok: false,
        error: { message: `${pipe}: is no file` },
      });
    } finally {
      writer.kill('SIGKILL');
    }
    mkdirSync(join(folder, 'sub'));
    expect(readGuardedFile(join(folder, 'sub'), 'secret')).toMatchObject({ ok: false });
  });

  it('is looked at in the data folder, too, where the key of member codes lay', () => {
    const path = fileWith(0o644, 'a key', memberCodeKeyName);
    expect(exposedFiles({ DATA_DIR: folder })).toEqual([{ name: path, exposure: 'readable by everybody' }]);
    chmodSync(path, 0o600);
    expect(exposedFiles({ DATA_DIR: folder })).toEqual([]);
  });

  it.each([
    [0o444, null],
    [0o644, null],
    [0o664, 'writable by others'],
    [0o646, 'writable by others'],
  ])(
    'may be read by everybody and changed by nobody else where it sets the prices: mode %o',
    (mode, exposure) => {
      const path = fileWith(mode, '{}', 'catalog.json');
      const exposed = exposure === null ? [] : [{ name: 'CATALOG_FILE', exposure }];
      expect(exposedFiles({ CATALOG_FILE: path })).toEqual(exposed);
      chmodSync(path, 0o444);
      chmodSync(folder, 0o777);
      expect(exposedFiles({ CATALOG_FILE: path })).toEqual([
        { name: 'CATALOG_FILE', exposure: 'writable by others' },
      ]);
    },
  );
});
