import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NoPackages } from '../debian.ts';
import { FilmStudio } from './camera-film.ts';
import {
  type VisitSummary,
  moveGoods,
  newCharge,
  takeScreenshot,
  summarise,
  receipt,
  say,
  heading,
} from './demo-steps.ts';
import { portraitFile, portraitShots } from './portrait.ts';
import type { AppHarness } from '../../testkit/app/app-harness.ts';

/**
 * The part of the demo with faces: a stranger, enrolment, a purchase by face, deletion, a stranger again. Chromium shows a
 * film in place of a camera; all behind it is the product.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const faces = process.env['KAIMEN_FACES'] ?? resolve(project, '../shared/faces');
const framesEach = 12;
/** Pictures of a stranger are no film: each is shown for a third of a second. */
const stillRepeats = 10;

/** Answers null, and says so loudly, where there is nothing to look at or to look with. */
export async function playFaceVisit(harness: AppHarness, knownCharges: number): Promise<VisitSummary | null> {
  heading('By face (a film before the camera: NASA portrait, public domain)');
  const portrait = existsSync(join(project, 'out/renderer/models/fr_feature.onnx'))
    ? portraitOrNull()
    : skipped('the app was built without face models');
  if (portrait === null) return null;
  const studio = await FilmStudio.open();
  try {
    await studio.film(harness.cameraFile, portraitShots(portrait), framesEach);
  } finally {
    await studio.close();
  }

  await notKnown(harness, 'nobody is enrolled: not recognised, the screen offers the code');
  await harness.journeys.openAccount('M1001', 'enrol');
  await takeScreenshot(harness, 'my-data');
  await harness.screen.tap('action-enrol');
  await harness.journeys.agreeToEnrol();
  await harness.screen.waitFacePhase('capture');
  await takeScreenshot(harness, 'enrolling');
  await harness.screen.waitFacePhase('enrolled');
  await takeScreenshot(harness, 'enrolled');
  say('identified by code, reads the notice, consents, says that they are 14 or older: enrolled');
  await harness.screen.tap('action-cancel');

  const row = await purchase(harness, knownCharges);
  await otherStranger(harness);
  await harness.journeys.openAccount();
  await harness.journeys.withdrawFace();
  await takeScreenshot(harness, 'face-deleted');
  say('deletes the face in "my data": gone at once');
  await harness.screen.tap('action-cancel');
  await notKnown(harness, 'the same face again: a stranger');
  return row;
}

async function purchase(harness: AppHarness, knownCharges: number): Promise<VisitSummary> {
  await harness.journeys.chooseFace();
  const beganMs = performance.now();
  await harness.screen.waitScreen('unlocking');
  say(`touches "by face" and looks: recognised, bolt released after ${seconds(beganMs)}`);
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  const ms = [await moveGoods(harness, 'take', 'iced-coffee', '9.90')];
  await harness.screen.tap('action-confirm');
  const closedMs = Date.now();
  await harness.cabinet.shut();
  const shown = await receipt(harness, 'paid');
  await takeScreenshot(harness, 'receipt-by-face');
  const charge = await newCharge(harness, knownCharges);
  await harness.screen.tap('action-finish');
  return summarise('by face', 'iced coffee', shown, charge, ms, closedMs);
}

async function notKnown(harness: AppHarness, what: string): Promise<void> {
  await harness.journeys.chooseFace();
  await harness.screen.waitFacePhase('ended');
  await takeScreenshot(harness, 'not-recognised');
  say(what);
  await harness.screen.tap('action-cancel');
}

/** Somebody else, while one is enrolled: only where there are pictures of somebody. */
async function otherStranger(harness: AppHarness): Promise<void> {
  const people = join(faces, 'webcam/live');
  const [person] = existsSync(people) ? readdirSync(people).sort().reverse() : [];
  if (person === undefined) {
    say('NOT PLAYED: another person before the camera (no pictures of people here; set KAIMEN_FACES)');
    return;
  }
  const film = readFileSync(harness.cameraFile);
  const stills = readdirSync(join(people, person)).flatMap((name) => {
    return Array.from({ length: stillRepeats }, () => readFileSync(join(people, person, name)));
  });
  writeFileSync(harness.cameraFile, Buffer.concat(stills));
  await notKnown(harness, 'another person looks: not recognised');
  writeFileSync(harness.cameraFile, film);
}

function portraitOrNull(): string | null {
  try {
    return portraitFile(say);
  } catch (error) {
    if (!(error instanceof NoPackages)) throw error;
    return skipped(error.message);
  }
}

function skipped(why: string): null {
  say(`SKIPPED, NOT PLAYED: faces. ${why}`);
  return null;
}

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
