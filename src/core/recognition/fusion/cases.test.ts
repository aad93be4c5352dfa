import { describe, expect, it } from 'vitest';
import { FusedEstimator } from './fused-estimator.ts';
import { FusedCabinet } from '../../../testkit/core/fused-cabinet.ts';

const nothing = { bill: [], ask: [], hold: [] };

describe('with tags, scales and cameras', () => {
  it.each(['TEA', 'COLA', 'NUTS', 'MINT', 'RICE'])('one %s is billed unasked', (sku) => {
    const cabinet = new FusedCabinet();
    cabinet.take(sku);
    cabinet.rest();
    expect([...cabinet.estimator.basket()]).toEqual([[sku, 1]]);
    expect(cabinet.end()).toEqual({ ...nothing, bill: [`1 ${sku}`] });
  });

  it('nobody takes anything', () => {
    expect(new FusedCabinet().end()).toEqual(nothing);
  });

  it('a hand leans on a lane, and takes nothing', () => {
    const cabinet = new FusedCabinet();
    cabinet.load(0, 1_400);
    cabinet.rest(1_200);
    cabinet.load(0, -1_400);
    cabinet.rest();
    expect(cabinet.end()).toEqual(nothing);
  });

  it('a hand leans on a lane while it takes something of it', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('TEA');
    cabinet.load(0, 900);
    cabinet.rest(1_200);
    cabinet.load(0, -900);
    cabinet.rest();
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 TEA'] });
  });

  it('the compressor shakes: a scale that does not rest says nothing, and is waited for', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('TEA');
    cabinet.weigh(false);
    cabinet.estimator.doorShut(cabinet.nowMs);
    cabinet.weigh(false);
    expect(cabinet.estimator.verdict().isSettled).toBe(false);
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 TEA'] });
  });

  it('put back on another shelf', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('TEA');
    cabinet.rest(1_800);
    cabinet.put('TEA', 2);
    cabinet.rest();
    expect(cabinet.end()).toEqual(nothing);
  });

  it('two taken, one returned', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('MILK');
    cabinet.rest(1_800);
    cabinet.take('MILK');
    cabinet.rest(1_800);
    cabinet.put('MILK');
    cabinet.rest();
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 MILK'] });
  });

  it('swap between lanes', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('TEA');
    cabinet.take('BEER');
    cabinet.rest(1_800);
    cabinet.put('TEA', 2);
    cabinet.put('BEER', 0);
    cabinet.rest();
    expect(cabinet.end()).toEqual(nothing);
  });

  it('a foreign item is put in, then taken out again: no charge, no lock-out', () => {
    const cabinet = new FusedCabinet();
    cabinet.load(1, 333);
    cabinet.rest(1_800);
    cabinet.load(1, -333);
    cabinet.take('JUICE');
    cabinet.rest();
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 JUICE'] });
  });

  it('a foreign item stays: nothing is charged for it', () => {
    const cabinet = new FusedCabinet();
    cabinet.load(1, 333);
    cabinet.rest();
    expect(cabinet.end()).toEqual(nothing);
  });

  it('a foreign item stays, and something is taken of the same lane', () => {
    const cabinet = new FusedCabinet();
    cabinet.load(1, 333);
    cabinet.rest(1_800);
    cabinet.take('SOAP');
    cabinet.rest();
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 SOAP'] });
  });

  it.each(['COLA', 'SODA'])('of two articles of one weight, %s', (sku) => {
    const cabinet = new FusedCabinet();
    cabinet.take(sku);
    expect(cabinet.end()).toEqual({ ...nothing, bill: [`1 ${sku}`] });
  });

  it('a tag that is torn off and left there: a question, and the answer bills', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('BEER', { torn: true });
    expect(cabinet.end()).toEqual({ ...nothing, ask: ['1 BEER'] });
    const { question } = cabinet.estimator.verdict();
    expect(question).toMatchObject({ sku: 'BEER', count: 1 });
    cabinet.estimator.answer(question!, true);
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 BEER'] });
  });

  it('… and whoever says no is not billed: people look', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('BEER', { torn: true });
    cabinet.end();
    const { question } = cabinet.estimator.verdict();
    cabinet.estimator.answer(question!, false);
    expect(cabinet.estimator.verdict().question).toBeNull();
    expect(cabinet.end()).toEqual({ ...nothing, hold: ['1 BEER'] });
  });

  it('a tag shielded by liquid, then back', () => {
    const cabinet = new FusedCabinet();
    cabinet.silence('JUICE', 0);
    cabinet.rest();
    expect(cabinet.estimator.basket().size).toBe(0);
    cabinet.hear('JUICE', 0);
    expect(cabinet.end()).toEqual(nothing);
  });

  it('a tag that stays shielded is no charge either: its weight is there', () => {
    const cabinet = new FusedCabinet();
    cabinet.silence('JUICE', 0);
    expect(cabinet.end()).toEqual(nothing);
  });

  it('a quick hand: taken and shut at once; read longer, and billed', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('COLA');
    cabinet.nowMs += 300;
    cabinet.estimator.doorShut(cabinet.nowMs);
    cabinet.weigh();
    cabinet.listen();
    expect(cabinet.estimator.verdict().isSettled).toBe(false);
    expect(cabinet.end()).toEqual({ ...nothing, bill: ['1 COLA'] });
  });

  it('half of the tags silent at once: nothing is billed', () => {
    const cabinet = new FusedCabinet();
    for (const sku of ['TEA', 'COLA', 'SODA', 'NUTS']) for (const i of [0, 1]) cabinet.silence(sku, i);
    expect(cabinet.end().bill).toEqual([]);
  });

  it('thirty one by one, and a dozen in one grab', () => {
    const cabinet = new FusedCabinet();
    for (const sku of ['TEA', 'COLA', 'SODA', 'NUTS', 'MILK', 'JUICE', 'CHIP', 'SOAP', 'RICE', 'BEER'])
      for (let n = 0; n < 3; n++) {
        cabinet.take(sku);
        cabinet.rest(1_200);
      }
    expect(cabinet.end().bill).toHaveLength(10);
    const other = new FusedCabinet();
    for (const sku of ['RICE', 'BEER', 'CAKE']) for (let n = 0; n < 4; n++) other.take(sku);
    expect(other.end()).toEqual({ ...nothing, bill: ['4 BEER', '4 CAKE', '4 RICE'] });
  });

  it.each(['scale-0', 'antenna-0', 'camera'])('%s is lost in the middle: never something false', (device) => {
    const cabinet = new FusedCabinet();
    cabinet.lose(device);
    cabinet.take('TEA');
    const { bill, ask, hold } = cabinet.end();
    expect([...bill, ...ask, ...hold]).toEqual(['1 TEA']);
  });

  it('two cameras that name another article of the same weight: a question', () => {
    const cabinet = new FusedCabinet();
    cabinet.take('COLA');
    cabinet.see('COLA', 0.97, 0.03);
    expect(cabinet.end()).toEqual({ ...nothing, ask: ['1 COLA'] });
  });
});

