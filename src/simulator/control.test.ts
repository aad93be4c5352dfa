import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { request as httpRequest } from 'node:http';
import { cabinetDevicesSchema } from '../shared/model/device.ts';
import { ScanAssembler, decodeScanReport } from '../devices/protocol/scanner-hid-pos.ts';
import type { SimulatorState } from './api.ts';
import { startSimulator } from './server.ts';
import type { Simulator, SimulatorOptions } from './server.ts';
import { until } from '../testkit/until.ts';
import { TestLink } from './testing.ts';

/** Plays the operator's development API, and its page for shoppers. */
let asked: { path: string; body: unknown; headers: IncomingHttpHeaders }[] = [];
let answer: { status: number; body: string } | null = null;
let claimDecision: object = { accepted: true, cabinetId: 'CAB-1' };
const [linkToken, sessionToken] = ['l'.repeat(43), 's'.repeat(43)];
const phoneSession = {
  ...{
    memberId: 'M1001',
    display: '王*',
    csrf: 'csrf of the session',
    endsAtMs: 1,
    idleMaxMs: 1,
    nowMs: 0,
    unread: 0,
  },
  ...{ language: null, refused: null },
};
const dev = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const body = text === '' ? null : (JSON.parse(text) as unknown);
    asked.push({ path: request.url ?? '', body, headers: request.headers });
    const usual: Record<string, unknown> = {
      '/dev/members': [{ memberId: 'M1001', display: '王*', note: 'in good standing' }],
      '/dev/member-codes': { code: `KM1.${asked.length}.${'c'.repeat(120)}` },
      '/dev/charges': [{ chargeId: 'KM1' }],
      '/dev/members/M1001/links': { url: `${operatorDev}/m/in#${linkToken}`, endsAtMs: 1 },
      '/m/api/link': { state: 'ready' },
      '/m/api/link/use': { signedIn: true, session: phoneSession },
      '/m/api/cabinet': {
        ...{ opens: true, cabinetId: 'CAB-1', place: null, asksPosition: false },
        ...{ shownForMs: 0, endsAtMs: 45_000, nowMs: 0 },
      },
      '/m/api/cabinet/open': claimDecision,
      '/dev/provider': body,
    };
    response.statusCode = answer?.status ?? 200;
    response.setHeader('set-cookie', `kaimen-phone-session=${sessionToken}; Path=/; HttpOnly`);
    response.end(answer?.body ?? JSON.stringify(usual[request.url ?? ''] ?? {}));
  });
});
let operatorDev: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => dev.listen(0, '127.0.0.1', resolve));
  operatorDev = `http://127.0.0.1:${(dev.address() as AddressInfo).port}`;
});
afterAll(() => {
  dev.closeAllConnections();
  dev.close();
});

let simulator: Simulator;
async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ operatorDev, ...options });
}
beforeEach(() => {
  asked = [];
  answer = null;
  claimDecision = { accepted: true, cabinetId: 'CAB-1' };
});
afterEach(() => simulator.close());

