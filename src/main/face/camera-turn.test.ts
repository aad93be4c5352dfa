import { describe, expect, it } from 'vitest';
import type { CameraRotation } from '../../shared/model/camera-rotation.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { darkReport, emptyReport, reportOf } from '../../testkit/core/faces.ts';
import { CameraTurn, facelessOrderMax, facelessOrderOfKnownMax, framesPerOrderMin } from './camera-turn.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A camera that shows faces upright only when its picture is turned by `stands`; null: it never shows any. */
class TurnedCamera {
  readonly told: string[] = [];
  readonly kept: CameraRotation[] = [];
  /** The settings can be written. */
  isWritable = true;
  /** As the settings have it. */
  rotation: CameraRotation;
  stands: CameraRotation | null;
  turn: CameraTurn;

  constructor(configured: CameraRotation, stands: CameraRotation | null) {
    this.rotation = configured;
    this.stands = stands;
    this.turn = this.#start();
  }

  #start(): CameraTurn {
    return new CameraTurn({
      configured: this.rotation,
      keep: (rotation) => {
        this.kept.push(rotation);
        if (this.isWritable) this.rotation = rotation;
        return this.isWritable;
      },
      logger,
      tellStaff: (detail) => this.told.push(detail),
    });
  }

  restart(): void {
    this.turn = this.#start();
  }

  look(report: FaceReport, frames = framesPerOrderMin): void {
    for (let i = 0; i < frames; i++) this.turn.frame(report);
    this.turn.ended();
  }

  /** Somebody stands before it; true: their face is found. */
  order(frames = framesPerOrderMin): boolean {
    const isFound = this.turn.rotation === this.stands;
    this.look(isFound ? reportOf() : emptyReport, frames);
    return isFound;
  }
}

describe('a camera that stands turned', () => {
  it.each([90, 180, 270] as const)('by %d degrees is found, kept, and staff is told once', (stands) => {
    const camera = new TurnedCamera(0, stands);
    const found = Array.from({ length: 12 }, () => camera.order());
    expect(found.indexOf(true)).toBeLessThanOrEqual(5);
    expect(found.slice(found.indexOf(true))).not.toContain(false);
    expect(camera.turn.rotation).toBe(stands);
    expect(camera.told).toEqual([`camera_turned: face.rotation is now ${stands}`]);
  });

  it('is put into the settings once, and after a restart the first look finds whoever stands there', () => {
    const camera = new TurnedCamera(0, 90);
    for (let i = 0; i < 12; i++) camera.order();
    expect(camera.kept).toEqual([90]);
    camera.restart();
    expect(Array.from({ length: 12 }, () => camera.order())).not.toContain(false);
    expect(camera.kept).toEqual([90]);
    expect(camera.told).toHaveLength(1);
  });

  it.each([true, false])(
    'is not searched for again as people walk away; after a restart: %s',
    (isRestarted) => {
      const camera = new TurnedCamera(0, 90);
      while (!camera.order());
      if (isRestarted) camera.restart();
      for (let i = 0; i < facelessOrderOfKnownMax - 1; i++) camera.look(emptyReport);
      expect(camera.order()).toBe(true);
    },
  );

  it('whose settings cannot be written stays as found, and staff is told once what to set', () => {
    const camera = new TurnedCamera(0, 90);
    camera.isWritable = false;
    for (let i = 0; i < 12; i++) camera.order();
    expect(camera.turn.rotation).toBe(90);
    expect(camera.told).toEqual(['camera_turned: set face.rotation to 90']);
    camera.isWritable = true;
    camera.order();
    camera.order();
    expect(camera.rotation).toBe(90);
    expect(camera.told.slice(1)).toEqual(['camera_turned: face.rotation is now 90']);
  });

  it('is not taken for known by a face here and there that is none', () => {
    const camera = new TurnedCamera(0, 180);
    for (let i = 0; i < facelessOrderMax; i++) camera.order();
    for (let i = 0; i < framesPerOrderMin; i++) camera.turn.frame(i < 2 ? reportOf() : emptyReport);
    camera.turn.ended();
    expect(camera.kept).toEqual([]);
  });

  it('anew, after it was known: it is found again', () => {
    const camera = new TurnedCamera(0, 90);
    while (!camera.order());
    camera.stands = 270;
    const found = Array.from({ length: facelessOrderOfKnownMax + 4 }, () => camera.order());
    expect(found.at(-1)).toBe(true);
    expect(camera.kept).toEqual([90, 270]);
  });

  it('as the settings say is left alone, also when somebody walks away now and then', () => {
    const camera = new TurnedCamera(90, 90);
    for (let i = 0; i < 20; i++) {
      camera.order();
      for (let k = 0; k < 2; k++) camera.look(emptyReport, 50);
    }
    expect(camera.turn.rotation).toBe(90);
    expect([camera.told, camera.kept]).toEqual([[], []]);
  });

  it('orders of a few frames say nothing', () => {
    const camera = new TurnedCamera(0, 90);
    for (let i = 0; i < 20; i++) camera.order(framesPerOrderMin - 1);
    expect(camera.turn.rotation).toBe(0);
  });

  it('a night in which nobody can be seen says nothing of how it stands', () => {
    const camera = new TurnedCamera(0, 0);
    for (let i = 0; i < 20; i++) camera.look(darkReport);
    expect(camera.turn.rotation).toBe(0);
    expect(camera.told).toEqual([]);
  });

  it('that never finds anybody is told to staff, once until it finds somebody', () => {
    const camera = new TurnedCamera(0, null);
    for (let i = 0; i < 20; i++) camera.order();
    expect(camera.told).toEqual(['camera_finds_nobody']);
    camera.look(reportOf(), 1);
    for (let i = 0; i < 20; i++) camera.order();
    expect(camera.told.filter((one) => one === 'camera_finds_nobody').length).toBe(2);
  });
});
