import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LauncherState, ReleaseFile, SlotContent } from '../../shared/launcher.ts';
import { makeScratchFolder } from '../scratch-folder.ts';
import { until } from '../until.ts';
import { afterPowerCut, noteAll } from './disk-faults.ts';
import { UpdateRepository } from './repository.ts';

const here = import.meta.dirname;
const launcher = join(here, '..', '..', 'launcher', 'launcher.ts');
const shim = join(here, 'disk-faults.ts');
export const queued = 3;
/** Of both releases: it is not fetched again. */
const common = randomBytes(200_000);

interface Built {
  readonly files: (ReleaseFile & { readonly bytes: Buffer })[];
  readonly content: SlotContent;
}

/** A release of the fake app: the app itself, how it behaves, something large that only it has, and what all have. */
function build(version: string, isHealthy: boolean): Built {
  const app = `#!${process.execPath}\n${readFileSync(join(here, 'fake-app.mjs'), 'utf8')}`;
  const schema = version === '1.0.0' ? 1 : 2;
  const parts: [string, Buffer][] = [
    ['app.mjs', Buffer.from(app)],
    ['behaviour.json', Buffer.from(JSON.stringify({ version, schema, isHealthy }))],
    ['resources/own.bin', randomBytes(300_000)],
    ['resources/common.bin', common],
  ];
  const files = parts.map(([path, bytes]) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path, sha256, size: bytes.length, isExecutable: path === 'app.mjs', bytes };
  });
  const listed = files.map(({ path, sha256, size, isExecutable }) => ({ path, sha256, size, isExecutable }));
  return { files, content: { format: 1, version, start: 'app.mjs', files: listed } };
}

