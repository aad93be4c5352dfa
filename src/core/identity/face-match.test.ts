import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/model/face.schema.ts';
import { type FaceTemplate, enrolFace, matchFace } from './face-match.ts';
import { faceThresholds } from './face-thresholds.ts';
import { descriptorOf } from '../../testkit/core/faces.ts';

const frames = (index: number, similarity = 0.97): Descriptor[] =>
  [1, 2, 3, 4, 5].map((length) => descriptorOf(index, similarity, length));

function galleryOf(count: number): FaceTemplate[] {
  const gallery: FaceTemplate[] = [];
  for (let i = 0; i < count; i++) {
    const template = enrolFace(gallery, `M${i}`, frames(i, 1));
    if (!template.ok) throw new Error(template.error.message);
    gallery.push(template.value);
  }
  return gallery;
}

describe('enrolFace', () => {
  it('keeps the mean direction, at length 1, with the model and the threshold it was made under', () => {
    const template = enrolFace([], 'M1', frames(3));
    expect(template.ok).toBe(true);
    if (!template.ok) return;
    expect(Math.hypot(...template.value.centroid)).toBeCloseTo(1, 6);
    expect(template.value.centroid[3]).toBeCloseTo(0.97, 6);
    expect(template.value).toMatchObject({ memberId: 'M1', model: 'fr-feature-512', acceptMin: 0.55 });
  });

  it.each<[string, Descriptor[], string]>([
    ['two frames', frames(0).slice(0, 2), 'face.too_few_frames'],
    ['no frame', [], 'face.too_few_frames'],
    ['another face among them', [...frames(0), descriptorOf(1)], 'face.not_one_person'],
    ['another model', [...frames(0), { model: 'face-api-128', values: [1] }], 'face.model_mismatch'],
    [
      'a wrong length',
      [...frames(0), { model: 'fr-feature-512', values: [1, 2] }],
      'face.descriptor_invalid',
    ],
  ])('refuses %s', (_name, descriptors, code) => {
    const template = enrolFace([], 'M1', descriptors);
    expect(template.ok ? '' : template.error.code).toBe(code);
  });

  it('refuses who is there under another name, and lets a person enrol again', () => {
    const gallery = galleryOf(3);
    const again = enrolFace(gallery, 'M9', frames(1));
    expect(again.ok ? '' : again.error.code).toBe('face.already_enrolled');
    expect(enrolFace(gallery, 'M1', frames(1)).ok).toBe(true);
  });
});

describe('matchFace', () => {
  const gallery = galleryOf(4);
  const kindOf = (descriptor: Descriptor, of: readonly FaceTemplate[] = gallery): string => {
    const match = matchFace(of, descriptor);
    return match.ok
      ? `${match.value.kind}${'memberId' in match.value ? ` ${match.value.memberId}` : ''}`
      : '';
  };

  it('accepts, doubts and does not know, by similarity', () => {
    expect(kindOf(descriptorOf(2, 0.8))).toBe('accept M2');
    expect(kindOf(descriptorOf(2, 0.56))).toBe('accept M2');
    expect(kindOf(descriptorOf(2, 0.54))).toBe('uncertain M2');
    expect(kindOf(descriptorOf(2, 0.46))).toBe('uncertain M2');
    expect(kindOf(descriptorOf(2, 0.44))).toBe('stranger');
    expect(kindOf(descriptorOf(2, 1), [])).toBe('stranger');
  });

  it('doubts when a second person is nearly as much alike', () => {
    const values = [...descriptorOf(0).values];
    values[0] = 0.7;
    values[1] = 0.65;
    values[511] = 0.29;
    expect(kindOf({ model: 'fr-feature-512', values })).toBe('uncertain M0');
    values[1] = 0.5;
    values[511] = 0.5;
    expect(kindOf({ model: 'fr-feature-512', values })).toBe('accept M0');
  });

  it('never compares vectors of different models', () => {
    const other = Array.from({ length: 128 }, (_, i) => (i === 0 ? 1 : 0));
    expect(kindOf({ model: 'face-api-128', values: other })).toBe('stranger');
  });

  it('never asks for less than when the person was enrolled', () => {
    const strict = gallery.map((template) => ({ ...template, acceptMin: 0.7 }));
    expect(kindOf(descriptorOf(1, 0.65), strict)).toBe('uncertain M1');
  });

  it('refuses whatever is not a descriptor', () => {
    const odd = fc.constantFrom(NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(odd, fc.nat(511), (value, place) => {
        const values = [...descriptorOf(1).values];
        values[place] = value;
        const match = matchFace(gallery, { model: 'fr-feature-512', values });
        return !match.ok && match.error.code === 'face.descriptor_invalid';
      }),
    );
    for (const values of [[], [1], new Array<number>(511).fill(1), new Array<number>(512).fill(0)]) {
      const match = matchFace(gallery, { model: 'fr-feature-512', values });
      expect(match.ok ? '' : match.error.code).toBe('face.descriptor_invalid');
    }
  });

  it('never accepts below the threshold, whatever the vector', () => {
    const number = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 4, maxLength: 4 }), number, (towards, rest) => {
        const values = new Array<number>(512).fill(0);
        for (const [i, value] of towards.entries()) values[i] = value;
        values[511] = rest;
        const length = Math.hypot(...values);
        const match = matchFace(gallery, { model: 'fr-feature-512', values });
        if (!match.ok) return length < 1e-6;
        const scores = towards.map((value) => value / length).sort((a, b) => b - a);
        const [best = -1, second = -1] = scores;
        const sure = best >= 0.55 && best - second >= 0.1;
        // At the very edge the rounding to 32 bits decides.
        const edge = Math.abs(best - 0.55) < 1e-6 || Math.abs(best - second - 0.1) < 1e-6;
        return edge || (match.value.kind === 'accept') === sure;
      }),
    );
  });
});

describe('faceThresholds', () => {
  it('rise with the number of people enrolled and never fall', () => {
    expect(
      [1, 1000, 1001, 5000, 5001, 100_000].map((n) => faceThresholds('fr-feature-512', n).accept),
    ).toEqual([0.55, 0.55, 0.58, 0.58, 0.6, 0.6]);
    const two = fc.tuple(fc.nat(200_000), fc.nat(200_000));
    fc.assert(
      fc.property(
        two,
        fc.constantFrom('fr-feature-512' as const, 'face-api-128' as const),
        ([a, b], model) => {
          const [few, many] = [faceThresholds(model, Math.min(a, b)), faceThresholds(model, Math.max(a, b))];
          return few.accept <= many.accept && few.uncertain < few.accept && many.accept < 1;
        },
      ),
    );
  });
});