type Reply = { status: number; body: Record<string, unknown> };
async function call(method: string, path: string, body?: unknown): Promise<Reply> {
  const response = await fetch(simulator.control + path, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const post = (path: string, body: unknown): Promise<Reply> => call('POST', path, body);

/** Collects whole scans from the scanner's port. */
async function scannerLink(): Promise<{ link: TestLink; texts: () => string[] }> {
  const { transport } = simulator.devices.devices.find((d) => d.kind === 'code-scanner')!;
  if (transport.kind !== 'tcp') throw new Error('the simulated cabinet is reached over TCP');
  const link = await new TestLink(transport.port).opened();
  await until('attached', () => simulator.cabinet.scanner.attached);
  const texts = (): string[] => {
    const assembler = new ScanAssembler();
    const bytes = Buffer.from(link.got, 'hex');
    const found: string[] = [];
    for (let at = 0; at + 66 <= bytes.length; at += 66) {
      expect(bytes.readUInt16BE(at)).toBe(64);
      const report = decodeScanReport(bytes.subarray(at + 2, at + 66), 'standard');
      const scan = report.ok ? assembler.push(report.value, 0) : null;
      if (scan !== null) found.push(scan.text);
    }
    return found;
  };
  return { link, texts };
}

test('a whole visit by hand, over the control API', async () => {
  await start();
  expect(cabinetDevicesSchema.safeParse(simulator.devices).success).toBe(true);
  expect(await post('/door', { action: 'pull' })).toMatchObject({ status: 409, body: { error: 'bolted' } });
  simulator.world.energise();
  expect((await post('/door', { action: 'pull' })).status).toBe(200);
  expect((await post('/goods', { action: 'take', sku: 'cola-can' })).body).toMatchObject({ place: 'hand' });
  expect((await post('/goods', { action: 'take', sku: 'milk-box' })).status).toBe(200);
  expect((await post('/goods', { action: 'put_back', sku: 'milk-box', shelf: 4 })).body).toMatchObject({
    place: 'wrong_shelf',
  });
  expect((await post('/goods', { action: 'put_foreign' })).body).toMatchObject({ sku: null, foreign: true });
  expect((await post('/goods', { action: 'cover', sku: 'rice-ball' })).body).toMatchObject({ covered: true });
  expect((await post('/goods', { action: 'uncover', sku: 'rice-ball' })).body).toMatchObject({
    covered: false,
  });
  expect((await post('/door', { action: 'close' })).status).toBe(200);
  const state = (await call('GET', '/state')).body as unknown as SimulatorState;
  expect(state).toMatchObject({
    door: 'closed',
    bolt: 'locked',
    network: { mode: 'up', delayMs: 0 },
    members: [{ memberId: 'M1001' }],
    power: null,
    screenReader: false,
  });
  expect(state.devices.lock).toEqual({ connected: true, attached: false, fault: 'none' });
  expect(state.goods).toHaveLength(31);
  await post('/reset', {});
  expect(((await call('GET', '/state')).body as unknown as SimulatorState).goods).toHaveLength(30);
});

test.each([
  ['/door', '{'],
  ['/door', '[]'],
  ['/door', { action: 'explode' }],
  ['/door', { action: 'pull', more: 1 }],
  ['/goods', { action: 'take' }],
  ['/goods', { action: 'take', epc: '30AB', sku: 'cola-can' }],
  ['/goods', { action: 'take', epc: 'not hex' }],
  ['/goods', { action: 'put_back', sku: 'cola-can', shelf: 0 }],
  ['/scan', {}],
  ['/scan', { text: 'x'.repeat(9000) }],
  ['/scan', { text: 'x', aim: 'Q1' }],
  ['/present', { memberId: '../../etc' }],
  ['/phone', {}],
  ['/phone', { memberId: 'M1001', code: 'forged' }],
  ['/network', {}],
  ['/network', { mode: 'maybe' }],
  ['/network', { delayMs: -1 }],
  ['/network', { delayMs: 1e9 }],
  ['/devices/lock', { fault: 'fire' }],
  ['/devices/tag-reader', { fault: 'jammed' }],
  ['/devices/lock', { connected: 'yes' }],
  ['/provider', { mode: 'generous' }],
  ['/power', { action: 'restart' }],
])('bad input to %s is refused: %j', async (path, body) => {
  await start();
  const reply = await post(path, body);
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ error: 'bad_request' });
  expect(asked).toEqual([]);
});

test('unknown paths, wrong types, too large bodies, callers from elsewhere', async () => {
  await start();
  expect((await post('/devices/camera', { connected: true })).status).toBe(404);
  expect((await call('GET', '/../control.ts')).status).toBe(404);
  expect((await call('GET', '/catalog/..%2fsample-catalog.json')).status).toBe(404);
  const noType = await fetch(`${simulator.control}/door`, { method: 'POST', body: '{"action":"force"}' });
  expect(noType.status).toBe(400);
  expect((await post('/scan', { text: 'x'.repeat(300_000) })).status).toBe(413);
  const foreign = await fetch(`${simulator.control}/state`, { headers: { origin: 'https://shop.example' } });
  expect(foreign.status).toBe(403);
  const status = await new Promise((resolve) => {
    const url = new URL('/state', simulator.control);
    httpRequest(url, { headers: { host: 'evil.example' } }, (r) => resolve(r.statusCode)).end();
  });
  expect(status).toBe(403);
  expect(simulator.world.door).toBe('closed');
});

