import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readGoodsModel } from '../build/goods-model/goods-model.ts';
import { type Lesson, fitHead } from '../src/core/vision/fit-head.ts';
import { type HeadFile, readHead, writeHead } from '../src/core/vision/head-file.ts';
import type { Head, Views } from '../src/core/vision/head.ts';
import { centredSquare } from '../src/core/vision/picture.ts';
import { cutOut } from './goods/cut-outs.ts';
import { type ArticlePictures, type GoodsFolder, readFolder } from '../src/testkit/goods/folder.ts';
import { GoodsNetwork, decode } from './goods/network.ts';
import { PairTally } from './goods/pairs.ts';
import { RecognitionTally, type SeenArticle } from '../src/testkit/core/goods/recognition.ts';
import { median } from '../src/testkit/core/goods/tables.ts';

/**
 * `npm run goods:eval -- FOLDER [--references K] [--seed N] [--pairs N]`: the product's own recognition of goods over
 * pictures of goods; prints one JSON object, and ends with 3 when no picture could be used. `--write-head FILE` first learns the head that ships,
 * from all of `cartons/`, and goes on with it.
 */
const usage =
  'usage: npm run goods:eval -- FOLDER [--references K] [--seed N] [--pairs N] [--write-head FILE]';
const usualReferences = [1, 3, 5, 12];
const usualPairs = 60;
const shippedHead = join(import.meta.dirname, '..', 'resources', 'models', 'goods-head.bin');
const say = (text: string): void => void process.stderr.write(`[goods] ${text}\n`);

interface Options {
  readonly folder: string;
  readonly references: readonly number[];
  readonly seed: number;
  readonly pairs: number;
  readonly writeHead: string | null;
}

const options = optionsOf(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exit(2);
}
const folder = readFolder(resolve(options.folder));
if (!folder.ok) {
  console.error(`${folder.error.code}: ${folder.error.message}\n${usage}`);
  process.exit(2);
}
const model = readGoodsModel();
if (model === null) {
  console.error('goods.no_model: the network is not here and cannot be fetched');
  process.exit(5);
}
const network = await GoodsNetwork.open(model);
const figures = await evaluate(network, folder.value, options);
console.log(JSON.stringify(figures, null, 2));
await network.close();
// There were pictures, and nothing was measured.
process.exit('skipped' in figures ? 3 : 0);

function optionsOf(args: string[]): Options | null {
  const whole = (text: string | undefined, byDefault: number): number =>
    text === undefined ? byDefault : /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        references: { type: 'string' },
        seed: { type: 'string' },
        pairs: { type: 'string' },
        'write-head': { type: 'string' },
      },
    });
  } catch {
    return null;
  }
  const { values, positionals } = parsed;
  const [folder] = positionals;
  const [references, seed, pairs] = [
    whole(values.references, 1),
    whole(values.seed, 1),
    whole(values.pairs, usualPairs),
  ];
  if (
    folder === undefined ||
    positionals.length > 1 ||
    [references, seed, pairs].some(Number.isNaN) ||
    references < 1
  )
    return null;
  return {
    folder,
    references: values.references === undefined ? usualReferences : [references],
    seed,
    pairs,
    writeHead: values['write-head'] ?? null,
  };
}

async function evaluate(network: GoodsNetwork, folder: GoodsFolder, options: Options): Promise<object> {
  const broken: string[] = [];
  const looksAt = async (paths: readonly string[]): Promise<Views[]> => {
    const looks: Views[] = [];
    for (const path of paths) {
      const picture = await decode(path);
      if (picture === null) broken.push(path);
      else looks.push(await network.look(picture, centredSquare(picture)));
    }
    return looks;
  };
  const articles: SeenArticle[] = [];
  for (const pictures of folder.articles) articles.push(await seen(pictures, looksAt));
  say(`${articles.length} articles looked at`);
  const unknown = await looksAt(folder.unknown);
  if (broken.length > 0 && network.millisecondsPerCrop.length === 0 && folder.packs.length === 0)
    return { folder: { articles: articles.length, broken }, skipped: 'no picture is one that can be used' };
  if (options.writeHead !== null) learnShippedHead(articles, unknown, options.writeHead);
  const headPath = options.writeHead ?? shippedHead;
  const shipped = existsSync(headPath) ? readHead(readFileSync(headPath)) : null;
  return {
    folder: { articles: articles.length, unknown: unknown.length, packs: folder.packs.length, broken },
    seed: options.seed,
    recognition: recognition(articles, unknown, shipped?.ok === true ? shipped.value : null, options),
    composedPairs:
      shipped?.ok === true
        ? await composed(network, folder, shipped.value.head, options, broken)
        : { skipped: 'the head that ships is not here' },
    millisecondsPerCrop: {
      median: median(network.millisecondsPerCrop),
      p95: median(network.millisecondsPerCrop, 0.95),
      fastest: median(network.millisecondsPerCrop, 0),
    },
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0] },
  };
}

