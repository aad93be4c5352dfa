import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  chargeBody,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../testkit/operator/cabinet.ts';
import { answerHeader, parseAnswerHeader } from '../shared/api/answer-signing.ts';
import { rawPublicKey } from '../shared/node/ed25519.ts';
import { OperatorClient } from '../testkit/app/operator-client.ts';
import { sampleCatalog } from '../testkit/operator/harness.ts';
import { type StartedProgram, StartedPrograms } from '../testkit/operator/started-program.ts';
import { operatorProgram } from '../testkit/operator/operator-program.ts';
import { makeDataFolder } from '../testkit/operator/templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-operator-'));
const catalogFile = join(folder, 'catalog.json');
writeFileSync(catalogFile, JSON.stringify(sampleCatalog));
const { privateKey: answerKey } = generateKeyPairSync('ed25519');
const answerKeyPem = answerKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const answerKeyFile = join(folder, 'answer-key.pem');
// As systemd hands a credential over.
writeFileSync(answerKeyFile, answerKeyPem, { mode: 0o400 });
const openKeyFile = join(folder, 'open-key.pem');
writeFileSync(openKeyFile, answerKeyPem, { mode: 0o644 });
const databaseUrlFile = join(folder, 'database-url');
writeFileSync(databaseUrlFile, 'postgres://x\n', { mode: 0o400 });
const secretFile = join(folder, 'member-code-secret');
writeFileSync(secretFile, 'a secret that nobody guesses: 0123456789\n', { mode: 0o400 });
const openDatabaseUrlFile = join(folder, 'open-database-url');
writeFileSync(openDatabaseUrlFile, 'postgres://x\n', { mode: 0o644 });
const openCatalogFile = join(folder, 'open-catalog.json');
writeFileSync(openCatalogFile, JSON.stringify(sampleCatalog));
chmodSync(openCatalogFile, 0o666);
const publicKeyFile = join(folder, 'public-key.pem');
writeFileSync(
  publicKeyFile,
  generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
);
const readySchema = z.object({
  ready: z.literal(true),
  api: z.string(),
  dev: z.string().nullable(),
  notices: z.string(),
  phone: z.string().nullable(),
  console: z.string(),
  consoleSetUp: z.string().optional(),
  metrics: z.string(),
  storage: z.enum(['pglite', 'postgres']),
});

interface Run extends StartedProgram {
  readonly ready: Promise<z.infer<typeof readySchema>>;
}
const programs = new StartedPrograms();

let dataDirCount = 0;
/** For a run that opens its database. */
async function newDataDir(): Promise<{ DATA_DIR: string }> {
  const dataDir = join(folder, `data-${++dataDirCount}`);
  await makeDataFolder(dataDir);
  return { DATA_DIR: dataDir };
}

/** For a run that is given none. */
const noCatalogue = { CATALOG_FILE: undefined };

function run(args: string[], env: Readonly<Record<string, string | undefined>> = {}): Run {
  const started = programs.start([...operatorProgram(), ...args], {
    PATH: process.env['PATH'],
    CATALOG_FILE: catalogFile,
    // A quarter of a start was the compiling of what the start before had compiled.
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    ...env,
  });
  const ready = started.firstLine.then((line) => readySchema.parse(JSON.parse(line)));
  ready.catch(() => {});
  return { ...started, ready };
}

afterEach(() => programs.end());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Time-outs here only bound hanging: the program opens a database, which takes long on a busy machine. */
const hangMs = 300_000;

