import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import { z } from 'zod';
import type { TraceEvent } from '../trace.ts';
import {
  type ScreenReader,
  type PowerSwitch,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../server.ts';

/**
 * A whole harness for the app to play on: the operator service in a process of its own, the simulated cabinet and network
 * in this one, the kiosk in its own: killing the kiosk leaves the others standing, as in life. Used by demo, start,
 * bench and e2e.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const readyTimeoutMs = 30_000;
const pollEveryMs = 25;

const operatorReadySchema = z.object({ ready: z.literal(true), api: z.string(), dev: z.string() });

export const operatorChargeSchema = z.object({
  chargeId: z.string(),
  state: z.string(),
  totalMinor: z.number(),
  receivedCount: z.number(),
  debitCount: z.number(),
  review: z.boolean(),
  disputedMinor: z.number(),
  firstAtMs: z.number(),
  paidAtMs: z.number().nullable(),
});
export type OperatorCharge = z.infer<typeof operatorChargeSchema>;

const worldSchema = z.object({
  door: z.string(),
  bolt: z.string(),
  goods: z.array(z.object({ epc: z.string(), sku: z.string().nullable(), place: z.string() })),
  devices: z.object({ 'code-scanner': z.object({ attached: z.boolean() }) }),
});

export interface AppHarnessOptions {
  /** Keep operator and kiosk data here instead of in a temporary folder that goes away. */
  dir?: string;
  cabinetId?: string;
  /** Changes to the kiosk's settings file. */
  settings?: Record<string, unknown>;
  simulator?: Partial<SimulatorOptions>;
  power?: PowerSwitch;
  /** Chromium takes the film at `cameraFile` for a camera; it may change while the camera is off. */
  cameraFile?: true;
  /** How the simulated phones see the screen; absent: on the page that `launch` has opened. */
  screenReader?: ScreenReader;
}

export class AppHarness {
  readonly dir: string;
  readonly kioskDir: string;
  readonly #temporary: boolean;
  /** The film (MJPEG) that the kiosk's camera shows, if the harness was opened with one. */
  readonly cameraFile: string;
  readonly #hasCamera: boolean;
  readonly #children: ChildProcess[] = [];
  #simulator: Simulator | null = null;
  control = '';
  operatorDev = '';
  app: ElectronApplication | null = null;
  page: Page | null = null;

