import { describe, expect, it } from 'vitest';
import type { CameraRotation } from '../../shared/model/camera-rotation.ts';
import { CameraTurn, framesPerOrderMin } from './camera-turn.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A camera that shows faces upright only when its picture is turned by `stands`; null: it never shows any. */
function makeCamera(configured: CameraRotation, stands: CameraRotation | null) {
  const told: string[] = [];
  const turn = new CameraTurn({ configured, logger, tellStaff: (detail) => told.push(detail) });
  const order = (frames = framesPerOrderMin): boolean => {
    const isFound = turn.rotation === stands;
    for (let i = 0; i < frames; i++) turn.frame(isFound ? 1 : 0);
    turn.ended();
    return isFound;
  };
  return { turn, told, order };
}

describe('a camera that stands turned', () => {
  it.each([90, 180, 270] as const)('by %d degrees is found, kept, and staff is told once', (stands) => {
    const { turn, told, order } = makeCamera(0, stands);
    const found = Array.from({ length: 12 }, () => order());
    expect(found.indexOf(true)).toBeLessThanOrEqual(5);
    expect(found.slice(found.indexOf(true))).not.toContain(false);
    expect(turn.rotation).toBe(stands);
    expect(told).toEqual([`camera_turned: set face.rotation to ${stands}`]);
  });

  it('as the settings say is left alone, also when somebody walks away now and then', () => {
    const { turn, told, order } = makeCamera(90, 90);
    for (let i = 0; i < 20; i++) {
      order();
      for (let k = 0; k < 2; k++) {
        for (let frame = 0; frame < 50; frame++) turn.frame(0);
        turn.ended();
      }
    }
    expect(turn.rotation).toBe(90);
    expect(told).toEqual([]);
  });

  it('orders of a few frames say nothing', () => {
    const { turn, order } = makeCamera(0, 90);
    for (let i = 0; i < 20; i++) order(framesPerOrderMin - 1);
    expect(turn.rotation).toBe(0);
  });

  it('that never finds anybody is told to staff, once until it finds somebody', () => {
    const { turn, told, order } = makeCamera(0, null);
    for (let i = 0; i < 20; i++) order();
    expect(told).toEqual(['camera_finds_nobody']);
    turn.frame(1);
    turn.ended();
    for (let i = 0; i < 20; i++) order();
    expect(told.filter((one) => one === 'camera_finds_nobody').length).toBe(2);
  });
});