describe('the program', { timeout: hangMs }, () => {
  it('prints one line when ready and ends with 0 on SIGTERM', async () => {
    const { child, ready, ended } = run([], { PORT: '0' });
    const told = await ready;
    expect(told).toMatchObject({ dev: null, storage: 'pglite' });
    // Out of production the console is there, and whoever starts it may open its first page with the one-time token.
    expect(told.consoleSetUp).toMatch(new RegExp(`^${told.console}/invitation#[\\w-]{20,}$`));
    child.kill('SIGTERM');
    const end = await ended;
    expect(end).toMatchObject({ code: 0, errors: '' });
    expect(end.out.trim().split('\n')).toHaveLength(1);
  });

  it('ends when whoever started it is gone, if told so', async () => {
    const [node = '', ...program] = operatorProgram();
    const starter = spawn(
      node,
      [
        '--eval',
        `const { spawn } = require('node:child_process');
         const stdio = ['pipe', 'inherit', 'inherit'];
         spawn(process.execPath, ${JSON.stringify([...program, '--until-stdin-ends'])}, { stdio });`,
      ],
      {
        env: { PATH: process.env['PATH'], CATALOG_FILE: catalogFile, ...(await newDataDir()) },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const pipesClosed = once(starter, 'close');
    await once(starter.stdout, 'data');
    starter.kill('SIGKILL');
    // Both pipes are closed when the last process that holds them has ended: the operator.
    await pipesClosed;
  });

  it.each<[string, string[], Record<string, string | undefined>, number]>([
    ['an option that there is not', ['--development'], {}, 2],
    ['a port that is none', [], { PORT: '99999' }, 2],
    ['--dev in production', ['--dev'], { NODE_ENV: 'production' }, 2],
    ['an embedded database in production', [], { NODE_ENV: 'production' }, 2],
    ['a key of the database in production', [], { NODE_ENV: 'production', DATABASE_URL: 'postgres://x' }, 2],
    [
      'open keys for member codes in production',
      [],
      { NODE_ENV: 'production', DATABASE_URL: 'postgres://x', ANSWER_KEY_FILE: answerKeyFile },
      2,
    ],
    [
      'only a fake provider in production',
      [],
      {
        ...{ NODE_ENV: 'production', DATABASE_URL: 'postgres://x', ANSWER_KEY_FILE: answerKeyFile },
        MEMBER_CODE_SECRET_FILE: secretFile,
      },
      2,
    ],
    [
      'a key that everybody may read in production',
      [],
      { NODE_ENV: 'production', DATABASE_URL: 'postgres://x', ANSWER_KEY_FILE: openKeyFile },
      2,
    ],
    [
      'the sample catalogue in production',
      [],
      {
        NODE_ENV: 'production',
        DATABASE_URL: 'postgres://x',
        ANSWER_KEY_FILE: answerKeyFile,
        PROVIDERS_FILE: '/nowhere.json',
        ...noCatalogue,
      },
      2,
    ],
    ['two databases', [], { DATABASE_URL: 'postgres://x', DATABASE_URL_FILE: databaseUrlFile }, 2],
    ['an address of the database that is not there', [], { DATABASE_URL_FILE: '/nowhere' }, 2],
    ['a key that is not there', [], { ANSWER_KEY_FILE: '/nowhere.pem' }, 1],
    [
      'the same key now and next',
      [],
      { ANSWER_KEY_FILE: answerKeyFile, ANSWER_NEXT_KEY_FILE: answerKeyFile },
      1,
    ],
    ['a revoked key that is none', [], { ANSWER_KEY_FILE: answerKeyFile, ANSWER_KEYS_REVOKED: 'x' }, 1],
    ['a revoked key and none that signs', [], { ANSWER_KEYS_REVOKED: rawPublicKey(answerKey) }, 2],
    ['providers that are not there', [], { PROVIDERS_FILE: '/nowhere.json' }, 1],
    ['a port for notices that is none', [], { NOTICE_PORT: '-1' }, 2],
    ['a port for metrics that is none', [], { METRICS_PORT: 'x' }, 2],
    ['a port for the console that is none', [], { CONSOLE_PORT: 'x' }, 2],
    ['an amount for two persons that is none', [], { SECOND_PERSON_ABOVE_MINOR: '200.00' }, 2],
    ['a day to reconcile that is none', ['reconcile', '--day=x'], {}, 2],
    ['no catalogue', [], { CATALOG_FILE: '/nowhere.json' }, 1],
    ['a log level that is none', [], { LOG_LEVEL: 'shout' }, 2],
    ['a time zone that is none', [], { TIME_ZONE: 'Middle/Earth' }, 2],
  ])('does not start with %s, and says why', async (_name, args, env, code) => {
    const end = await run(args, env).ended;
    expect(end).toMatchObject({ code, out: '' });
    expect(end.errors).toMatch(/^[^\n]+\n$/);
    expect(end.errors).not.toContain(answerKeyPem.split('\n')[1]);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['the address of the database from a file', { ANSWER_KEY_FILE: undefined }, 'needs ANSWER_KEY_FILE'],
    ['a key that its user alone may read', {}, 'production needs PROVIDERS_FILE'],
    [
      'no open keys for member codes',
      { MEMBER_CODE_SECRET_FILE: undefined },
      'production needs MEMBER_CODE_SECRET_FILE',
    ],
    [
      'no key that everybody may read',
      { ANSWER_KEY_FILE: openKeyFile },
      'ANSWER_KEY_FILE: readable by everybody',
    ],
    [
      'no next key that everybody may read',
      { ANSWER_NEXT_KEY_FILE: openKeyFile },
      'ANSWER_NEXT_KEY_FILE: readable by everybody',
    ],
    [
      'no address of the database that everybody may read',
      { DATABASE_URL_FILE: openDatabaseUrlFile },
      'DATABASE_URL_FILE: readable by everybody',
    ],
    [
      'no catalogue that others may change',
      { CATALOG_FILE: openCatalogFile },
      'CATALOG_FILE: writable by others',
    ],
    ['a next key that is public', { ANSWER_NEXT_KEY_FILE: publicKeyFile }, 'production needs PROVIDERS_FILE'],
  ])('takes %s', async (_name, env, next) => {
    const files = {
      ...{ DATABASE_URL_FILE: databaseUrlFile, ANSWER_KEY_FILE: answerKeyFile },
      MEMBER_CODE_SECRET_FILE: secretFile,
    };
    const given = { NODE_ENV: 'production', ...files, ...env };
    expect((await run([], given).ended).errors).toContain(next);
  });

  it('signs with the key that it is given, and announces the next one', async () => {
    const next = join(folder, 'next.pem');
    const pair = generateKeyPairSync('ed25519');
    writeFileSync(next, pair.publicKey.export({ type: 'spki', format: 'pem' }));
    const { child, ready, ended } = run([], {
      ANSWER_KEY_FILE: answerKeyFile,
      ANSWER_NEXT_KEY_FILE: next,
      LOG_LEVEL: 'debug',
      ...(await newDataDir()),
    });
    const headers = signedHeaders(makeCabinet('CAB-1'), {
      method: 'GET',
      path: '/v1/health',
      timestampMs: 0,
    });
    const answer = await fetch(`${(await ready).api}/v1/health`, { headers });
    const said = parseAnswerHeader(answer.headers.get(answerHeader) ?? '')?.statement;
    expect(said).toMatchObject({
      key: rawPublicKey(answerKey),
      next: rawPublicKey(pair.publicKey),
      revoked: [],
    });
    child.kill('SIGTERM');
    const { errors } = await ended;
    expect(errors).not.toContain(answerKeyPem.split('\n')[1]);
  });

  it('listens for the notices of the providers that it is given, and believes none that is not signed', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const wechat = {
      ...{ baseUrl: 'https://127.0.0.1:1', mchid: '1900000001', appid: 'wx1', serviceId: '500001' },
      ...{ serviceIntroduction: '智能货柜', notifyUrl: 'https://operator.example/v1/notices/wechat' },
      merchantSerial: '3775B6A45ACD588826D15E583A95F5DD4C1A2B3C',
      merchantKeyPem: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      platformKeys: { PUB_KEY_ID_1: rsa.publicKey.export({ type: 'spki', format: 'pem' }) },
      apiV3Key: 'k'.repeat(32),
    };
    const file = join(folder, 'providers.json');
    writeFileSync(file, JSON.stringify({ wechat }), { mode: 0o400 });
    const { child, ready, ended } = run([], { PROVIDERS_FILE: file, ...(await newDataDir()) });
    const { notices } = await ready;
    const notify = (provider: string) =>
      fetch(`${notices}/v1/notices/${provider}`, { method: 'POST', body: '{}' });
    expect((await notify('wechat')).status).toBe(500);
    expect((await notify('fake')).status).toBe(404);
    child.kill('SIGTERM');
    const { code, errors } = await ended;
    expect(code).toBe(0);
    expect(errors).toContain('notice_refused');
    expect(errors).not.toContain(wechat.apiV3Key);
  });

  it('has every charge it answered for after kill -9, in the middle of a debit too', async () => {
    const env = await newDataDir();
    const first = run(['--dev'], env);
    const cabinet = makeCabinet('CAB-1');
    let { api, dev } = await first.ready;
    const development = new OperatorClient(dev ?? '');
    const call = async (method: string, path: string, json?: unknown): Promise<unknown> => {
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      const headers = signedHeaders(cabinet, { method, path, timestampMs: Date.now(), ...body });
      return (await fetch(api + path, { method, headers, ...body })).json();
    };
    const token = await development.enrolToken('CAB-1');
    const enrol = JSON.stringify({ cabinetId: 'CAB-1', token, publicKey: cabinet.publicKey });
    await fetch(`${api}/v1/cabinets/enrol`, { method: 'POST', body: enrol });
    await development.call('provider', { mode: 'timeout_after_charge' });
    const ids = { visitId: newVisitId(Date.now()), chargeId: newChargeId(Date.now()) };
    const { code } = await development.call('memberCode', { memberId: 'M1001' });
    await call('POST', '/v1/visits/authorise', { visitId: ids.visitId, code });
    const body = chargeBody({ ...ids, cabinetId: 'CAB-1', memberId: 'M1001' });
    expect(await call('PUT', `/v1/charges/${ids.chargeId}`, body)).toMatchObject({ totalMinor: 1300 });
    first.child.kill('SIGKILL');
    await first.ended;

    ({ api, dev } = await run(['--dev'], env).ready);
    const path = `/v1/charges/${ids.chargeId}`;
    await expect
      .poll(async () => ((await call('GET', path)) as { state?: string }).state, { timeout: hangMs })
      .toBe('paid');
    const charges = await new OperatorClient(dev ?? '').charges();
    expect(charges).toMatchObject([{ chargeId: ids.chargeId, debitCount: 1, receivedCount: 1 }]);
    expect(await call('POST', '/v1/visits/authorise', { visitId: ids.visitId, code })).toMatchObject({
      decision: 'allowed',
    });
  });
});