test('scan and present: the bytes arrive at the scanner port', async () => {
  await start();
  const { link, texts } = await scannerLink();
  expect((await post('/scan', { text: '2000417000103', aim: ']E0' })).body).toEqual({ attached: true });
  expect(await post('/present', { memberId: 'M1001', code: 'replayed' })).toMatchObject({
    status: 409,
    body: { error: 'no_last_code' },
  });
  const { body } = await post('/present', { memberId: 'M1001' });
  await post('/present', { memberId: 'M1001', code: 'expired' });
  await post('/present', { memberId: 'M1001', code: 'replayed' });
  await until('four scans', () => texts().length === 4);
  expect(texts()[0]).toBe('2000417000103');
  expect(texts()[1]).toBe(body['code']);
  expect(texts()[2]).not.toBe(body['code']);
  expect(texts()[3]).toBe(body['code']);
  expect(asked.map((a) => a.body)).toEqual([{ memberId: 'M1001' }, { memberId: 'M1001', expiresInS: -3600 }]);
  const { events } = (await call('GET', '/trace?device=code-scanner')).body as {
    events: { direction: string }[];
  };
  expect(events.filter((e) => e.direction === 'from_device').length).toBe(1 + 3 * 3);
  link.socket.destroy();
});

test('an unplugged scanner reads nothing', async () => {
  await start();
  await post('/devices/code-scanner', { connected: false });
  expect(await post('/scan', { text: 'x' })).toMatchObject({
    status: 409,
    body: { error: 'device_unplugged' },
  });
});

test.each([
  ['500', { status: 500, body: 'no' }, 'operator_refused'],
  ['not JSON', { status: 200, body: '<html>' }, 'operator_refused'],
  ['another shape', { status: 200, body: '{"kode":1}' }, 'operator_refused'],
  ['endless', { status: 200, body: 'x'.repeat(5_000_000) }, 'operator_refused'],
])('an operator that answers %s', async (_name, given, code) => {
  await start();
  answer = given;
  expect(await post('/present', { memberId: 'M1001' })).toMatchObject({ status: 502, body: { error: code } });
  expect((await call('GET', '/state')).body).toMatchObject({ members: [] });
});

test('no operator at all', async () => {
  await start({ operatorDev: 'http://127.0.0.1:1' });
  expect(await post('/present', { memberId: 'M1001' })).toMatchObject({
    status: 502,
    body: { error: 'operator_unreachable' },
  });
  expect((await call('GET', '/charges')).status).toBe(502);
  expect((await call('GET', '/state')).status).toBe(200);
});

test('provider settings and charges are passed on', async () => {
  await start();
  expect((await post('/provider', { mode: 'delay', delayMs: 50 })).body).toEqual({
    mode: 'delay',
    delayMs: 50,
  });
  expect((await call('GET', '/charges')).body).toEqual([{ chargeId: 'KM1' }]);
});

test('faults and cables by name, and back', async () => {
  await start();
  expect((await post('/devices/lock', { fault: 'jammed' })).body).toMatchObject({ fault: 'jammed' });
  expect(simulator.cabinet.lock.device.jammed).toBe(true);
  expect((await post('/devices/lock', { fault: 'late' })).body).toMatchObject({ fault: 'late' });
  expect(simulator.cabinet.lock.device.jammed).toBe(false);
  await post('/devices/tag-reader', { connected: false, fault: 'cut' });
  await post('/network', { mode: 'blackhole', delayMs: 20 });
  expect((await call('GET', '/state')).body).toMatchObject({
    network: { mode: 'blackhole', delayMs: 20 },
    devices: { lock: { fault: 'late' }, 'tag-reader': { connected: false, fault: 'cut' } },
  });
  await post('/network', { mode: 'up' });
  expect(simulator.network.delayMs).toBe(20);
  await post('/reset', {});
  expect((await call('GET', '/state')).body).toMatchObject({
    network: { mode: 'up', delayMs: 0 },
    devices: { lock: { fault: 'none' }, 'tag-reader': { connected: true, fault: 'none' } },
  });
});

test('a light, when asked for: its state, its faults and its cable', async () => {
  await start();
  expect((await call('GET', '/state')).body).toMatchObject({ light: null, devices: { light: null } });
  expect((await post('/devices/light', { connected: false })).status).toBe(400);
  await simulator.close();
  await start({ devices: { light: 'relay-dcttech' } });
  expect(cabinetDevicesSchema.safeParse(simulator.devices).success).toBe(true);
  simulator.cabinet.light!.port.device.features.set(Uint8Array.of(0, 0xff, 1, 0, 0, 0, 0, 0, 0));
  expect((await call('GET', '/state')).body).toMatchObject({ light: 'on' });
  expect((await post('/devices/light', { fault: 'jammed' })).status).toBe(400);
  expect((await post('/devices/light', { fault: 'silent' })).body).toMatchObject({ fault: 'silent' });
  await post('/devices/light', { connected: false });
  // Without USB power the relay drops.
  expect((await call('GET', '/state')).body).toMatchObject({
    light: 'off',
    devices: { light: { connected: false, fault: 'silent' } },
  });
});

