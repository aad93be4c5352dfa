import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/node/system-random.ts';
import {
  chargeBody,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../testkit/operator/cabinet.ts';
import { sampleCatalog } from '../testkit/operator/harness.ts';
import { type StartedProgram, StartedPrograms } from '../testkit/operator/started-program.ts';
import type { OwnTestStorage } from '../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../testkit/operator/storages.ts';
import { MemberCodeKeyring } from './members/member-code-keyring.ts';
import { member } from './storage/schema.ts';

/** The service as an operator gets it: packed, started in another folder, with what docs/operator.md tells it and nothing else. */

const project = fileURLToPath(new URL('../..', import.meta.url));
const nodeOf24 = join(project, 'node_modules/.bin/node');
const folder = mkdtempSync(join(tmpdir(), 'kaimen-packaged-'));
const packed = join(folder, 'package');
const elsewhere = join(folder, 'elsewhere');
mkdirSync(elsewhere);
/** As docs/operator.md has it: what runs is reached through a link, which an upgrade changes. */
const current = join(folder, 'current');
symlinkSync('package', current);

const pem = { type: 'pkcs8', format: 'pem' } as const;
const memberCodeSecret = randomBytes(48).toString('base64');
function put(name: string, text: string, mode = 0o400): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}
const nextKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const [rsaPrivate, rsaPublic] = [
  rsa.privateKey.export(pem).toString(),
  rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
];
const nowhere = 'https://127.0.0.1:1';
/** One of each kind, so that each one's libraries are loaded. */
const providers = {
  wallet: {},
  wechat: {
    ...{ baseUrl: nowhere, mchid: '1900000001', appid: 'wx1', serviceId: '500001' },
    ...{ serviceIntroduction: '智能货柜', notifyUrl: 'https://operator.example/v1/notices/wechat' },
    ...{ merchantSerial: '3775B6A45ACD588826D15E583A95F5DD4C1A2B3C', merchantKeyPem: rsaPrivate },
    ...{ platformKeys: { PUB_KEY_ID_1: rsaPublic }, apiV3Key: 'k'.repeat(32) },
  },
  alipay: {
    ...{ gatewayUrl: `${nowhere}/gateway.do`, appId: '2021000000000001', sellerId: '2088000000000001' },
    ...{ appPrivateKey: rsaPrivate, alipayPublicKeys: [rsaPublic], title: '智能货柜' },
    notifyUrl: 'https://operator.example/v1/notices/alipay',
  },
  stripe: {
    ...{ baseUrl: `${nowhere}/`, secretKey: 'sk_test_12345678', webhookSecret: 'whsec_1234567890123456' },
    ...{ accountId: null, hold: 'none' },
  },
};
/** As docs/operator.md has it, without the database. */
const settings = {
  ANSWER_KEY_FILE: put('answer-key.pem', generateKeyPairSync('ed25519').privateKey.export(pem).toString()),
  ANSWER_NEXT_KEY_FILE: put('answer-next-key.pub.pem', nextKey.toString()),
  MEMBER_CODE_SECRET_FILE: put('member-code-secret', `${memberCodeSecret}\n`),
  PROVIDERS_FILE: put('providers.json', JSON.stringify(providers)),
  CATALOG_FILE: put('catalog.json', JSON.stringify(sampleCatalog), 0o444),
};

const programs = new StartedPrograms();
const start = (command: readonly string[], env: Record<string, string>, cwd = elsewhere): StartedProgram =>
  programs.start([nodeOf24, ...command], env, cwd);
const serve = (env: Record<string, string>, ...args: string[]): StartedProgram =>
  start([join(current, 'server.js'), ...args], env);
const readySchema = z.object({
  api: z.string(),
  dev: z.null(),
  notices: z.string(),
  phone: z.string().nullable(),
  console: z.string().nullable(),
  consoleSetUp: z.string().optional(),
  metrics: z.string(),
  storage: z.enum(['pglite', 'postgres']),
});
const readyOf = async ({ firstLine }: StartedProgram) => readySchema.parse(JSON.parse(await firstLine));
const filesOf = (ending: string): string[] =>
  readdirSync(packed, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));

