import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import { z } from 'zod';
import type { EmbedderName } from '../../src/shared/model/face.ts';
import { faceReportSchema } from '../../src/shared/model/face.schema.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

const failureSchema = z.object({ code: z.string(), message: z.string().optional() });
const analysedSchema = z.object({
  report: faceReportSchema,
  /** Milliseconds of each step of one frame. */
  timings: z.object({
    stretch: z.number(),
    detect: z.number(),
    landmarks: z.number(),
    align: z.number(),
    embed: z.number(),
    liveness: z.number(),
    total: z.number(),
  }),
});
export type Analysed = z.infer<typeof analysedSchema>;
const resultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: analysedSchema }),
  z.object({ ok: z.literal(false), error: failureSchema }),
]);

/** On a machine that is busy with other things a frame may take longer than the product waits. */
const restartMax = 20;

export interface PictureOptions {
  /** null: the picture is a camera frame; else it is pasted into a frame of 640×480 at this scale. */
  pasteScale: number | null;
  purpose: 'identify' | 'enrol';
}

async function openPage(app: ElectronApplication): Promise<Page> {
  const opened = app.waitForEvent('window');
  await app.evaluate(async ({ BrowserWindow, session }) => {
    const webPreferences = {
      ...{ sandbox: true, contextIsolation: true, backgroundThrottling: false },
      // Models and workers are served to the face view's session alone.
      session: session.fromPartition('face'),
    };
    await new BrowserWindow({ width: 320, height: 200, webPreferences }).loadURL(
      'app://kaimen/face-eval.html',
    );
  });
  const page = await opened;
  await page.waitForFunction(() => 'faceEval' in globalThis);
  return page;
}

/**
 * The built app with the measuring page in it: main serves it, the page holds the product's client and worker. Needs no
 * cabinet and no operator; the shopper's page beside it stands at "out of service".
 */
export class EvalApp {
  readonly app: ElectronApplication;
  #page: Page;
  #crashed = false;
  readonly #dir: string;
  /** Workers that had to be replaced because a frame took too long or broke them. */
  restartCount = 0;
  #embedder: EmbedderName = 'fr-feature-512';

  private constructor(app: ElectronApplication, page: Page, dir: string) {
    this.app = app;
    this.#page = page;
    this.#use(page);
    this.#dir = dir;
  }

  #use(page: Page): void {
    this.#page = page;
    this.#crashed = false;
    page.once('crash', () => {
      this.#crashed = true;
    });
  }

  /** `root` is a folder with another build of the app in it. */
  static async open(root = project): Promise<EvalApp> {
    const executable = process.env['KAIMEN_ELECTRON'];
    if (executable === undefined) throw new Error('KAIMEN_ELECTRON is not set: use the npm scripts');
    const dir = mkdtempSync(join(tmpdir(), 'kaimen-face-'));
    const isRoot = process.getuid?.() === 0;
    const inherited = Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined);
    const app = await _electron.launch({
      executablePath: executable,
      args: [...(isRoot ? ['--no-sandbox'] : []), '--disable-gpu', root],
      env: { ...Object.fromEntries(inherited), KAIMEN_DATA_DIR: dir, KAIMEN_WINDOW: '1080x1920' },
      cwd: project,
    });
    await (await app.firstWindow()).getByTestId('screen-out_of_service').waitFor({ state: 'visible' });
    return new EvalApp(app, await openPage(app), dir);
  }

  /** Starts the worker with that embedder; answers null, or why there is none. */
  async start(embedder: EmbedderName): Promise<z.infer<typeof failureSchema> | null> {
    this.#embedder = embedder;
    const failure = await this.#page.evaluate(
      (name) =>
        (globalThis as unknown as { faceEval: { start(e: string): Promise<unknown> } }).faceEval.start(name),
      embedder,
    );
    return failureSchema.nullable().parse(failure);
  }

  /** Has the worker analyse one picture file; a worker that hung, or a page that crashed, is replaced as in the product. */
  async analyse(path: string, options: PictureOptions): Promise<Analysed> {
    for (;;) {
      const result = await this.#tryAnalyse(path, options).catch((error: unknown) => ({
        ok: false as const,
        error: { code: 'page', message: String(error) },
      }));
      if (result.ok) return result.value;
      const why = `${path}: ${result.error.code} ${result.error.message ?? ''}`;
      if (++this.restartCount > restartMax) throw new Error(why);
      process.stderr.write(`[face] ${why}; once more\n`);
      if (this.#crashed) this.#use(await openPage(this.app));
      const failure = await this.start(this.#embedder);
      if (failure !== null) throw new Error(`${failure.code} ${failure.message ?? ''}`);
    }
  }

  async #tryAnalyse(path: string, options: PictureOptions): Promise<z.infer<typeof resultSchema>> {
    const picture = { base64: (await readFile(path)).toString('base64'), ...options };
    const result = await this.#page.evaluate(
      (p) =>
        (globalThis as unknown as { faceEval: { analyse(p: object): Promise<unknown> } }).faceEval.analyse(p),
      picture,
    );
    return resultSchema.parse(result);
  }

  async close(): Promise<void> {
    await this.app.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
