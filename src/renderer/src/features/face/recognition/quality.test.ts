import { describe, expect, it } from 'vitest';
import { frameProblems } from '../../../../../shared/model/face.ts';
import { frontalLandmarks } from './testing/landmarks.ts';
import {
  type FaceMeasures,
  enrolLimits,
  identifyLimits,
  judgeFrame,
  lightOf,
  measureFace,
  tooDarkToJudge,
  tooDarkToSee,
} from './quality.ts';
import type { Raster } from './raster.ts';

const frame = { width: 640, height: 480 };
const good: FaceMeasures = {
  box: { x: 200, y: 100, width: 200, height: 200 },
  score: 0.9,
  eyeDistancePx: 70,
  yaw: 0.05,
  rollDegrees: 2,
  sharpness: 150,
  brightness: 120,
  eyeOpenness: 0.3,
};
const person = (side: number): { box: FaceMeasures['box']; score: number } => ({
  box: { x: 0, y: 0, width: side, height: side },
  score: 0.9,
});

describe('judgeFrame', () => {
  it('lets a good face pass, for a template too', () => {
    expect(judgeFrame(frame, good, [], identifyLimits)).toEqual([]);
    expect(judgeFrame(frame, good, [], enrolLimits)).toEqual([]);
  });
  it.each<[string, Partial<FaceMeasures>]>([
    ['too_far', { box: { ...good.box, width: 80 } }],
    ['too_far', { eyeDistancePx: 30 }],
    ['cut_off', { box: { ...good.box, x: -60 } }],
    ['turned_away', { yaw: -0.5 }],
    ['turned_away', { score: 0.2 }],
    ['tilted', { rollDegrees: -35 }],
    ['too_dark', { brightness: 40 }],
    ['too_bright', { brightness: 220 }],
    ['blurred', { sharpness: 10 }],
  ])('finds %s', (problem, changes) => {
    expect(judgeFrame(frame, { ...good, ...changes }, [], identifyLimits)).toEqual([problem]);
  });
  it('takes what cannot be measured for bad', () => {
    const odd = { ...good, yaw: NaN, rollDegrees: NaN, sharpness: NaN, brightness: NaN, eyeDistancePx: NaN };
    expect(judgeFrame(frame, odd, [], identifyLimits)).toEqual([
      'too_far',
      'turned_away',
      'tilted',
      'too_dark',
      'too_bright',
      'blurred',
    ]);
  });
  it('asks to be alone when somebody nearly as large is there, not for people behind', () => {
    expect(judgeFrame(frame, good, [person(170)], identifyLimits)).toEqual(['several_faces']);
    expect(judgeFrame(frame, good, [person(155)], identifyLimits)).toEqual([]);
    // What the detector itself hardly believes is not a person.
    expect(judgeFrame(frame, good, [{ ...person(170), score: 0.35 }], identifyLimits)).toEqual([]);
  });
  it('wants more of a template', () => {
    const usual = { ...good, eyeDistancePx: 50, yaw: 0.2, sharpness: 30 };
    expect(judgeFrame(frame, usual, [], identifyLimits)).toEqual([]);
    expect(judgeFrame(frame, usual, [], enrolLimits)).toEqual(['too_far', 'turned_away', 'blurred']);
  });
  it('names the gravest first', () => {
    const bad = { ...good, eyeDistancePx: 5, yaw: 1, brightness: 0, sharpness: 0 };
    const found = judgeFrame(frame, bad, [person(190)], identifyLimits);
    expect(found).toEqual(frameProblems.filter((problem) => found.includes(problem)));
    expect(found[0]).toBe('several_faces');
  });
});

describe('too dark to tell a living face from a picture', () => {
  it('only where there is little light, and only when it is not sure', () => {
    expect(tooDarkToJudge(12, 0.1)).toBe(true);
    expect(tooDarkToJudge(12, 0.89)).toBe(true);
    expect(tooDarkToJudge(12, 0.95)).toBe(false);
    expect(tooDarkToJudge(60, 0.1)).toBe(false);
    expect(tooDarkToJudge(NaN, NaN)).toBe(true);
  });
  it('by the light of the face alone; outside of the frame is black', () => {
    const data = new Uint8ClampedArray(200 * 100 * 4).fill(255);
    for (let y = 20; y < 60; y++) data.fill(80, (y * 200 + 50) * 4, (y * 200 + 90) * 4);
    const night: Raster = { width: 200, height: 100, data };
    expect(lightOf(night, { x: 50, y: 20, width: 40, height: 40 })).toBeCloseTo(80, 0);
    expect(lightOf(night, { x: -60, y: 20, width: 40, height: 40 })).toBe(0);
  });
});

describe('too dark for a face to be found', () => {
  /** A room that is lit like this, with some noise; a lamp shines at its left edge. */
  const room = (light: number, { width, height } = frame): Raster => {
    const data = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < data.length; i++) data[i] = light + (Math.imul(i, 2_654_435_761) >>> 29);
    for (let y = 0; y < height; y++) data.fill(255, y * width * 4, (y * width + 40) * 4);
    return { width, height, data };
  };
  it.each([0, 10, 25])('a night of %d of 255, whatever shines at its edge', (light) => {
    expect(tooDarkToSee(room(light))).toBe(true);
    expect(tooDarkToSee(room(light, { width: 480, height: 640 }))).toBe(true);
  });
  it.each([35, 60, 120])('not a room of %d', (light) => {
    expect(tooDarkToSee(room(light))).toBe(false);
    expect(tooDarkToSee(room(light, { width: 480, height: 640 }))).toBe(false);
  });
});

describe('measureFace', () => {
  const flat: Raster = { width: 112, height: 112, data: new Uint8ClampedArray(112 * 112 * 4).fill(90) };
  const measure = (landmarks = frontalLandmarks, aligned = flat): FaceMeasures =>
    measureFace({ box: good.box, score: 0.9 }, landmarks, aligned);

  it('measures light and sharpness of the aligned face', () => {
    expect(measure().brightness).toBeCloseTo(90, 4);
    expect(measure().sharpness).toBeCloseTo(0, 4);
    const board = {
      ...flat,
      data: flat.data.map((_, i) => (((i >> 2) + Math.floor((i >> 2) / 112)) % 2 === 0 ? 0 : 255)),
    };
    expect(measure(frontalLandmarks, board).sharpness).toBeGreaterThan(10_000);
  });
  it('sees a turned and a tilted head', () => {
    expect(Math.abs(measure().yaw)).toBeLessThan(0.01);
    expect(Math.abs(measure().rollDegrees)).toBeLessThan(1);
    const turned = frontalLandmarks.map((p, i) => (i === 30 ? { x: p.x + 14, y: p.y } : p));
    expect(measure(turned).yaw).toBeCloseTo(14 / 35.24, 2);
    const c = Math.cos(0.5);
    const s = Math.sin(0.5);
    const tilted = turned.map(({ x, y }) => ({ x: c * x - s * y, y: s * x + c * y }));
    expect(measure(tilted).rollDegrees).toBeCloseTo(28.3, 0);
    // A tilted head is not a turned one.
    expect(measure(tilted).yaw).toBeCloseTo(14 / 35.24, 2);
  });
});