beforeAll(async () => {
  const built = await start([join(project, 'build/package-operator.ts'), '--to', packed], {}, project).ended;
  expect(built).toMatchObject({ code: 0 });
}, openTimeoutMs);
afterEach(() => programs.end());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('has neither tests nor samples nor the development API in it, and a licence for each package', () => {
  const maps = filesOf('.js.map').filter((name) => !name.startsWith('node_modules'));
  const mapSchema = z.object({ sources: z.array(z.string()) });
  const sources = maps.flatMap(
    (name) => mapSchema.parse(JSON.parse(readFileSync(join(packed, name), 'utf8'))).sources,
  );
  const own = sources.filter((source) => source.includes('src/operator/'));
  expect(own.length).toBeGreaterThan(100);
  const unwanted =
    /\.test\.ts|testkit|simulator|development-(?:api|calls|agreements|wallet)|fault-injector|sample/;
  expect(sources.filter((source) => unwanted.test(source) && !source.includes('node_modules'))).toEqual([]);
  expect(filesOf('.json').filter((name) => !name.endsWith('package.json'))).toEqual([]);
  const licences = readFileSync(join(packed, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const bundled = sources.flatMap(
    (source) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(source)?.[1] ?? [],
  );
  for (const name of new Set(bundled)) expect(licences).toMatch(new RegExp(`^${name} \\d.*: \\S`, 'm'));
  expect(licences).toMatch(/^@electric-sql\/pglite \d.*: \S/m);
  expect(licences).not.toContain(': undefined');
});

it.each<[string, string[], Record<string, string>, string]>([
  ['without a database', [], {}, 'production needs DATABASE_URL'],
  [
    'on the embedded database',
    [],
    { ...settings, DATA_DIR: join(folder, 'no') },
    'production needs DATABASE_URL',
  ],
  ['without its files', [], { DATABASE_URL: 'postgres://x' }, 'production needs ANSWER_KEY_FILE'],
  ['with the development API', ['--dev'], settings, 'no development API'],
  [
    'with the development API, out of production',
    ['--dev'],
    { NODE_ENV: 'development' },
    'no development API',
  ],
])('does not start %s', { timeout: openTimeoutMs }, async (_name, args, env, why) => {
  const { code, out, errors } = await serve(env, ...args).ended;
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(errors).toContain(why);
});

it(
  'has what the embedded database and the console’s page need, to try it out',
  { timeout: openTimeoutMs },
  async () => {
    const trial = serve({ ...settings, NODE_ENV: 'development', DATA_DIR: join(folder, 'trial') });
    const ready = await readyOf(trial);
    expect(ready).toMatchObject({ storage: 'pglite', dev: null });
    // The page of the support console lies beside its programs.
    const console = ready.console ?? '';
    const page = await fetch(console);
    expect(page.headers.get('content-type')).toContain('text/html');
    const scripts = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)];
    expect(scripts.length).toBeGreaterThanOrEqual(2);
    for (const [, path = ''] of scripts) expect((await fetch(console + path)).status, path).toBe(200);
    trial.child.kill('SIGTERM');
    expect((await trial.ended).code).toBe(0);
  },
);

/** Where there is no server nothing of production is run. */
const servers = storagesUnderTest().filter((storage) => storage.name === 'postgres');