test('the power switch is the launcher’s; without one it is not there', async () => {
  await start();
  expect(await post('/power', { action: 'kill' })).toMatchObject({
    status: 409,
    body: { error: 'no_power_switch' },
  });
  await simulator.close();
  let on = true;
  await start({
    power: {
      isOn: () => on,
      kill: () => {
        on = false;
        return Promise.resolve();
      },
      start: () => Promise.reject(new Error('no such program')),
    },
  });
  expect((await post('/power', { action: 'kill' })).body).toEqual({ power: 'off' });
  expect(await post('/power', { action: 'start' })).toMatchObject({
    status: 500,
    body: { error: 'power_failed' },
  });
});

test('events: the state at once, and after each change', async () => {
  await start();
  const response = await fetch(`${simulator.control}/events`);
  let text = '';
  void (async () => {
    for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  const states = (): SimulatorState[] =>
    text
      .split('\n\n')
      .filter((part) => part.startsWith('data: '))
      .map((part) => JSON.parse(part.slice(6)) as SimulatorState);
  await until('the first', () => states().length === 1);
  simulator.world.force();
  simulator.world.take({ sku: 'cola-can' });
  await until('the change', () => states().length === 2);
  expect(states()[1]).toMatchObject({ door: 'open' });
  await response.body?.cancel().catch(() => undefined);
});

test('the panel is served, its TypeScript without types, under a strict policy', async () => {
  await start();
  const page = await fetch(`${simulator.control}/`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('Nothing here is real');
  for (const file of ['panel.ts', 'shelves.ts', 'remote.ts', 'dom.ts', 'switches.ts']) {
    const script = await fetch(`${simulator.control}/${file}`);
    expect([file, script.headers.get('content-type')]).toEqual([file, 'text/javascript; charset=utf-8']);
    // What is imported must be served as well.
    const text = await script.text();
    expect(text).not.toMatch(/\binterface \w+|import type/);
    for (const [, path] of text.matchAll(/from '(.+?)'/g)) {
      expect((await fetch(new URL(path!, `${simulator.control}/${file}`))).status).toBe(200);
    }
  }
});

test('a taken port stops the start and leaves nothing open', async () => {
  await start();
  const controlPort = Number(new URL(simulator.control).port);
  await expect(startSimulator({ controlPort })).rejects.toThrow('EADDRINUSE');
});

test('a simulated phone scans the screen, and says yes on the operator’s page, signed in there once', async () => {
  let onScreen: string | null = null;
  await start({ screenReader: () => Promise.resolve(onScreen) });
  expect((await call('GET', '/state')).body).toMatchObject({ screenReader: true });
  const scan = (code?: string) =>
    post('/phone', { memberId: 'M1001', ...(code === undefined ? {} : { code }) });
  expect(await scan('replayed')).toMatchObject({ status: 409, body: { error: 'no_last_code' } });
  expect(await scan()).toMatchObject({ status: 409, body: { error: 'no_code_on_screen' } });
  onScreen = 'HTTPS://M.EXAMPLE/KC1.ONE';
  expect(await scan()).toMatchObject({ status: 200, body: { accepted: true } });
  onScreen = 'HTTPS://M.EXAMPLE/KC1.TWO';
  claimDecision = { accepted: false, reason: 'used' };
  expect(await scan('replayed')).toMatchObject({ status: 409, body: { error: 'sign_in_refused' } });
  const claims = asked.filter((a) => a.path === '/m/api/cabinet/open');
  const one = { text: 'HTTPS://M.EXAMPLE/KC1.ONE', cabinetId: 'CAB-1' };
  expect(claims.map(({ body }) => body)).toEqual([one, one]);
  for (const { headers } of claims)
    expect(headers).toMatchObject({
      origin: operatorDev,
      cookie: `kaimen-phone-session=${sessionToken}`,
      'x-kaimen-csrf': phoneSession.csrf,
    });
  expect(asked.filter((a) => a.path === '/m/api/link/use').map((a) => a.body)).toEqual([
    { token: linkToken },
  ]);
});

test('without a screen reader no phone sees the screen; a screen that cannot be seen shows nothing', async () => {
  await start();
  expect(await post('/phone', { memberId: 'M1001' })).toMatchObject({
    status: 409,
    body: { error: 'no_screen_reader' },
  });
  await simulator.close();
  await start({ screenReader: () => Promise.reject(new Error('the kiosk is off')) });
  expect(await post('/phone', { memberId: 'M1001' })).toMatchObject({
    status: 409,
    body: { error: 'no_code_on_screen' },
  });
});
