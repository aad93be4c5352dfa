import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { TaggedCabinet, tagsInside } from '../../testkit/core/tagged-cabinet.ts';

describe('what is behind the door, over a restart', () => {
  const goods = ['A001', 'A002', 'B001'];
  const baselineOf = ({ estimator, nowMs }: TaggedCabinet) => estimator.baseline({ force: false, nowMs });
  function atRest(): TaggedCabinet {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    cabinet.read(6_000);
    return cabinet;
  }
  function startedWith(memory: unknown, ...inside: string[]): TaggedCabinet {
    const cabinet = new TaggedCabinet();
    for (const epc of tagsInside) if (!inside.includes(epc)) cabinet.inside.delete(epc);
    cabinet.estimator.recallBetweenVisits(JSON.parse(JSON.stringify(memory)));
    cabinet.door('closed');
    cabinet.read(6_000);
    return cabinet;
  }

  it('is the goods that are there, and those that have gone silent so that staff was told', () => {
    const cabinet = atRest();
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: goods, silent: [] });
    cabinet.inside.delete('A001');
    cabinet.read(5_000);
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: goods, silent: [] });
    cabinet.read(10_000);
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: ['A002', 'B001'], silent: ['A001'] });
  });

  it('is nothing once the door is open', () => {
    const cabinet = atRest();
    cabinet.door('open');
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: [], silent: [] });
  });

  it('cannot be said without a catalogue', () => {
    const cabinet = new TaggedCabinet(() => null as unknown as Catalog);
    cabinet.door('closed');
    cabinet.read(6_000);
    expect(cabinet.estimator.betweenVisits()).toBeNull();
  });

  it('stays what it was, whether it is heard again or not', () => {
    const memory = { present: ['A001', 'B001'], silent: ['A002'] };
    expect(startedWith(memory, 'B001').estimator.betweenVisits()).toEqual(memory);
  });

  it('is in doubt while it is not heard; an article of which that is so has no number', () => {
    const cabinet = startedWith({ present: ['A001', 'B001'], silent: ['A002'] }, 'B001');
    expect(cabinet.estimator.stock(cabinet.nowMs)).toEqual(new Map([['CHIP', 1]]));
    expect(baselineOf(cabinet)?.lines).toMatchObject([
      { sku: 'CHIP', quantity: 1, confidence: 1 - 1e-5 },
      { sku: 'COLA', quantity: 2, confidence: 0.5 },
    ]);
    expect(cabinet.estimator.unheard(true)).toBe(2);
  });

  it('is told after a minute of listening, but for what was told before', () => {
    const cabinet = startedWith({ present: ['A001', 'B001'], silent: ['A002'] }, 'B001');
    expect(cabinet.estimator.vanished()).toBe(0);
    cabinet.read(60_000);
    expect(cabinet.estimator.vanished()).toBe(1);
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: ['B001'], silent: ['A001', 'A002'] });
  });

  it('is taken as an earlier version kept it: what was silent, and told', () => {
    const cabinet = startedWith(['A001'], 'B001');
    cabinet.read(60_000);
    expect(cabinet.estimator.vanished()).toBe(0);
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: ['B001'], silent: ['A001'] });
  });

  it.each([null, 7, {}, { present: 'A001' }, [7]])('is nothing when %j is on record', (memory) => {
    expect(startedWith(memory, 'B001').estimator.betweenVisits()).toEqual({ present: ['B001'], silent: [] });
  });

  it('is no doubt any more when the door was opened before it was known', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('open');
    cabinet.door('closed');
    cabinet.estimator.recallBetweenVisits({ present: goods, silent: [] });
    cabinet.inside.clear();
    cabinet.read(6_000);
    expect(cabinet.estimator.betweenVisits()).toEqual({ present: [], silent: [] });
  });
});