describe('with less', () => {
  it('tags alone: what was shown, confirmed and gone is billed; otherwise nothing is', () => {
    const confirmed = new FusedCabinet({ scales: false, cameras: false });
    confirmed.take('TEA');
    confirmed.rest();
    confirmed.estimator.confirm();
    expect(confirmed.end()).toEqual({ ...nothing, bill: ['1 TEA'] });
    const unconfirmed = new FusedCabinet({ scales: false, cameras: false });
    unconfirmed.take('TEA');
    expect(unconfirmed.end()).toEqual({ ...nothing, ask: ['1 TEA'] });
  });

  it('tags alone: an antenna dies: nothing is billed, also when it was confirmed before', () => {
    const cabinet = new FusedCabinet({ scales: false, cameras: false });
    cabinet.estimator.confirm();
    for (const sku of ['TEA', 'COLA', 'SODA', 'NUTS']) for (const i of [0, 1, 2, 3]) cabinet.silence(sku, i);
    expect(cabinet.end().bill).toEqual([]);
  });

  it('scales alone: two of one weight are a question about which', () => {
    const cabinet = new FusedCabinet({ tags: false, cameras: false });
    cabinet.take('COLA');
    const { bill } = cabinet.end();
    expect(bill).toEqual([]);
    expect([...cabinet.estimator.verdict().lines].map(({ sku }) => sku).sort()).toEqual(['COLA', 'SODA']);
  });

  it('a camera alone adds no line', () => {
    const cabinet = new FusedCabinet({ tags: false, scales: false });
    cabinet.see('TEA', 0.97, 0.95);
    expect(cabinet.end().bill).toEqual([]);
  });
});

describe('a sensor that lastingly mismatches', () => {
  it('loses its say: a scale that is stuck', () => {
    const cabinet = new FusedCabinet();
    for (const sku of ['TEA', 'TEA', 'TEA', 'COLA', 'COLA', 'COLA']) {
      cabinet.take(sku);
      cabinet.load(0, sku === 'TEA' ? 340 : 500);
      expect(cabinet.end(9_000).bill).toEqual([]);
      cabinet.estimator.endVisit();
      cabinet.begin();
    }
    expect(cabinet.estimator.healthOf('scale-0')).toBeLessThan(0.4);
    expect(cabinet.estimator.healthOf('scale-1')).toBe(1);
  });
});

it('an article named as something that every object has is weighed as any', () => {
  const articles = [{ sku: 'constructor', weightG: 200, spread: 0.01 }];
  const lanes = [{ lane: 'L', skus: ['constructor'], scale: 's', antennas: ['a'], camera: null }];
  const { sensors } = new FusedEstimator({ articles, lanes });
  sensors.recall({ weights: {}, shadows: {}, nonsense: {}, trust: {} });
  expect(sensors.weightOf('constructor').weightG).toBeCloseTo(200);
});
