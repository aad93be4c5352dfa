import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { type FaceTemplate, enrolFace } from '../src/core/identity/face-match.ts';
import type { Descriptor } from '../src/shared/model/face.schema.ts';
import { EvalApp } from './face/eval-app.ts';
import { planOfStills, planOfWebcam } from './face/pictures.ts';
import { outcomeOf } from './face/tally.ts';

/** The real face worker in the real app. Pictures of people are not part of this project: KAIMEN_FACES names a folder of them. */
const project = fileURLToPath(new URL('..', import.meta.url));
const faces = process.env['KAIMEN_FACES'] ?? resolve(project, '../shared/faces');

test('pictures of people: known, strangers, photographs of photographs', async () => {
  const [stills, webcam] = [planOfStills(join(faces, 'lfw')), planOfWebcam(join(faces, 'webcam'))];
  const missing = stills.known.length < 2 || webcam.known.length < 1;
  if (missing) console.warn(`[face] NOT TESTED: no pictures of people in ${faces} (set KAIMEN_FACES)`);
  test.skip(missing, 'no pictures of people here');
  const app = await EvalApp.open();
  try {
    expect(await app.start('fr-feature-512')).toBeNull();
    const still = { pasteScale: 1.2, purpose: 'identify' as const };
    const gallery: FaceTemplate[] = [];
    for (const { person, enrol } of stills.known.slice(0, 2)) {
      const descriptors: Descriptor[] = [];
      for (const path of enrol) {
        const { report } = await app.analyse(path, still);
        if (report.descriptor !== null) descriptors.push(report.descriptor);
      }
      const template = enrolFace(gallery, person, descriptors);
      if (!template.ok) throw new Error(`${person}: ${template.error.code}`);
      gallery.push(template.value);
    }
    // A press photograph is no living face; whose it is, is the question here.
    const outcomes: string[] = [];
    for (const path of [
      stills.known[0]!.probes[0]!,
      stills.known[1]!.probes[0]!,
      ...stills.strangers.slice(0, 3),
    ]) {
      const { report } = await app.analyse(path, still);
      const outcome = outcomeOf(gallery, { ...report, liveness: report.liveness === null ? null : 1 });
      outcomes.push(outcome.kind === 'accepted' ? outcome.memberId : outcome.kind);
    }
    const people = gallery.map(({ memberId }) => memberId);
    expect(outcomes).toEqual([...people, 'offer_code', 'offer_code', 'offer_code']);

    const frame = { pasteScale: null, purpose: 'identify' as const };
    const live = await app.analyse(webcam.known[0]!.probes[0]!, frame);
    const print = await app.analyse(webcam.prints[0]!, frame);
    expect(live.report.liveness).toBeGreaterThan(0.9);
    expect(print.report.liveness).toBeLessThan(0.5);
    // The same frame gives the same numbers, to the last bit.
    expect((await app.analyse(webcam.known[0]!.probes[0]!, frame)).report).toEqual(live.report);
  } finally {
    await app.close();
  }
});

test('a damaged model or one that is missing: no face identification, with the reason', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'kaimen-face-build-'));
  try {
    cpSync(join(project, 'out'), join(copy, 'out'), { recursive: true });
    cpSync(join(project, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
    const models = join(copy, 'out/renderer/models');
    expect(existsSync(models), 'built without face models: npm run setup').toBe(true);
    expect(readdirSync(models)).toContain('fr_feature.onnx');
    const path = join(models, 'fr_feature.onnx');
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const app = await EvalApp.open(copy);
    try {
      expect((await app.start('fr-feature-512'))?.code).toBe('face.model_corrupt');
      // The other embedder does not need that file.
      expect(await app.start('face-api-128')).toBeNull();
      rmSync(path);
      expect((await app.start('fr-feature-512'))?.code).toBe('face.model_missing');
    } finally {
      await app.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
