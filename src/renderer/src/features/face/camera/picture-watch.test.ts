import { describe, expect, it } from 'vitest';
import {
  PictureWatch,
  blackSampleCount,
  firstPictureSampleCount,
  stillSampleCount,
} from './picture-watch.ts';
import { darkness, scene } from './testing/fakes.ts';

/** The answers to these samples, one after the other. */
function answers(samples: (Uint8Array | null)[], watch = new PictureWatch()): (string | null)[] {
  return samples.map((grey) => watch.sample(grey));
}
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

describe('PictureWatch', () => {
  it('live with the first picture that shows something', () => {
    expect(answers([null, darkness(1), scene(1), scene(2)])).toEqual([null, null, 'live', 'live']);
  });
  it('the same picture again and again is frozen after 3 s, not before', () => {
    const said = answers([scene(1), ...times(stillSampleCount, () => scene(1))]);
    expect(said.indexOf('frozen')).toBe(stillSampleCount);
  });
  it('no picture any more is frozen as well; the next new one takes it back', () => {
    const watch = new PictureWatch();
    const said = answers([scene(1), ...times(stillSampleCount, () => null)], watch);
    expect(said.indexOf('frozen')).toBe(stillSampleCount);
    expect(watch.sample(scene(1))).toBe('frozen');
    expect(watch.sample(scene(2))).toBe('live');
  });
  it('one late sample is not many: a page that was held up itself says nothing', () => {
    expect(answers([scene(1), null, scene(2)])).toEqual(['live', 'live', 'live']);
  });
  it('black only when all of them are; sensor noise is not light', () => {
    const said = answers(times(blackSampleCount, darkness));
    expect(said.indexOf('black')).toBe(blackSampleCount - 1);
    expect(answers([...times(blackSampleCount - 1, darkness), scene(1)]).at(-1)).toBe('live');
    expect(answers([scene(1), ...times(blackSampleCount, darkness)]).at(-1)).toBe('black');
  });
  it('a dim room is not black: there are faces to be found in it, and light is asked for', () => {
    const dim = (i: number): Uint8Array => scene(i).map((value) => Math.round((value / 255) * 28));
    expect(answers(times(blackSampleCount + 1, dim)).at(-1)).toBe('live');
  });
  it('black without any noise is black, not frozen', () => {
    expect(answers(times(stillSampleCount + 1, () => darkness(1))).at(-1)).toBe('black');
  });
  it('a few lit points on black are still something to see', () => {
    const lit = darkness(1).map((value, i) => (i < 6 ? 200 : value));
    expect(answers([lit])).toEqual(['live']);
  });
  it('no first picture at all: it does not start', () => {
    const said = answers(times(firstPictureSampleCount, () => null));
    expect(said.indexOf('busy')).toBe(firstPictureSampleCount - 1);
  });
});
