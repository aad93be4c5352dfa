import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { makeDataFolder } from '../../testkit/operator/templates.ts';
import { enrol } from '../fleet/enrolment.ts';
import { cabinets } from './cabinet-cli.ts';
import { inDatabase } from './in-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-cabinets-'));
const { privateKey } = generateKeyPairSync('ed25519');
const ANSWER_KEY_FILE = join(folder, 'answer-key.pem');
writeFileSync(ANSWER_KEY_FILE, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o400 });
const DATA_DIR = join(folder, 'data');
const env = { DATA_DIR, ANSWER_KEY_FILE };

beforeAll(() => makeDataFolder(DATA_DIR), 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('gives out a token that names the key, enrols by it, and lists the cabinet', async () => {
  const { exitCode, lines } = await cabinets(['token', 'CAB-1'], env);
  expect(exitCode).toBe(0);
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(lines.join('')));
  expect(token.split('.')[1]).toBe(rawPublicKey(privateKey));
  expect(await cabinets(['list'], env)).toMatchObject({
    lines: [expect.stringMatching(/"enrolledAt":null,"tokenEndsAt":"2/)],
  });
  const { publicKey } = makeCabinet('CAB-1');
  const enrolled = await inDatabase({ databaseUrl: undefined, dataDir: DATA_DIR }, silentLogger, (open) =>
    enrol(open.db, open.clock, { cabinetId: 'CAB-1', token, publicKey }),
  );
  expect(enrolled).toMatchObject({ ok: true, value: { ok: true } });
  const list = await cabinets(['list'], env);
  expect(list).toMatchObject({ lines: [expect.stringMatching(/"enrolledAt":"2.*"tokenEndsAt":null/)] });
  expect(list.lines.join('')).not.toContain(token.split('.')[0]);
  const placed = await cabinets(
    ['place', 'CAB-1', '南京西路 1 号', '1 West Nanjing Road', '31.2', '121.5'],
    env,
  );
  expect(placed).toMatchObject({ exitCode: 0 });
  expect(await cabinets(['list'], env)).toMatchObject({
    lines: [expect.stringMatching(/"place":"南京西路 1 号"/)],
  });
  expect(await cabinets(['place', 'CAB-9', '这', 'here'], env)).toMatchObject({ exitCode: 2 });
});

it.each<[string, string[], Record<string, string>]>([
  ['no act', [], env],
  ['another act', ['remove', 'CAB-1'], env],
  ['no cabinet', ['token'], env],
  ['a cabinet with another name than there can be', ['token', 'cab 1'], env],
  ['an option', ['token', 'CAB-1', '--force'], env],
  ['two cabinets', ['token', 'CAB-1', 'CAB-2'], env],
  ['a place in one language', ['place', 'CAB-1', '这'], env],
  ['a place that is not on the map', ['place', 'CAB-1', '这', 'here', '91', '0'], env],
  ['half a place on the map', ['place', 'CAB-1', '这', 'here', '31.2'], env],
  ['no database', ['token', 'CAB-1'], { ANSWER_KEY_FILE }],
  ['no key that the token could name', ['token', 'CAB-1'], { DATA_DIR }],
  ['a key that is not there', ['token', 'CAB-1'], { DATA_DIR, ANSWER_KEY_FILE: '/nowhere.pem' }],
])('is wrong usage: %s', async (_name, args, given) => {
  const { exitCode, lines } = await cabinets(args, given);
  expect(exitCode).toBe(2);
  expect(lines.join('\n')).not.toBe('');
});
