import { describe, expect, it } from 'vitest';
import catalogue from '../../../../../../resources/models/models.json';
import { modelFiles, readModel } from '../../../../../../build/bootstrap/models.mjs';
import { loadModel } from './models.ts';

const name = 'tiny_face_detector.bin';
const model = modelFiles().find((file) => file.name === name);
const bytes = model === undefined ? null : readModel(model);
const copy = (): Uint8Array<ArrayBuffer> => {
  if (bytes === null) throw new Error('face-api.js is not installed');
  return Uint8Array.from(bytes);
};

describe('loadModel', () => {
  it('takes the pinned file', async () => {
    const loaded = await loadModel(name, async () => copy().buffer);
    expect(loaded.ok && loaded.value.byteLength).toBe(model?.bytes);
  });
  it('refuses a file with one bit changed, one that is cut short and an empty one', async () => {
    const flipped = copy();
    flipped[1000] = (flipped[1000] ?? 0) ^ 1;
    for (const damaged of [flipped, copy().slice(0, -1), new Uint8Array(0)]) {
      const loaded = await loadModel(name, async () => damaged.buffer);
      expect(loaded.ok ? '' : loaded.error.code).toBe('face.model_corrupt');
    }
  });
  it('says that a file is not there', async () => {
    const loaded = await loadModel(name, async () => null);
    expect(loaded.ok ? '' : loaded.error.code).toBe('face.model_missing');
  });
});

describe('models.json', () => {
  it('pins each file by a whole SHA-256', () => {
    for (const file of catalogue.files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(catalogue.files.map((file) => file.name)).size).toBe(catalogue.files.length);
  });
});
