import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NoPackages } from '../debian.ts';
import { FilmStudio } from './camera-film.ts';
import { type Played, move, newCharge, picture, played, receipt, say, title } from './demo-steps.ts';
import { portraitFile, portraitShots } from './portrait.ts';
import type { Stage } from './stage.ts';

/**
 * The part of the demo with faces: a stranger, enrolment, a purchase by face, deletion, a stranger again. Chromium shows a
 * film in place of a camera; all behind it is the product.
 */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const faces = process.env['KAIMEN_FACES'] ?? resolve(project, '../shared/faces');
const framesEach = 12;
/** Pictures of a stranger are no film: each is shown for a third of a second. */
const stillRepeats = 10;
const answerMaxMs = 15_000;
const enrolMaxMs = 40_000;

/** Answers null, and says so loudly, where there is nothing to look at or to look with. */
export async function playFaces(stage: Stage, knownCharges: number): Promise<Played | null> {
  title('Visit 4: by face (a film before the camera: NASA portrait, public domain)');
  const portrait = existsSync(join(project, 'out/renderer/models/fr_feature.onnx'))
    ? portraitOrNull()
    : skipped('the app was built without face models');
  if (portrait === null) return null;
  const studio = await FilmStudio.open();
  try {
    await studio.film(stage.cameraFile, portraitShots(portrait), framesEach);
  } finally {
    await studio.close();
  }

  await notKnown(stage, 'nobody is enrolled: not recognised, the screen offers the code');
  await stage.openAccount();
  await picture(stage, 'my-data');
  await stage.tap('action-enrol');
  await stage.agreeToEnrol();
  await stage.facePhase('capture', answerMaxMs);
  await picture(stage, 'enrolling');
  await stage.facePhase('enrolled', enrolMaxMs);
  await picture(stage, 'enrolled');
  say('identified by code, reads the notice, consents, says that they are 14 or older: enrolled');
  await stage.tap('action-cancel');

  const row = await purchase(stage, knownCharges);
  await otherStranger(stage);
  await stage.openAccount();
  await stage.withdrawFace();
  await picture(stage, 'face-deleted');
  say('deletes the face in "my data": gone at once');
  await stage.tap('action-cancel');
  await notKnown(stage, 'the same face again: a stranger');
  return row;
}

async function purchase(stage: Stage, knownCharges: number): Promise<Played> {
  await stage.lookByFace();
  const beganMs = performance.now();
  await stage.waitScreen('unlocking', answerMaxMs);
  say(`touches "by face" and looks: recognised, bolt released after ${seconds(beganMs)}`);
  await stage.pull();
  await stage.waitScreen('shopping');
  const ms = [await move(stage, 'take', 'iced-coffee', '9.90')];
  await stage.tap('action-confirm');
  const closedMs = Date.now();
  await stage.shut();
  const shown = await receipt(stage, 'paid');
  await picture(stage, 'receipt-by-face');
  const charge = await newCharge(stage, knownCharges, 5000);
  await stage.tap('action-finish');
  return played('4 by face', 'iced coffee', shown, charge, ms, closedMs);
}

async function notKnown(stage: Stage, what: string): Promise<void> {
  await stage.lookByFace();
  await stage.facePhase('ended', answerMaxMs);
  await picture(stage, 'not-recognised');
  say(what);
  await stage.tap('action-cancel');
}

/** Somebody else, while one is enrolled: only where there are pictures of somebody. */
async function otherStranger(stage: Stage): Promise<void> {
  const people = join(faces, 'webcam/live');
  const [person] = existsSync(people) ? readdirSync(people).sort().reverse() : [];
  if (person === undefined) {
    say('NOT PLAYED: another person before the camera (no pictures of people here; set KAIMEN_FACES)');
    return;
  }
  const film = readFileSync(stage.cameraFile);
  const stills = readdirSync(join(people, person)).flatMap((name) => {
    return Array.from({ length: stillRepeats }, () => readFileSync(join(people, person, name)));
  });
  writeFileSync(stage.cameraFile, Buffer.concat(stills));
  await notKnown(stage, 'another person looks: not recognised');
  writeFileSync(stage.cameraFile, film);
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
