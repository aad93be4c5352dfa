import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { type FaceTemplate, enrolFace, templateFrameCount } from '../src/core/identity/face-match.ts';
import { faceThresholds } from '../src/core/identity/face-thresholds.ts';
import { livenessThresholds } from '../src/shared/model/face.ts';
import { type Descriptor, embedderNameSchema } from '../src/shared/model/face.schema.ts';
import type { EmbedderName } from '../src/shared/model/face.ts';
import { type Analysed, EvalApp, type PictureOptions } from './face/eval-app.ts';
import { type Plan, planOfStills, planOfWebcam } from './face/pictures.ts';
import { leaveOneOut } from './face/leave-one-out.ts';
import { OutcomeCount, count, nearest, outcomeOf, share, spread } from './face/tally.ts';

/**
 * `npm run face:eval -- [--webcam] [--embedder <name>] <folder>`: every picture of a folder through the real worker in the
 * real app and through the product's own enrolment and decision; prints one JSON object.
 *
 * Without --webcam the pictures are press photographs (250×250), pasted into a camera frame of 640×480 at scale 1.2: a
 * face of about 120 pixels, as before a cabinet. Whether a photograph is alive is no question then, and liveness counts
 * as given. With --webcam they are camera frames, and everything is judged.
 */
const stillsScale = 1.2;
const usage = 'usage: npm run face:eval -- [--webcam] [--embedder fr-feature-512|face-api-128] <folder>';
/** Distance that face-api.js' own examples accept at. */
const stockDistance = 0.6;

const arguments_ = process.argv.slice(2);
const webcam = arguments_.includes('--webcam');
const embedderAt = arguments_.indexOf('--embedder');
const embedder = embedderNameSchema.safeParse(embedderAt < 0 ? 'fr-feature-512' : arguments_[embedderAt + 1]);
const folder = arguments_.findLast((argument) => !argument.startsWith('--'));
if (!embedder.success || folder === undefined || folder === embedder.data) {
  console.error(usage);
  process.exit(2);
}
const plan = webcam ? planOfWebcam(resolve(folder)) : planOfStills(resolve(folder));
if (plan.known.length === 0) {
  console.error(`no pictures in ${folder}\n${usage}`);
  process.exit(2);
}
const app = await EvalApp.open();
try {
  console.log(JSON.stringify(await evaluate(app, plan, embedder.data), null, 2));
} finally {
  await app.close();
}
process.exit();

interface Enrolled {
  gallery: FaceTemplate[];
  /** Of the pictures that enrolled; the library's own way of telling people apart needs them. */
  descriptors: Map<string, Descriptor[]>;
  pictures: number;
  detected: number;
  failures: Map<string, number>;
}

async function evaluate(app: EvalApp, plan: Plan, embedder: EmbedderName): Promise<object> {
  const loadBefore = loadavg()[0];
  const failure = await app.start(embedder);
  if (failure !== null) throw new Error(`${failure.code}: ${failure.message ?? ''}`);
  const timings: Analysed['timings'][] = [];
  const analyse = async (path: string, purpose: PictureOptions['purpose']): Promise<Analysed['report']> => {
    const { report, timings: steps } = await app.analyse(path, {
      pasteScale: webcam ? null : stillsScale,
      purpose,
    });
    // Only frames that went all the way.
    if (report.descriptor !== null) timings.push(steps);
    if (timings.length % 100 === 0) process.stderr.write(`[face] ${timings.length} pictures\n`);
    return webcam || report.liveness === null ? report : { ...report, liveness: 1 };
  };

  const enrolled = await enrolAll(plan, analyse);
  const { gallery, descriptors } = enrolled;
  const groups = { known: new OutcomeCount(), strangers: new OutcomeCount(), prints: new OutcomeCount() };
  const stock = { known: 0, strangers: 0 };
  const all = new Map([...descriptors].map(([person, list]) => [person, [...list]]));
  const look = async (path: string, group: keyof typeof groups, person: string | null): Promise<void> => {
    const report = await analyse(path, 'identify');
    groups[group].add(report, outcomeOf(gallery, report), person);
    if (report.descriptor === null || group === 'prints') return;
    if (person !== null) all.get(person)?.push(report.descriptor);
    const closest = nearest(descriptors, report.descriptor);
    if (closest.distance < stockDistance && (person === null || closest.person === person)) stock[group]++;
  };
  for (const { person, probes } of plan.known) for (const path of probes) await look(path, 'known', person);
  for (const path of plan.strangers) await look(path, 'strangers', null);
  for (const path of plan.prints) await look(path, 'prints', null);

  const { accept, margin, uncertain, alreadyEnrolled } = faceThresholds(embedder, gallery.length);
  const probeCount = plan.known.reduce((sum, { probes }) => sum + probes.length, 0);
  return {
    mode: webcam
      ? 'camera frames as they are'
      : `stills pasted at scale ${stillsScale} into 640x480; liveness not judged`,
    embedder,
    thresholds: { accept, margin, uncertain, alreadyEnrolled, liveness: livenessThresholds },
    enrolment: {
      people: plan.known.length,
      enrolled: gallery.length,
      failures: Object.fromEntries(enrolled.failures),
      pictures: enrolled.pictures,
      detected: enrolled.detected,
    },
    ...Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, group.summary()])),
    // Frames of one session are too much alike for that.
    ...(!webcam && { leaveOneOut: leaveOneOut(all) }),
    ...(embedder === 'face-api-128' && {
      atUsualDistance: {
        distance: stockDistance,
        knownAcceptedShare: share(stock.known, probeCount),
        strangersAcceptedShare: share(stock.strangers, plan.strangers.length),
      },
    }),
    millisecondsPerFrame: Object.fromEntries(
      Object.keys(timings[0] ?? {}).map((step) => [
        step,
        spread(timings.map((one) => one[step as keyof Analysed['timings']])),
      ]),
    ),
    workersReplaced: app.restartCount,
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      loadBefore,
      loadAfter: loadavg()[0],
    },
  };
}

/**
 * Camera frames must be as good as the product wants them for a template, and the first five that are make it. Stills
 * have 49 pixels between the eyes where a template wants 60: they only have to be good enough to be looked up.
 */
async function enrolAll(
  plan: Plan,
  analyse: (path: string, purpose: PictureOptions['purpose']) => Promise<Analysed['report']>,
): Promise<Enrolled> {
  const enrolled: Enrolled = {
    gallery: [],
    descriptors: new Map(),
    pictures: 0,
    detected: 0,
    failures: new Map(),
  };
  for (const { person, enrol } of plan.known) {
    const descriptors: Descriptor[] = [];
    for (const path of enrol) {
      if (descriptors.length === templateFrameCount) break;
      const { descriptor, face } = await analyse(path, webcam ? 'enrol' : 'identify');
      enrolled.pictures++;
      if (face !== null) enrolled.detected++;
      if (descriptor !== null) descriptors.push(descriptor);
    }
    enrolled.descriptors.set(person, descriptors);
    const template = enrolFace(enrolled.gallery, person, descriptors);
    if (template.ok) enrolled.gallery.push(template.value);
    else count(enrolled.failures, template.error.code);
  }
  return enrolled;
}
