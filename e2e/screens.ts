import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';
import type { KioskSnapshot } from '../src/shared/model/visit.ts';
import { sampleSnapshots, sampleTaps } from './fixtures/snapshots.ts';

/**
 * `npm run screens`: draws every state × zh/en × portrait/landscape × normal/large text in the real app (its own window,
 * page, preload and policies; only the state is put in by hand) into artifacts/screens/, checks each with axe-core for
 * what people with bad eyes or big fingers need, and looks for text that is cut off. Exits with 1 when it finds any.
 *
 *   npm run screens -- shopping      only the states whose name contains the word
 */
const project = fileURLToPath(new URL('..', import.meta.url));
const folder = join(project, 'artifacts', 'screens');
const shapes = { portrait: [1080, 1920], landscape: [1920, 1080] } as const;
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const settleMs = 450;

async function launch(dir: string): Promise<{ app: ElectronApplication; page: Page }> {
  const executablePath = process.env['KAIMEN_ELECTRON'];
  if (executablePath === undefined) throw new Error('KAIMEN_ELECTRON is not set: use npm run screens');
  // Settings that cannot be read: the app stands still, so that nothing but the sample states is drawn.
  await writeFile(join(dir, 'config.json'), 'not a setting');
  const app = await _electron.launch({
    executablePath,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', project],
    env: { ...(process.env as Record<string, string>), KAIMEN_DATA_DIR: dir, KAIMEN_WINDOW: '1080x1920' },
  });
  const page = await app.firstWindow();
  await page.getByTestId('screen-out_of_service').waitFor();
  return { app, page };
}

let seq = 1;

async function show(app: ElectronApplication, page: Page, snapshot: KioskSnapshot): Promise<void> {
  // The page has asked for the app's own state and listens for changes; ours is newer.
  await page.getByTestId('screen-out_of_service').waitFor();
  seq++;
  await app.evaluate(
    ({ BrowserWindow }, state) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send('kiosk:snapshot', state);
    },
    { ...snapshot, seq },
  );
  await page.getByTestId(`screen-${snapshot.visit.screen}`).waitFor();
}

async function resize(app: ElectronApplication, size: readonly [number, number]): Promise<void> {
  await app.evaluate(({ BrowserWindow }, [width, height]) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, size);
}

/** Texts whose box is smaller than what is in it, and anything that sticks out of the window. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const own = [...element.childNodes].some(
        (n) => n.nodeType === 3 && (n.textContent ?? '').trim() !== '',
      );
      if (!own || element.closest('[aria-hidden="true"]') !== null) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (box.width === 0 || style.visibility === 'hidden') continue;
      const text = element.textContent.trim().slice(0, 40);
      const clips = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
      if (clips) found.push(`cut: "${text}"`);
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside: "${text}"`);
    }
    return found;
  });
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    return (await axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 120) ?? ''}`);
  });
  return results;
}

async function main(): Promise<void> {
  const word = process.argv[2] ?? '';
  const dir = await mkdtemp(join(tmpdir(), 'kaimen-screens-'));
  if (word === '') await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { app, page } = await launch(dir);
  const findings: string[] = [];
  let count = 0;
  try {
    for (const [shape, size] of Object.entries(shapes)) {
      await resize(app, size);
      for (const [name, snapshot] of Object.entries(sampleSnapshots)) {
        if (!name.includes(word)) continue;
        for (const language of ['zh', 'en']) {
          for (const text of ['normal', 'large']) {
            // A new page each time: language and text size start at Chinese and normal, as after each visit.
            await page.reload();
            await show(app, page, snapshot);
            if (language === 'en') await page.getByTestId('action-language').click();
            if (text === 'large') await page.getByTestId('action-large-text').click();
            for (const target of sampleTaps[name] ?? []) await page.getByTestId(target).click();
            await page.waitForTimeout(settleMs);
            const file = `${name}.${shape}.${language}.${text}`;
            await page.screenshot({ path: join(folder, `${file}.png`) });
            for (const finding of [...(await cutOff(page)), ...(await violations(page))])
              findings.push(`${file}  ${finding}`);
            count++;
          }
        }
      }
    }
  } finally {
    await app.close();
    await rm(dir, { recursive: true, force: true });
  }
  console.log(`${count} pictures in artifacts/screens/, ${findings.length} findings`);
  for (const finding of findings) console.log(`  ${finding}`);
  if (findings.length > 0 || count === 0) process.exitCode = 1;
}

await main();
// Not by running out of work: Node's own clean-up has been seen to spin for ever over the pipes of a killed child.
process.exit();