  private constructor(options: AppHarnessOptions) {
    this.#hasCamera = options.cameraFile === true;
    this.#temporary = options.dir === undefined;
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'kaimen-harness-'));
    this.cameraFile = join(this.dir, 'camera.mjpeg');
    this.kioskDir = join(this.dir, 'kiosk');
    mkdirSync(this.kioskDir, { recursive: true });
  }

  /** Starts operator and cabinet and writes the kiosk's settings; the kiosk itself is started by `launch`. */
  static async open(options: AppHarnessOptions = {}): Promise<AppHarness> {
    const harness = new AppHarness(options);
    const operator = await harness.#start('src/operator/index.ts', ['--dev'], operatorReadySchema, {
      DATA_DIR: options.dir === undefined ? undefined : join(harness.dir, 'operator'),
    });
    harness.operatorDev = operator.dev;
    const simulator = await startSimulator({
      operator: operator.api,
      operatorDev: operator.dev,
      ...(options.power === undefined ? {} : { power: options.power }),
      screenReader: options.screenReader ?? (() => harness.shownQrCode()),
      ...options.simulator,
    });
    harness.#simulator = simulator;
    harness.control = simulator.control;
    const cabinetId = options.cabinetId ?? 'A-0217';
    const { token } = z
      .object({ token: z.string() })
      .parse(await harness.operator('enrol-token', { cabinetId }));
    const settings = {
      cabinetId,
      place: { zh: '科技园 3 号楼 大堂', en: 'Science Park 3, lobby' },
      servicePhone: '400-000-0217',
      operatorUrl: simulator.operatorProxy,
      // Nobody's (RFC 2606): the phones that scan it here are simulated, too.
      shopperUrl: 'HTTPS://KAIMEN.EXAMPLE/',
      enrolToken: token,
      cabinet: simulator.devices,
      ...options.settings,
    };
    writeFileSync(join(harness.kioskDir, 'config.json'), JSON.stringify(settings, null, 2));
    return harness;
  }

  /** Changes the kiosk's settings file; it is read at the next start. */
  changeSettings(changes: Record<string, unknown>): void {
    const path = join(this.kioskDir, 'config.json');
    const now = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
    writeFileSync(path, JSON.stringify({ ...now, ...changes }, null, 2));
  }

  /** Environment and arguments of the kiosk program. */
  kioskCommand(size: string): { executable: string; args: string[]; env: Record<string, string> } {
    const executable = process.env['KAIMEN_ELECTRON'];
    if (executable === undefined) throw new Error('KAIMEN_ELECTRON is not set: use the npm scripts');
    const root = process.getuid?.() === 0;
    const camera = this.#hasCamera
      ? ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${this.cameraFile}`]
      : [];
    const args = [...(root ? ['--no-sandbox'] : []), '--disable-gpu', '--lang=zh-CN', ...camera, project];
    const inherited = Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined);
    const env = { ...Object.fromEntries(inherited), KAIMEN_DATA_DIR: this.kioskDir, KAIMEN_WINDOW: size };
    return { executable, args, env };
  }

  /** Starts the real app and waits for its first painted screen. */
  async launch(size = '1080x1920', screen: string | null = 'attract'): Promise<Page> {
    const { executable, args, env } = this.kioskCommand(size);
    this.app = await _electron.launch({
      executablePath: executable,
      args,
      env,
      cwd: project,
      timeout: readyTimeoutMs,
    });
    this.page = await this.app.firstWindow({ timeout: readyTimeoutMs });
    if (screen !== null) await this.waitScreen(screen);
    return this.page;
  }

  /** SIGKILL: the power cut. The cabinet, the network and the operator go on. */
  async kill(): Promise<void> {
    const app = this.app;
    if (app === null) return;
    const child = app.process();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    this.app = this.page = null;
  }

  /** The kiosk's device host, as soon as there is one. */
  deviceHostPid(): Promise<number> {
    return until('the device host runs', 5000, async () => {
      const pid = await this.app?.evaluate(
        ({ app }) =>
          app.getAppMetrics().find((p) => p.type === 'Utility' && p.name === 'Kaimen devices')?.pid,
      );
      return pid ?? null;
    });
  }

  /** Ends the app as the system would on shutdown. */
  async quit(): Promise<void> {
    await this.app?.close();
    this.app = this.page = null;
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#simulator?.close();
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        const hard = setTimeout(() => child.kill('SIGKILL'), 3000);
        await gone;
        clearTimeout(hard);
      }),
    );
    if (this.#temporary) rmSync(this.dir, { recursive: true, force: true });
  }

  // The screen.

  get window(): Page {
    if (this.page === null) throw new Error('the kiosk is not running');
    return this.page;
  }
  async waitScreen(name: string, timeoutMs = readyTimeoutMs): Promise<void> {
    await this.window.getByTestId(`screen-${name}`).waitFor({ state: 'visible', timeout: timeoutMs });
  }
  /** Taps where a finger would: the middle of the visible target. */
  async tap(testId: string): Promise<void> {
    const target = this.window.getByTestId(testId);
    await target.waitFor({ state: 'visible', timeout: 5000 });
    const box = await target.boundingBox();
    if (box === null) throw new Error(`${testId} has no place on screen`);
    await this.window.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  }
  async text(testId: string): Promise<string> {
    return (await this.window.getByTestId(testId).innerText()).replaceAll(/\s+/g, ' ').trim();
  }

  /** The text of the QR on the code screen, as the page has it; null: there is none. */
  async shownQrCode(): Promise<string | null> {
    return qrCodeIn(await this.page?.evaluate(snapshotExpression));
  }

  /** Waits for a phase of the face screen or of "my data"; says what was seen instead when it does not come. */
  async waitFacePhase(wanted: string, timeoutMs: number): Promise<FacePhase> {
    const seen: string[] = [];
    return until(`face screen: ${wanted}`, timeoutMs, async () => {
      const now = await this.currentFacePhase();
      if (now?.phase === wanted) return now;
      const text = JSON.stringify({ ...now, camera: undefined });
      if (seen.at(-1) !== text) seen.push(text);
      return null;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; but ${seen.slice(-20).join(' → ')}`);
    });
  }
  /** What the face screen, or "my data", shows now; null: neither is there. */
  async currentFacePhase(): Promise<FacePhase | null> {
    const { visit } = faceSchema.parse(await this.window.evaluate(snapshotExpression)).value;
    return visit.face ?? visit.account ?? null;
  }
  /** Whether the kiosk itself takes the operator for reachable. */
  async isOnline(): Promise<boolean> {
    return onlineSchema.parse(await this.window.evaluate(snapshotExpression)).value.online;
  }
  /** Touches "by face", reads the notice, and looks into the camera. */
  async chooseFace(): Promise<void> {
    await this.waitScreen('attract');
    await this.tap('action-choose-face');
    await this.waitScreen('face');
    await this.tap('action-start-face');
  }
  /** To "my data" of a member, by code. */
  async openAccount(memberId = 'M1001'): Promise<void> {
    await this.waitScreen('attract');
    await this.tap('action-choose-account');
    await this.waitScreen('identifying');
    await this.present(memberId);
    await this.waitScreen('account');
  }
  /** On the notice of enrolment: ticks and agrees; the camera looks from here on. */
  async agreeToEnrol(): Promise<void> {
    await this.tap('tick-agree');
    await this.tap('tick-age');
    await this.tap('action-agree');
  }
  /** Enrols whoever the camera's film shows, as this member, by code; back at the start screen. */
  async enrolFace(memberId = 'M1001'): Promise<void> {
    await this.openAccount(memberId);
    await this.tap('action-enrol');
    await this.agreeToEnrol();
    await this.waitFacePhase('enrolled', 60_000);
    await this.tap('action-cancel');
  }
  /** From the start screen through the door, by code. */
  async enterByCode(memberId = 'M1001'): Promise<void> {
    await this.tap('action-choose-code');
    await this.waitScreen('identifying');
    await this.present(memberId);
    await this.waitScreen('unlocking');
    await this.pull();
    await this.waitScreen('shopping');
  }
  /** Deletes the face of whose account is on screen. */
  async withdrawFace(): Promise<void> {
    await this.tap('action-withdraw');
    await this.tap('action-confirm-withdraw');
    await this.waitFacePhase('withdrawn', 5000);
  }

  // The cabinet.

  async cabinet(path: string, body: object): Promise<unknown> {
    return post(`${this.control}/${path}`, body);
  }
  async world(): Promise<z.infer<typeof worldSchema>> {
    return worldSchema.parse(await get(`${this.control}/state`));
  }
  /** Holds a member's phone with a fresh code before the scanner, once the kiosk has it: a scan before that is lost. */
  async present(memberId = 'M1001'): Promise<void> {
    await until('scanner connected', 10_000, async () =>
      (await this.world()).devices['code-scanner'].attached ? true : null,
    );
    await this.cabinet('present', { memberId });
  }
  /** Scans the cabinet's own code with a member's phone. */
  async scanScreen(memberId = 'M1001', code: 'shown' | 'replayed' = 'shown'): Promise<void> {
    await this.cabinet('phone', { memberId, code });
  }
  /** Pulls the door as soon as the bolt lets it, as a hand on the handle does. */
  async pull(): Promise<void> {
    await until('bolt released', 10_000, async () =>
      (await this.world()).bolt === 'released' ? true : null,
    );
    await this.cabinet('door', { action: 'pull' });
  }
  async shut(): Promise<void> {
    await this.cabinet('door', { action: 'close' });
  }
  async take(sku: string): Promise<void> {
    await this.cabinet('goods', { action: 'take', sku });
  }
  async putBack(sku: string): Promise<void> {
    const item = (await this.world()).goods.find((g) => g.sku === sku && g.place === 'hand');
    if (item === undefined) throw new Error(`no ${sku} in hand`);
    await this.cabinet('goods', { action: 'put_back', epc: item.epc });
  }
  /** Bytes on the devices' wires after event number `since`, oldest first. */
  trace(since: number): TraceEvent[] {
    return this.#simulator?.trace.since(since) ?? [];
  }
  async network(mode: 'up' | 'cut' | 'blackhole' | 'drop-replies', delayMs = 0): Promise<void> {
    await this.cabinet('network', { mode, delayMs });
  }

  // The operator.

  async operator(path: string, body: object): Promise<unknown> {
    return post(`${this.operatorDev}/dev/${path}`, body);
  }
  async charges(): Promise<OperatorCharge[]> {
    return z.array(operatorChargeSchema).parse(await get(`${this.operatorDev}/dev/charges`));
  }

  /** What shoppers reported, newest first. */
  async disputes(): Promise<{ chargeId: string; skus: string[] }[]> {
    const schema = z.array(z.looseObject({ chargeId: z.string(), skus: z.array(z.string()) }));
    return schema.parse(await get(`${this.operatorDev}/dev/disputes`));
  }

  async alarms(): Promise<{ kind: string }[]> {
    return z.array(z.looseObject({ kind: z.string() })).parse(await get(`${this.operatorDev}/dev/alarms`));
  }

  async #start<T>(
    entry: string,
    args: string[],
    ready: z.ZodType<T>,
    env: Record<string, string | undefined> = {},
  ): Promise<T> {
    const child = spawn(process.execPath, [entry, ...args], {
      cwd: project,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const line = await firstLine(child, entry);
    return ready.parse(JSON.parse(line));
  }
}

/** Run in the kiosk's page: all that it knows. */
export const snapshotExpression = 'window.kiosk.visit.getSnapshot({})';

const onlineSchema = z.object({ value: z.object({ online: z.boolean() }) });
const phaseSchema = z.looseObject({ phase: z.string() });
type FacePhase = z.infer<typeof phaseSchema>;
const faceSchema = z.object({
  value: z.object({
    visit: z.looseObject({ face: phaseSchema.optional(), account: phaseSchema.optional() }),
  }),
});

const shownSchema = z.object({
  value: z.object({ visit: z.object({ cabinetCode: z.object({ text: z.string() }) }) }),
});

/** The cabinet's own code in the answer to `askForSnapshot`; null when the screen shows none. */
export function qrCodeIn(answer: unknown): string | null {
  const shown = shownSchema.safeParse(answer);
  return shown.success ? shown.data.value.visit.cabinetCode.text : null;
}

/** Asks again and again until `look` answers something, or fails with `what` after `timeoutMs`. */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | null>): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer !== null) return answer;
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
}

function firstLine(child: ChildProcess, entry: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      reject(new Error(`${entry} was not ready within ${readyTimeoutMs} ms`));
    }, readyTimeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(text.slice(0, end));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${entry} ended with ${String(code)} before it was ready`));
    });
  });
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return read(url, answer);
}
async function get(url: string): Promise<unknown> {
  return read(url, await fetch(url));
}
async function read(url: string, answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 200)}`);
  return text === '' ? null : JSON.parse(text);
}
