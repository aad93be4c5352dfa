import { describe, expect, test } from 'vitest';
import {
  account,
  allowed,
  baseline,
  opened,
  play,
  ready,
  recognised,
  scan,
} from '../../testkit/core/visit-script.ts';
import type { VisitEvent } from './visit-model.ts';

/** Lock or reader are away for longer than what passes. */
const trouble: VisitEvent = { type: 'availabilityChanged', available: false, isDoorForced: false };
const doorIsForced: VisitEvent = { ...trouble, isDoorForced: true };
const enrolment: VisitEvent = { ...scan, code: 'KE1.x' };
const no: VisitEvent = { type: 'refused', reason: 'account.code_expired' };

const apart: [string, VisitEvent[]][] = [
  ['the account by code', [account('code'), scan, allowed]],
  ['the account by face', [account('face'), recognised]],
  ['the account by an enrolment code', [enrolment, allowed]],
  ['the code for the account', [account('code')]],
  ['the face for the account, and what it is used for', [account('face')]],
  ['the question whose account it is', [account('code'), scan]],
  ['why there is no account to see', [account('code'), scan, no]],
  ['why the door stays shut', [scan, no]],
];

describe.each(apart)('a cabinet that does not sell any more: %s', (_, events) => {
  const { visit: before } = play([ready, ...events]);

  test('stays, and the start screen says it afterwards', () => {
    const { visit, effects } = play([trouble], before);
    expect(visit).toEqual({ ...before, context: { ...before.context, available: false } });
    expect(effects).toEqual([]);
    expect(play([{ type: 'cancel' }], visit).visit.state).toBe('outOfService');
  });

  test('a forced door is an alarm at once, also when another trouble was there before', () => {
    for (const happened of [[doorIsForced], [trouble, doorIsForced]])
      expect(play(happened, before).visit.state).toBe('outOfService');
  });

  test('no way leads on to the door', () => {
    const closed = play([trouble], before).visit;
    for (const way of [scan, { type: 'chooseCode' }, { type: 'chooseFace' }] as const)
      for (const entry of [scan, recognised]) {
        const { effects } = play([way, entry, allowed, baseline, opened], closed);
        expect(effects.filter(({ type }) => type !== 'authorise')).toEqual([]);
        for (const effect of effects)
          expect(effect).toMatchObject({ type: 'authorise', credential: { purpose: 'account' } });
      }
  });
});

test.each<[string, VisitEvent[]]>([
  ['a code for the door', [{ type: 'chooseCode' }]],
  ['a face for the door', [{ type: 'chooseFace' }]],
  ['the question whether they may', [scan]],
  ['the look at the shelf', [scan, allowed]],
])('%s ends where the cabinet cannot sell', (_, events) => {
  expect(play([ready, ...events, trouble]).visit.state).toBe('outOfService');
});

test('the account is opened where nothing is sold: by the code for it, and from a refusal', () => {
  const asked = play([ready, account('code'), trouble, scan, allowed]).visit;
  expect(asked.state).toBe('account');
  const refused = play([ready, scan, no, trouble, account('code'), scan, allowed]).visit;
  expect(refused).toMatchObject({ state: 'account', context: { available: false } });
  const enrols = play([ready, scan, no, trouble, enrolment, allowed]).visit;
  expect(enrols.state).toBe('account');
});
