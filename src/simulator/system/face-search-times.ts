import { type FaceTemplate, matchFace } from '../../core/identity/face-match.ts';
import type { Descriptor } from '../../shared/model/face.schema.ts';
import { descriptorLengths } from '../../shared/model/face.ts';

const model = 'fr-feature-512';

/**
 * How long it takes to compare one face with `enrolledCount` people, in ms, `runs` times, each with another face. The
 * people point anywhere. For the benchmark.
 */
export function faceSearchTimesMs(enrolledCount: number, runs: number): number[] {
  const gallery = Array.from({ length: enrolledCount }, (_, i) => templateOf(`M${i}`));
  const values: number[] = [];
  for (let i = 0; i < runs; i++) {
    const probe: Descriptor = { model, values: Array.from(direction()) };
    const beganMs = performance.now();
    const match = matchFace(gallery, probe);
    values.push(performance.now() - beganMs);
    if (!match.ok || match.value.kind !== 'stranger') throw new Error('a random face was not a stranger');
  }
  return values;
}

function templateOf(memberId: string): FaceTemplate {
  return { memberId, model, acceptMin: 0.55, centroid: direction() };
}

function direction(): Float32Array {
  const values = Float32Array.from({ length: descriptorLengths[model] }, () => Math.random() - 0.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
