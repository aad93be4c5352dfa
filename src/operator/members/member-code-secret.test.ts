import { createPrivateKey, createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, expect, it } from 'vitest';
import { systemRandom } from '../../shared/node/system-random.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import {
  memberCodeKeyAgeMaxMs,
  memberCodeKeyLeadMs,
  memberCodeKeyOverMs,
  memberCodeKeysReadEveryMs,
} from '../limits.ts';
import { memberCodeKey } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { MemberCodeKeyring } from './member-code-keyring.ts';
import { makeMemberCode } from './member-code.ts';
import { openKey, readKeySecret, sealKeptKeys } from './member-code-secret.ts';

const secret = 'a secret that nobody guesses: 0123456789';
const keptIn = async (db: Db) => (await db.select().from(memberCodeKey)).map(({ privateKey }) => privateKey);
const codeOf = (keyring: MemberCodeKeyring) => keyring.make(systemRandom, 'M1001', 1_800_000_000);

onStorage('the keys for member codes in a database that somebody copies', (harness) => {
  it('open with the secret alone, also those that are made later, and are one for all instances', async () => {
    const { db, clock } = harness();
    const one = new MemberCodeKeyring({ db, clock, secret });
    const code = await codeOf(one);
    await db
      .update(memberCodeKey)
      .set({ madeAtMs: sql`${memberCodeKey.madeAtMs} - ${memberCodeKeyAgeMaxMs}` });
    await clock.advance(memberCodeKeysReadEveryMs);
    expect((await one.publicKeys()).length).toBe(2);
    const kept = await keptIn(db);
    expect(kept).toHaveLength(2);
    for (const pem of kept) {
      expect(openKey(pem, null)).toBeNull();
      expect(openKey(pem, `${secret}!`)).toBeNull();
      expect(openKey(pem, secret)?.asymmetricKeyType).toBe('ed25519');
    }
    expect((await new MemberCodeKeyring({ db, clock, secret }).read(code)).ok).toBe(true);
    await expect(new MemberCodeKeyring({ db, clock }).read(code)).rejects.toThrow('another secret');
  });

  it('are sealed at the start where they lay open; codes that are on a screen stay good', async () => {
    const { db, clock } = harness();
    const code = await codeOf(new MemberCodeKeyring({ db, clock }));
    expect(openKey((await keptIn(db))[0] ?? '', null)).not.toBeNull();
    expect(await sealKeptKeys(db, null)).toMatchObject({ ok: true });
    for (let starts = 0; starts < 2; starts++)
      expect(await sealKeptKeys(db, secret)).toMatchObject({ ok: true });
    expect(openKey((await keptIn(db))[0] ?? '', null)).toBeNull();
    expect((await new MemberCodeKeyring({ db, clock, secret }).read(code)).ok).toBe(true);
  });

  it('that lay open are in copies from before: another one takes their place, at once and not in a month', async () => {
    const { db, clock } = harness();
    await codeOf(new MemberCodeKeyring({ db, clock }));
    const [copied = ''] = await keptIn(db);
    await sealKeptKeys(db, secret);
    const keyring = new MemberCodeKeyring({ db, clock, secret });
    expect(await keyring.publicKeys()).toHaveLength(2);
    const longMs = memberCodeKeyLeadMs + memberCodeKeyOverMs;
    expect(longMs).toBeLessThan(4 * 86_400_000);
    await db.update(memberCodeKey).set({ madeAtMs: sql`${memberCodeKey.madeAtMs} - ${longMs}` });
    await clock.advance(memberCodeKeysReadEveryMs);
    const made = await codeOf(keyring);
    expect((await keyring.read(made)).ok).toBe(true);
    const privateKey = createPrivateKey(copied);
    const thiefs = { privateKey, publicKey: createPublicKey(privateKey) };
    const forged = makeMemberCode(thiefs, systemRandom, 'M1001', 1_800_000_000);
    expect(await keyring.read(forged)).toMatchObject({ ok: false, error: { code: 'account.code_unknown' } });
  });

  it.each([['none'], ['another one']])('refuse the start with %s, and stay as they are', async (which) => {
    const { db, clock } = harness();
    await codeOf(new MemberCodeKeyring({ db, clock, secret }));
    const before = await keptIn(db);
    const sealed = await sealKeptKeys(db, which === 'none' ? null : `${secret}!`);
    expect(sealed).toMatchObject({ ok: false, error: { code: 'key_unreadable' } });
    expect(await keptIn(db)).toEqual(before);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'kaimen-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the secret is what a file says, without its end of line; nothing that is short, and no file', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, `${secret}\n`);
  chmodSync(path, 0o400);
  expect(readKeySecret(path)).toMatchObject({ ok: true, value: secret });
  const short = join(folder, 'short');
  writeFileSync(short, 'guess me\n');
  expect(readKeySecret(short)).toMatchObject({ ok: false, error: { code: 'key_unreadable' } });
  const none = readKeySecret(join(folder, 'none'));
  expect(none).toMatchObject({ ok: false, error: { code: 'key_unreadable' } });
});
