import { describe, expect, it } from 'vitest';
import type { CameraRotation } from '../../shared/model/camera-rotation.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { darkReport, emptyReport, reportOf } from '../../testkit/core/faces.ts';
import {
  CameraTurn,
  darkOrderMax,
  facelessOrderMax,
  facelessOrderOfKnownMax,
  framesPerOrderMin,
} from './camera-turn.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A camera that shows faces upright only when its picture is turned by `stands`; null: it never shows any. */
class TurnedCamera {
  readonly told: string[] = [];
  readonly kept: CameraRotation[] = [];
  /** The settings can be written. */
  isWritable = true;
  /** As the settings have it. */
  rotation: CameraRotation | null;
  stands: CameraRotation | null;
  turn: CameraTurn;

  constructor(configured: CameraRotation | null, stands: CameraRotation | null) {
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
    const camera = new TurnedCamera(null, stands);
    const found = Array.from({ length: 12 }, () => camera.order());
    expect(found.indexOf(true)).toBeLessThanOrEqual(5);
    expect(found.slice(found.indexOf(true))).not.toContain(false);
    expect(camera.turn.rotation).toBe(stands);
    expect(camera.told).toEqual([`camera_turned: face.rotation becomes ${stands}`]);
  });

  it('is put into the settings once, and after a restart the first look finds whoever stands there', () => {
    const camera = new TurnedCamera(null, 90);
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
      const camera = new TurnedCamera(null, 90);
      while (!camera.order());
      if (isRestarted) camera.restart();
      for (let i = 0; i < facelessOrderOfKnownMax - 1; i++) camera.look(emptyReport);
      expect(camera.order()).toBe(true);
    },
  );

  it('whose settings cannot be written stays as found, and staff is told once what to set', () => {
    const camera = new TurnedCamera(null, 90);
    camera.isWritable = false;
    for (let i = 0; i < 12; i++) camera.order();
    expect(camera.turn.rotation).toBe(90);
    const told = [
      'camera_turned: face.rotation becomes 90',
      'camera_turned: not written, set face.rotation to 90',
    ];
    expect(camera.told).toEqual(told);
    camera.isWritable = true;
    camera.order();
    camera.order();
    expect(camera.rotation).toBe(90);
    expect(camera.told).toEqual(told);
  });

  it('is told before it is kept: the power may go in between', () => {
    const told: string[] = [];
    const turn = new CameraTurn({
      configured: 90,
      keep: () => {
        throw new Error('the power has gone');
      },
      logger,
      tellStaff: (detail) => told.push(detail),
    });
    for (let i = 0; i < facelessOrderOfKnownMax * framesPerOrderMin; i++) {
      turn.frame(emptyReport);
      if ((i + 1) % framesPerOrderMin === 0) turn.ended();
    }
    for (let i = 0; i < framesPerOrderMin; i++) turn.frame(reportOf());
    expect(() => turn.ended()).toThrow();
    expect(told).toEqual(['camera_turned: face.rotation becomes 180']);
  });

  it('is not taken for known by a face here and there that is none', () => {
    const camera = new TurnedCamera(null, 180);
    for (let i = 0; i < facelessOrderMax; i++) camera.order();
    for (let i = 0; i < framesPerOrderMin; i++) camera.turn.frame(i < 2 ? reportOf() : emptyReport);
    camera.turn.ended();
    expect(camera.kept).toEqual([]);
  });

  it('anew, after it was known: it is found again', () => {
    const camera = new TurnedCamera(null, 90);
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
    const camera = new TurnedCamera(null, 90);
    for (let i = 0; i < 20; i++) camera.order(framesPerOrderMin - 1);
    expect(camera.turn.rotation).toBe(0);
  });

  it('a night in which nobody can be seen says nothing of how it stands', () => {
    const camera = new TurnedCamera(null, 0);
    for (let i = 0; i < 20; i++) camera.look(darkReport);
    expect([camera.turn.rotation, camera.kept]).toEqual([0, []]);
  });

  it('that is upright is known once somebody was found: after a restart three who walk away do not turn it', () => {
    const camera = new TurnedCamera(null, 0);
    for (let i = 0; i < 20; i++) camera.order();
    camera.restart();
    for (let i = 0; i < facelessOrderOfKnownMax - 1; i++) camera.look(emptyReport);
    expect(camera.order()).toBe(true);
    expect([camera.kept, camera.told]).toEqual([[0], []]);
  });

  it('that sees nothing but dark is told to staff, once until it finds somebody', () => {
    const camera = new TurnedCamera(null, 0);
    const dark = (count: number): void => {
      for (let i = 0; i < count; i++) camera.look(darkReport);
    };
    dark(darkOrderMax - 1);
    // Somebody may be there, and light.
    camera.look(emptyReport);
    dark(darkOrderMax - 1);
    expect(camera.told).toEqual([]);
    dark(1_000);
    camera.look(emptyReport);
    dark(1_000);
    expect(camera.told).toEqual([expect.stringContaining('camera_too_dark')]);
    camera.order();
    dark(darkOrderMax);
    expect(camera.told).toHaveLength(2);
  });

  it('that never finds anybody is told to staff, once until it finds somebody', () => {
    const camera = new TurnedCamera(null, null);
    for (let i = 0; i < 20; i++) camera.order();
    expect(camera.told).toEqual(['camera_finds_nobody']);
    // A poster is taken for a face now and then.
    for (let i = 0; i < 100; i++) {
      if (i % 20 === 0) camera.look(reportOf(), 1);
      camera.order();
    }
    expect(camera.told).toEqual(['camera_finds_nobody']);
    camera.look(reportOf());
    for (let i = 0; i < 20; i++) camera.order();
    expect(camera.told.filter((one) => one === 'camera_finds_nobody').length).toBe(2);
  });
});
