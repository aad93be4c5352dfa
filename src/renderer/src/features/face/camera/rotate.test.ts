import { describe, expect, it } from 'vitest';
import { cameraRotations } from '../../../../../shared/model/camera-rotation.ts';
import { turnedSize, turnOf } from './rotate.ts';

const size = { width: 640, height: 480 };

describe('a picture that is turned', () => {
  const at = (rotation: (typeof cameraRotations)[number], x: number, y: number): [number, number] => {
    const { a, b, c, d, e, f } = turnOf(size, rotation);
    return [a * x + c * y + e, b * x + d * y + f];
  };

  it.each(cameraRotations)('by %d degrees covers exactly its new size', (rotation) => {
    const corners = [at(rotation, 0, 0), at(rotation, 640, 0), at(rotation, 0, 480), at(rotation, 640, 480)];
    const { width, height } = turnedSize(size, rotation);
    expect(Math.min(...corners.map(([x]) => x))).toBe(0);
    expect(Math.min(...corners.map(([, y]) => y))).toBe(0);
    expect(Math.max(...corners.map(([x]) => x))).toBe(width);
    expect(Math.max(...corners.map(([, y]) => y))).toBe(height);
  });

  it.each([
    [0, [0, 0]],
    [90, [480, 0]],
    [180, [640, 480]],
    [270, [0, 640]],
  ] as const)('clockwise by %d degrees: the left upper corner is at %j', (rotation, corner) => {
    expect(at(rotation, 0, 0)).toEqual(corner);
  });
});
