import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  featureRequest,
  frameReport,
  parseFeatureRequest,
  ReportFramer,
  reportMaxBytes,
} from './report-framing.ts';
import type { ReportFrame } from './report-framing.ts';

const frame: fc.Arbitrary<ReportFrame> = fc.record({
  kind: fc.constantFrom('report', 'setFeature', 'getFeature', 'refused'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: reportMaxBytes }),
});

it('whatever the cuts, the same frames come out', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 5 }),
      fc.array(fc.nat(3000), { maxLength: 8 }),
      (frames, cuts) => {
        const wire = Buffer.concat(frames.map(frameReport));
        const framer = new ReportFramer();
        const got: ReportFrame[] = [];
        const places = [0, ...cuts.filter((cut) => cut < wire.length).sort((a, b) => a - b), wire.length];
        for (const [index, place] of places.slice(1).entries()) {
          const frames = framer.push(wire.subarray(places[index], place));
          got.push(...(frames.ok ? frames.value : []));
        }
        expect(got.map((f) => [f.kind, ...f.bytes])).toEqual(frames.map((f) => [f.kind, ...f.bytes]));
      },
    ),
  );
});

it('a plain report has its length alone before it', () => {
  expect([...frameReport({ kind: 'report', bytes: Uint8Array.of(0xfe, 1) })]).toEqual([0, 2, 0xfe, 1]);
  expect([...frameReport({ kind: 'refused', bytes: Uint8Array.of(3) })]).toEqual([0xc0, 1, 3]);
});

it('a request for a feature report goes there and back; other lengths are none', () => {
  expect(parseFeatureRequest(featureRequest(7, 600))).toEqual({ reportId: 7, maxBytes: 600 });
  expect(parseFeatureRequest(Uint8Array.of(7, 1))).toBe(null);
  expect(parseFeatureRequest(Uint8Array.of(7, 1, 2, 3))).toBe(null);
});

it('holds no more than one report', () => {
  const framer = new ReportFramer();
  const report = { kind: 'report', bytes: new Uint8Array(64) } as const;
  for (let i = 0; i < 1000; i++) expect(framer.push(frameReport(report))).toMatchObject({ ok: true });
  expect(framer.push(Uint8Array.of(4, 0))).toEqual({ ok: true, value: [] });
  const bytes = new Uint8Array(1024);
  expect(framer.push(bytes)).toEqual({ ok: true, value: [{ kind: 'report', bytes }] });
  expect(framer.push(Uint8Array.of(4, 1))).toMatchObject({ error: { code: 'transport.bad_frame' } });
});