describe.each(servers)('the packed service on $name', { timeout: openTimeoutMs }, ({ openOwn }) => {
  let store: OwnTestStorage;
  beforeAll(async () => {
    store = await openOwn();
  }, openTimeoutMs);
  afterAll(() => store.close());

  const run = async (program: string, args: string[], env: Record<string, string>) => {
    const { code, out, errors } = await start([join(current, `${program}.js`), ...args], env).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return out;
  };

  it('takes a first purchase, keeps it over kill -9, and ends with 0 on SIGTERM', async () => {
    const env = { ...settings, DATABASE_URL_FILE: put('database-url', `${store.url ?? ''}\n`) };
    const first = serve(env);
    const { notices, metrics, storage, console: noConsole, ...at } = await readyOf(first);
    let { api } = at;
    // Nobody has asked for it.
    expect([noConsole, at.consoleSetUp]).toEqual([null, undefined]);
    expect(storage).toBe('postgres');
    for (const path of ['healthz', 'readyz', 'metrics'])
      expect((await fetch(`${metrics}/${path}`)).status).toBe(200);
    expect((await fetch(`${api}/dev/charges`)).status).toBe(404);
    const merchants = ['wechat', 'alipay', 'stripe'];
    for (const name of merchants) {
      const notice = await fetch(`${notices}/v1/notices/${name}`, { method: 'POST', body: '{}' });
      expect(notice.status).toBe(500);
    }

    const { db } = store.storage;
    await db.insert(member).values({
      ...{ memberId: 'M1', display: '王*', provider: 'wallet', standing: 'active' },
      ...{ owedElsewhereMinor: 0, note: '' },
    });
    await run('wallet', ['open', 'M1', '--currency', 'CNY'], env);
    const payment = ['--amount', '50.00', '--reference', 'bank-1', '--by', 'anna'];
    await run('wallet', ['top-up', 'M1', '--currency', 'CNY', ...payment], env);
    const said = await run('cabinet', ['token', 'CAB-1'], env);
    const { token } = z.object({ token: z.string() }).parse(JSON.parse(said));
    const cabinet = makeCabinet('CAB-1');
    const enrol = JSON.stringify({ cabinetId: 'CAB-1', token, publicKey: cabinet.publicKey });
    const enrolled = await fetch(`${api}/v1/cabinets/enrol`, { method: 'POST', body: enrol });
    expect(enrolled.status).toBe(204);

    const call = async (method: string, path: string, json?: unknown): Promise<unknown> => {
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      const headers = signedHeaders(cabinet, { method, path, timestampMs: Date.now(), ...body });
      return (await fetch(api + path, { method, headers, ...body })).json();
    };
    const codes = new MemberCodeKeyring({ db, clock: systemClock, secret: memberCodeSecret });
    const code = await codes.make(systemRandom, 'M1', Math.ceil(Date.now() / 1000) + 50);
    const ids = { visitId: newVisitId(Date.now()), chargeId: newChargeId(Date.now()) };
    const decided = await call('POST', '/v1/visits/authorise', { visitId: ids.visitId, code });
    expect(decided).toMatchObject({ decision: 'allowed' });
    const path = `/v1/charges/${ids.chargeId}`;
    const body = chargeBody({ ...ids, cabinetId: 'CAB-1', memberId: 'M1' });
    expect(await call('PUT', path, body)).toMatchObject({ totalMinor: 1300 });
    first.child.kill('SIGKILL');
    // Each one was asked whether it had signed that.
    const { errors } = await first.ended;
    for (const name of merchants) expect(errors).toContain(`"notice_refused","provider":"${name}"`);

    const second = serve({ ...env, CONSOLE_PORT: '0' });
    const ready = await readyOf(second);
    expect(ready.consoleSetUp).toBeUndefined();
    ({ api } = ready);
    const setUp = z.object({ token: z.string() }).parse(JSON.parse(await run('console', ['set-up'], env)));
    const looked = await fetch(`${ready.console ?? ''}/api/invitation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ready.console ?? '' },
      body: JSON.stringify(setUp),
    });
    expect(looked.status).toBe(200);
    expect(await looked.json()).toMatchObject({ name: null, role: 'admin' });
    const stateNow = async () => ((await call('GET', path)) as { state?: string }).state;
    await expect.poll(stateNow, { timeout: openTimeoutMs }).toBe('paid');
    expect(await run('wallet', ['audit'], env)).toBe('');
    const statement = await run('wallet', ['statement', 'M1', '--currency', 'CNY'], env);
    expect(JSON.parse(statement)).toMatchObject({ balanceMinor: 3_700 });
    second.child.kill('SIGTERM');
    const end = await second.ended;
    expect(end.code).toBe(0);
    // What lets people in stands in no log.
    expect(end.errors).toContain('console_without_accounts');
    for (const said of [end.out, end.errors]) expect(said).not.toContain(setUp.token);
  });
});