export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Cabinet and repository: a launcher, the fake app 1.0.0 in slot a, its data with a visit and charges in doubt. */
export class UpdateRig {
  readonly repository = new UpdateRepository();
  readonly #scratch = makeScratchFolder();
  readonly root = join(this.#scratch.path, 'root');
  readonly world = join(this.#scratch.path, 'world');
  readonly switches = join(this.#scratch.path, 'switches');
  readonly #mirror = join(this.#scratch.path, 'mirror');
  #url = '';
  #launcher: ChildProcess | null = null;
  /** What the programs said. */
  said = '';
  readonly #isHealthy: boolean;

  constructor(isHealthy: boolean) {
    this.#isHealthy = isHealthy;
  }

  async start(): Promise<void> {
    for (const folder of [this.root, this.world, this.switches]) mkdirSync(folder, { recursive: true });
    const { files, content } = build('1.0.0', true);
    for (const { path, bytes, isExecutable } of files) {
      const whole = join(this.root, 'slots', 'a', path);
      mkdirSync(join(whole, '..'), { recursive: true });
      writeFileSync(whole, bytes);
      if (isExecutable) chmodSync(whole, 0o755);
    }
    writeFileSync(join(this.root, 'slots', 'a', 'slot.json'), JSON.stringify(content));
    // The word of an app that is healthy comes at once; only one that is not is waited for.
    const healthMs = this.#isHealthy ? 60_000 : 300;
    const settings = { healthMs, migrationMs: 60_000, backoffFirstMs: 20, backoffMaxMs: 50, pollMs: 20 };
    writeFileSync(join(this.root, 'launcher.json'), JSON.stringify({ ...settings, shortRunsMax: 1_000 }));
    const db = new DatabaseSync(join(this.world, 'kaimen.db'));
    db.exec(`PRAGMA user_version = 1; CREATE TABLE charge (id TEXT PRIMARY KEY, state TEXT NOT NULL);
      CREATE TABLE visit (state TEXT NOT NULL); INSERT INTO visit VALUES ('open');`);
    for (let i = 0; i < queued; i++) db.exec(`INSERT INTO charge VALUES ('charge ${i}', 'in doubt')`);
    db.close();
    writeFileSync(join(this.world, 'wanted'), '1.0.0');
    writeFileSync(join(this.world, 'log'), '');
    writeFileSync(join(this.world, 'first-root.json'), this.repository.firstRoot);
    noteAll({ root: this.root, mirror: this.#mirror });
    this.#url = await this.repository.start();
    this.powerOn();
  }
  async stop(): Promise<void> {
    await this.killAll();
    await this.repository.stop();
    this.#scratch.remove();
  }

  powerOn(): void {
    const env = {
      ...process.env,
      ...{ KAIMEN_FAULT_ROOT: this.root, KAIMEN_FAULT_MIRROR: this.#mirror, KAIMEN_FAULT_ROLE: 'launcher' },
      ...{ KAIMEN_FAULT_SWITCHES: this.switches, KAIMEN_FAULT_SHIM: shim, KAIMEN_WORLD: this.world },
      KAIMEN_WRITER: join(here, '..', '..', 'shared', 'node', 'write-file-atomic.ts'),
      KAIMEN_UPDATER: join(here, 'updater-program.ts'),
      ...{ KAIMEN_URL: this.#url, KAIMEN_FIRST_ROOT: join(this.world, 'first-root.json') },
    };
    // A group of its own, so that a cut of the power takes all of it at once.
    const child = spawn(process.execPath, ['--import', shim, launcher, this.root], {
      ...{ env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (this.said += text.toString()));
    this.#launcher = child;
  }
  /** All processes at once; what they had written is there. */
  async killAll(): Promise<void> {
    const child = this.#launcher;
    if (child?.pid === undefined) return;
    this.#launcher = null;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const gone = hasEnded ? null : new Promise((resolve) => child.once('close', resolve));
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // They are gone already.
    }
    await gone;
  }
  /** The same, and what was not brought onto the disk is lost. */
  async cutPower(): Promise<void> {
    await this.killAll();
    afterPowerCut({ root: this.root, mirror: this.#mirror });
  }
  /** One process, by what it has written into the log. */
  kill(who: 'start' | 'updater'): void {
    const pid = this.#pidOf(who);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  isRunning(who: 'start' | 'updater'): boolean {
    return isAlive(this.#pidOf(who));
  }
  #pidOf(who: 'start' | 'updater'): number {
    const line = this.log.findLast((one) => one.startsWith(`${who} `)) ?? '';
    return Number(line.split(' ').at(-1) ?? 0);
  }

  publish(version: string): void {
    const { files, content } = build(version, this.#isHealthy);
    for (const { sha256, bytes } of files)
      this.repository.plain.set(`/targets/files/${sha256.slice(0, 2)}/${sha256}`, bytes);
    const release = { ...content, platform: 'linux', arch: 'x64' };
    this.repository.add(`releases/${version}/linux-x64.json`, Buffer.from(JSON.stringify(release)));
    this.repository.publish();
  }
  want(version: string): void {
    writeFileSync(join(this.world, 'wanted'), version);
  }
  /** Nobody is served any more. */
  openGate(): void {
    const db = new DatabaseSync(join(this.world, 'kaimen.db'), { timeout: 60_000 });
    db.exec("UPDATE visit SET state = 'ended'");
    db.close();
    writeFileSync(join(this.world, 'gate'), '');
  }
  set(name: string, text = ''): void {
    writeFileSync(join(this.switches, name), text);
  }
  clear(name: string): void {
    rmSync(join(this.switches, name), { force: true });
  }
  isPaused(): boolean {
    return existsSync(join(this.switches, 'paused'));
  }

  get log(): string[] {
    return readFileSync(join(this.world, 'log'), 'utf8').split('\n').slice(0, -1);
  }
  get state(): LauncherState | null {
    const path = join(this.root, 'state.json');
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LauncherState) : null;
  }
  versionIn(slot: string): string | null {
    const path = join(this.root, 'slots', slot, 'slot.json');
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SlotContent).version : null;
  }
  /** What the data says: the visit, and the charges that are in doubt. */
  get data(): { visit: string; inDoubt: number } {
    const db = new DatabaseSync(join(this.world, 'kaimen.db'), { timeout: 60_000 });
    try {
      const { state } = db.prepare('SELECT state FROM visit').get() as { state: string };
      const { count } = db.prepare("SELECT count(*) AS count FROM charge WHERE state = 'in doubt'").get() as {
        count: number;
      };
      return { visit: state, inDoubt: count };
    } finally {
      db.close();
    }
  }
  /** Something new in the log that begins so. */
  async next(begin: string, act: () => void | Promise<void> = () => undefined): Promise<void> {
    const count = (): number => this.log.filter((line) => line.startsWith(begin)).length;
    const before = count();
    await act();
    await until(`the log says: ${begin}\n${this.said}`, () => count() > before);
  }
}
