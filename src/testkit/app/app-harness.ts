import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import { z } from 'zod';
import {
  type PowerSwitch,
  type ScreenReader,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../simulator/server.ts';
import { until } from '../until.ts';
import { Journeys } from './journeys.ts';
import { OperatorClient } from './operator-client.ts';
import { type OperatorProcess, startOperatorProcess } from './operator-process.ts';
import { ScreenDriver } from './screen-driver.ts';
import { WorldClient } from './world-client.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
/** Only bounds hanging. */
const hangMs = 120_000;

/** So much of the kiosk's log is told when something does not come. */
const lastLineCount = 40;

function lastLinesOf(path: string): string {
  if (!existsSync(path)) return '(no log)';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lastLineCount).join('\n');
}

export interface AppHarnessOptions {
  /** Keep operator and kiosk data here instead of in a temporary folder that goes away. */
  dir?: string;
  cabinetId?: string;
  /** Changes to the kiosk's settings file. */
  settings?: Record<string, unknown>;
  simulator?: Partial<SimulatorOptions>;
  power?: PowerSwitch;
  /** Chromium takes the film at `cameraFile` for a camera; it may change while the camera is off; `y4m`: in place. */
  cameraFile?: true | 'y4m';
  /** The operator has let the sample members in lately, so that the cabinet may open offline for them. */
  membersLetIn?: true;
  /** How the simulated phones see the screen; absent: on the page that `launch` has opened. */
  screenReader?: ScreenReader;
}

interface Parts {
  readonly dir: string;
  readonly operator: OperatorProcess;
  readonly simulator: Simulator;
}

/**
 * The real app with all that it needs: the operator service in a process of its own, the simulated cabinet and network in
 * this one, the kiosk in its own: killing the kiosk leaves the others standing, as in life. Used by demo, start, bench
 * and e2e.
 */
export class AppHarness {
  readonly dir: string;
  readonly kioskDir: string;
  /** The film (MJPEG) that the kiosk's camera shows, if the harness was opened with one. */
  readonly cameraFile: string;
  readonly screen = new ScreenDriver(
    () => this.page,
    { face: () => this.#view('face'), pin: () => this.#view('pin') },
    () => lastLinesOf(join(this.kioskDir, 'kaimen.log')),
  );
  readonly cabinet: WorldClient;
  readonly operator: OperatorClient;
  readonly journeys: Journeys;
  /** Base URL of the cabinet's control API. */
  readonly control: string;
  /** What its operator serves to browsers. */
  readonly pages: Pick<OperatorProcess, 'phone' | 'console' | 'consoleSetUp'>;
  readonly #options: AppHarnessOptions;
  readonly #parts: Parts;
  /** Of the kiosk's environment, from its next start on. */
  readonly environment: Record<string, string> = {};
  /** More arguments of the kiosk, from its next start on. */
  switches: string[] = [];
  app: ElectronApplication | null = null;
  page: Page | null = null;

  private constructor(options: AppHarnessOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.pages = parts.operator;
    this.dir = parts.dir;
    this.cameraFile = join(this.dir, options.cameraFile === 'y4m' ? 'camera.y4m' : 'camera.mjpeg');
    this.kioskDir = join(this.dir, 'kiosk');
    mkdirSync(this.kioskDir, { recursive: true });
    this.control = parts.simulator.control;
    this.cabinet = new WorldClient(parts.simulator);
    this.operator = new OperatorClient(parts.operator.dev);
    this.journeys = new Journeys(this.screen, this.cabinet);
  }

  /** Starts operator and cabinet and writes the kiosk's settings; the kiosk itself is started by `launch`. */
  static async open(options: AppHarnessOptions = {}): Promise<AppHarness> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'kaimen-app-'));
    const operator = await startOperatorProcess(join(dir, 'operator'), options.membersLetIn);
    // The page comes later than the cabinet whose phones look at it.
    const shown: { harness: AppHarness | null } = { harness: null };
    const simulator = await startSimulator({
      operator: operator.api,
      operatorDev: operator.dev,
      ...(options.power === undefined ? {} : { power: options.power }),
      screenReader: options.screenReader ?? (async () => (await shown.harness?.screen.shownQrCode()) ?? null),
      ...options.simulator,
    });
    const harness = new AppHarness(options, { dir, operator, simulator });
    shown.harness = harness;
    const cabinetId = options.cabinetId ?? 'A-0217';
    const settings = {
      cabinetId,
      place: { zh: '科技园 3 号楼 大堂', en: 'Science Park 3, lobby' },
      servicePhone: '400-000-0217',
      operatorUrl: simulator.operatorProxy,
      // Nobody's (RFC 2606): the phones that scan it here are simulated, too.
      shopperUrl: 'HTTPS://KAIMEN.EXAMPLE/',
      enrolToken: await harness.operator.enrolToken(cabinetId),
      cabinet: simulator.devices,
      // A cabinet with scales knows what stands on them.
      ...(simulator.cabinet.scale === null ? {} : { shelf: simulator.cabinet.scale.shelf }),
      ...options.settings,
    };
    writeFileSync(join(harness.kioskDir, 'config.json'), JSON.stringify(settings, null, 2));
    return harness;
  }

  #view(name: 'face' | 'pin'): Page | null {
    return this.app?.windows().find((page) => page.url() === `app://kaimen/${name}.html`) ?? null;
  }

  /** What stands on its scale, as the settings say it. */
  get scaleShelf(): object {
    return this.#parts.simulator.cabinet.scale?.shelf ?? {};
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
    const camera =
      this.#options.cameraFile !== undefined
        ? ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${this.cameraFile}`]
        : [];
    const args = [
      ...(root ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--lang=zh-CN',
      ...camera,
      ...this.switches,
      project,
    ];
    const inherited = Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined);
    const own = { KAIMEN_DATA_DIR: this.kioskDir, KAIMEN_WINDOW: size, ...this.environment };
    const env = { ...Object.fromEntries(inherited), ...own };
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
      timeout: hangMs,
    });
    this.page = await this.app.firstWindow({ timeout: hangMs });
    if (screen !== null) await this.screen.waitScreen(screen);
    return this.page;
  }

  /** SIGKILL: the power cut. The cabinet, the network and the operator go on. */
  async kill(): Promise<void> {
    const app = this.app;
    if (app === null) return;
    const child = app.process();
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    this.app = this.page = null;
  }

  /** How often this event stands in the kiosk's log. */
  logged(event: string): number {
    const log = join(this.kioskDir, 'kaimen.log');
    return existsSync(log) ? readFileSync(log, 'utf8').split(`"event":"${event}"`).length - 1 : 0;
  }

  /** The kiosk's device host, as soon as there is one. */
  deviceHostPid(): Promise<number> {
    return until('the device host runs', async () => {
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
    await this.#parts.simulator.close();
    await this.#parts.operator.stop();
    if (this.#options.dir === undefined) rmSync(this.dir, { recursive: true, force: true });
  }
}