async function seen(
  { sku, train, test, val, catalogue }: ArticlePictures,
  looksAt: (paths: readonly string[]) => Promise<Views[]>,
): Promise<SeenArticle> {
  return {
    sku,
    train: await looksAt(train),
    test: await looksAt(test),
    val: await looksAt(val),
    catalogue: await looksAt(catalogue),
  };
}

/**
 * No article is judged by a head that was learned from it: the head that ships judges what it never saw; and of all, a
 * head that is learned here from every second article judges the others, both ways round.
 */
function recognition(
  articles: readonly SeenArticle[],
  unknown: readonly Views[],
  shipped: HeadFile | null,
  { references, seed }: Options,
): object {
  const plan = { referenceCounts: references, seed };
  const strange = articles.filter(({ sku }) => shipped?.learnedFrom.includes(sku) === false);
  const byShipped = new RecognitionTally();
  if (shipped !== null && strange.length > 1) byShipped.add(shipped.head, strange, unknown, plan);
  const byHalves = new RecognitionTally();
  const halves = [0, 1].map((half) => articles.filter((_, i) => i % 2 === half));
  const failures: string[] = [];
  for (const [learned = [], judged = []] of [halves, halves.toReversed()]) {
    const head = learn(learned, unknown, 'half');
    if (!head.ok) failures.push(`${head.error.code}: ${head.error.message}`);
    else byHalves.add(head.value, judged, unknown, plan);
  }
  return {
    byShippedHead:
      shipped === null || strange.length < 2
        ? { skipped: 'every article is one that the head was learned from, or there are fewer than two' }
        : { head: shipped.head.version, learnedFrom: shipped.learnedFrom.length, ...byShipped.summary() },
    byHeadOfTheOtherHalf: failures.length > 0 ? { failures } : byHalves.summary(),
  };
}

function learn(
  articles: readonly SeenArticle[],
  unknown: readonly Views[],
  version: string,
): ReturnType<typeof fitHead> {
  const lessons: Lesson[] = articles.flatMap(({ sku, train, test, val, catalogue }) =>
    [...train, ...test, ...val, ...catalogue].map((views) => ({ views, sku })),
  );
  return fitHead([...lessons, ...unknown.map((views) => ({ views, sku: null }))], version);
}

function learnShippedHead(articles: readonly SeenArticle[], unknown: readonly Views[], path: string): void {
  const head = learn(articles, unknown, 'cartons-2');
  if (!head.ok) {
    say(`${head.error.code}: ${head.error.message}`);
    return;
  }
  const bytes = writeHead({ head: head.value, learnedFrom: articles.map(({ sku }) => sku) });
  writeFileSync(path, bytes);
  say(`${path}: ${bytes.length} bytes, ${head.value.version}`);
}

async function composed(
  network: GoodsNetwork,
  folder: GoodsFolder,
  head: Head,
  { pairs, seed }: Options,
  broken: string[],
): Promise<object> {
  const goods = [];
  for (const pack of folder.packs) {
    const cut = await cutOut(pack);
    if (cut === null) broken.push(pack.picture);
    else goods.push(cut);
  }
  if (goods.length < 2 || pairs === 0)
    return { skipped: pairs === 0 ? 'none was asked for' : 'fewer than two packs can be read' };
  const tally = new PairTally(network, head);
  await tally.run(goods, pairs, seed, (done) => {
    if (done % 20 === 0) say(`${done} composed pairs`);
  });
  return tally.summary();
}
