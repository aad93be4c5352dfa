import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Who is enrolled with which pictures, who comes with which afterwards, and what is held before the camera. */
export interface Plan {
  /** People of whom some pictures enrol and others probe. */
  known: { person: string; enrol: string[]; probes: string[] }[];
  strangers: string[];
  prints: string[];
}

/** The first pictures of a person that enrol it. */
const stillsToEnrol = 5;

/** `known/<person>/*.jpg`, `strangers/*.jpg`: the first five pictures of each person enrol, the others probe. */
export function planOfStills(folder: string): Plan {
  const known = foldersIn(join(folder, 'known')).map((person) => {
    const pictures = picturesIn(join(folder, 'known', person));
    return { person, enrol: pictures.slice(0, stillsToEnrol), probes: pictures.slice(stillsToEnrol) };
  });
  return { known, strangers: picturesIn(join(folder, 'strangers')), prints: [] };
}

/**
 * `live/<person>/*.jpg`, `print/<person>/*.jpg`, frames of a camera, named `<person>_<glasses>_<pose>_<session>_<number>`: the
 * first session enrols, later ones probe; people with one session are strangers; prints are photographs of people held
 * before the camera.
 */
export function planOfWebcam(folder: string): Plan {
  const plan: Plan = { known: [], strangers: [], prints: [] };
  for (const person of foldersIn(join(folder, 'live'))) {
    const pictures = picturesIn(join(folder, 'live', person));
    const [first = ''] = pictures.map(sessionOf).sort();
    const later = pictures.filter((picture) => sessionOf(picture) !== first);
    if (later.length === 0) plan.strangers.push(...pictures);
    else {
      const enrol = pictures.filter((picture) => sessionOf(picture) === first);
      plan.known.push({ person, enrol, probes: later });
    }
  }
  for (const person of foldersIn(join(folder, 'print'))) {
    plan.prints.push(...picturesIn(join(folder, 'print', person)));
  }
  return plan;
}

function sessionOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).split('_')[3] ?? '';
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function picturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(folder, name));
}
