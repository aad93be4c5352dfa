import { describe, expect, it } from 'vitest';
import sample from '../../../../resources/catalog/sample-catalog.json';
import { catalogSchema } from '../../../shared/model/catalog.schema.ts';
import { hasPicture, pictures } from './product-pictures.ts';

const catalog = catalogSchema.parse(sample);

describe('product pictures', () => {
  it.each(catalog.products.map((p) => p.picture))(
    '%s is drawn, names its ground, and loads nothing',
    (name) => {
      expect(hasPicture(name)).toBe(true);
      const svg = decodeURIComponent(pictures(name).url);
      expect(svg).toMatch(/data-tint="[a-z]+"/);
      expect(pictures(name).tint).toBe(/data-tint="([a-z]+)"/.exec(svg)?.[1]);
      // An image may hold nothing that reaches out or runs.
      expect(svg).not.toMatch(/<script|<image|<foreignObject|\son\w+=|href=/i);
    },
  );
  it('an unknown picture is a plain carton, not a hole', () => {
    expect(hasPicture('no-such-picture')).toBe(false);
    expect(pictures('no-such-picture').url).toMatch(/^data:image\/svg\+xml,/);
  });
});
