import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Debian, NoPackages } from '../debian.ts';
import type { Layer, Shot } from './camera-film.ts';

/**
 * The one face that may be shown anywhere: NASA's portrait of the astronaut Eileen Collins, in the public domain, from
 * Debian's package python3-skimage. It is fetched once, into the user's cache; no picture of a person is in this project.
 */
const packageName = 'python3-skimage';
const inPackage = 'usr/lib/python3/dist-packages/skimage/data/astronaut.png';
const sha256 = '88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5';
/** In the pixels of that picture: middle of the face, distance of the eyes, and the picture's own middle. */
const face = { x: 224, y: 115, eyeDistance: 43 };
const pictureMiddle = 256;
/** A face of about 215 pixels, as of somebody at arm's length from a screen. */
const usualScale = 1.8;
/** Where the liveness of this picture is sure in every frame of a film (0.98 and more): photographs of people are not always. */
const usualPlace = { x: 320, y: 215 };
/** How far the nose moves, in eye distances, when the head is turned a little. */
const turnedBy = 0.1;
/** Half a face. */
const turnWidthPx = 28;

/** Path of the picture. Throws `NoPackages` where it cannot be had. */
export function portraitFile(say: (text: string) => void): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kaimen');
  const path = join(cache, `astronaut-${sha256.slice(0, 12)}.png`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'portrait-'));
  try {
    say(`fetching a portrait in the public domain (Debian's ${packageName}, 21 MB, once) …`);
    const debian = Debian.open(folder);
    debian.download([packageName]);
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
    debian.unpack(join(folder, deb), join(folder, 'package'));
    const bytes = readFileSync(join(folder, 'package', inPackage));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new NoPackages(`${inPackage} is another picture than the one that is known`);
    }
    renameSync(join(folder, 'package', inPackage), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return path;
}

/** That face where it is seen best (or at `at`), looking ahead or turned a little to either side. */
export function portraitLayer(
  picture: string,
  options: { turned?: number; scale?: number; at?: { x: number; y: number }; mirrored?: boolean } = {},
): Layer {
  const { turned = 0, scale = usualScale, at = usualPlace, mirrored = false } = options;
  const toMiddle = (pictureMiddle - face.x) * (mirrored ? -1 : 1);
  return {
    picture,
    scale,
    mirrored,
    centre: { x: at.x + toMiddle * scale, y: at.y + (pictureMiddle - face.y) * scale },
    ...(turned !== 0 && {
      turn: { aboutX: face.x, widthPx: turnWidthPx, byPx: turned * face.eyeDistance },
    }),
  };
}

/** Somebody who looks into the camera and turns the head a little, as for enrolment. */
export function portraitShots(picture: string): Shot[] {
  return [0, -turnedBy, turnedBy].map((turned) => ({ layers: [portraitLayer(picture, { turned })] }));
}
