import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type SampleState, sampleStates } from './fixtures/snapshots.ts';
import { GalleryWindow, type Theme, type Variant, sheetColumns } from './gallery/gallery-window.ts';
import { consoleStateNames, drawConsoleStates } from './web/console-screens.ts';
import { drawPhoneStates, phoneStateNames } from './web/phone-screens.ts';

/**
 * `npm run screens`: draws every state × zh/en × portrait/landscape × normal/large text in the real app into
 * artifacts/screens/, and for each state a sheet with all of them into artifacts/screens/sheets/ (index.html shows the
 * sheets below each other). Looks in each picture for text that is cut off and with axe-core for what people with bad
 * eyes or big fingers need. Exits with 1 when it finds any, or when a picture differs from the one it is compared with.
 *
 * The states of the shopper's page on a phone (`phone-…`) are drawn in a browser of the system's, in both languages, light and dark;
 * so are those of the support console (`console-…`), of an operator with charges to look at, 1280 and 390 px wide.
 *
 *   npm run screens -- shopping pay      only the states whose name contains one of the words
 *   npm run screens -- --night           the dark theme (into files of their own)
 *   npm run screens -- --windows=1       so many apps at once (else one a core)
 *   npm run screens -- --axe=all         every picture through axe, not only two of each state
 *   npm run screens -- --out=/tmp/x --compare=/tmp/before --app=/tmp/other-build
 */
const project = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    night: { type: 'boolean', default: false },
    windows: { type: 'string', default: String(availableParallelism()) },
    axe: { type: 'string', default: 'some' },
    out: { type: 'string', default: join(project, 'artifacts', 'screens') },
    compare: { type: 'string' },
    app: { type: 'string', default: project },
  },
});
const isWanted = (name: string): boolean =>
  positionals.length === 0 || positionals.some((word) => name.includes(word));
const theme: Theme = values.night ? 'night' : 'day';
const out = resolve(values.out);
const sheetFolder = join(out, 'sheets');

/** A channel (0 to 255) may differ by this: text drawn at the same place is now and then rounded another way. */
const channelTolerance = 2;
/** So small a share of a picture's pixels (200 of two million) may still differ more: edges of letters and buttons. */
const differentShareMax = 0.0001;
/** A sheet has its pictures at this part of their size. */
const sheetShrink = 3;

/** axe needs longer than the picture; colours and sizes that it judges depend on the text size, words on the language. */
function isForAxe({ shape, language, text }: Variant): boolean {
  if (values.axe !== 'some') return values.axe === 'all';
  return shape === 'portrait'
    ? language === 'zh' && text === 'normal'
    : language === 'en' && text === 'large';
}

const findings: string[] = [];
let pictures = 0;
let differing = 0;

async function drawState(window: GalleryWindow, name: string, state: SampleState): Promise<void> {
  for await (const variant of window.drawn(state)) {
    const { shape, language, text } = variant;
    const title = [name, shape, language, text, ...(values.night ? ['night'] : [])].join('.');
    const { compare } = values;
    const before = compare === undefined ? null : join(resolve(compare), `${title}.png`);
    const compared = await window.capture({ file: join(out, `${title}.png`), before, shrink: sheetShrink });
    pictures++;
    if (compared === 'missing' || compared.different > compared.pixels * differentShareMax) {
      differing++;
      const what =
        compared === 'missing' ? 'no picture to compare with' : `${compared.different} pixels differ`;
      findings.push(`${title}  ${what}`);
    }
    const faults = [...(await window.cutOff()), ...(isForAxe(variant) ? await window.violations() : [])];
    for (const fault of faults) findings.push(`${title}  ${fault}`);
  }
  const file = join(sheetFolder, `${name}${values.night ? '.night' : ''}.png`);
  await window.writeSheet({ file, columns: sheetColumns, colourSteps: null });
}

/** The sheets below each other, each with its name. */
function indexPage(names: readonly string[]): string {
  const figures = names.map((name) => {
    const file = `${name}${values.night ? '.night' : ''}.png`;
    return `<figure><figcaption>${name}</figcaption><img loading="lazy" src="${file}"></figure>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Kaimen, every screen</title>\n${figures.join('\n')}\n`;
}

async function main(): Promise<void> {
  const startedMs = performance.now();
  const names = Object.keys(sampleStates).filter(isWanted);
  // Light and dark are both drawn; there is nothing to compare them with.
  const isWithPages = !values.night && values.compare === undefined;
  const phoneNames = isWithPages ? phoneStateNames.filter(isWanted) : [];
  const consoleNames = isWithPages ? consoleStateNames.filter(isWanted) : [];
  if (positionals.length === 0 && values.compare !== out) await rm(out, { recursive: true, force: true });
  await mkdir(sheetFolder, { recursive: true });
  const queue = names.values();
  const drawQueue = async (): Promise<void> => {
    const window = await GalleryWindow.open({ appDir: resolve(values.app), theme, channelTolerance });
    try {
      for (const name of queue) {
        const state = sampleStates[name];
        if (state !== undefined) await drawState(window, name, state);
      }
    } finally {
      await window.close();
    }
  };
  const windowCount = names.length === 0 ? 0 : Math.max(1, Number(values.windows));
  await Promise.all(Array.from({ length: windowCount }, drawQueue));
  if (phoneNames.length > 0) {
    const page = join(resolve(values.app), 'out', 'phone');
    const drawn = await drawPhoneStates(phoneNames, { page, out, sheets: sheetFolder });
    pictures += drawn.pictures;
    findings.push(...drawn.findings);
  }
  if (consoleNames.length > 0) {
    const drawn = await drawConsoleStates(consoleNames, { out, sheets: sheetFolder });
    pictures += drawn.pictures;
    findings.push(...drawn.findings);
  }
  const all = [...names, ...phoneNames, ...consoleNames];
  await writeFile(join(sheetFolder, 'index.html'), indexPage(all));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const compared = values.compare === undefined ? '' : `, ${differing} not as before`;
  console.log(`${pictures} pictures of ${all.length} states in ${seconds} s in ${out}${compared}`);
  console.log(`${findings.length} findings`);
  for (const finding of findings.sort()) console.log(`  ${finding}`);
  if (findings.length > 0 || pictures === 0) process.exitCode = 1;
}

await main();
// Not by running out of work: Node's own clean-up has been seen to spin for ever over the pipes of a killed child.
process.exit();
