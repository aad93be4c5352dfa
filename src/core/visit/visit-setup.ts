import { setup } from 'xstate';
import type { VisitLimits } from './limits.ts';
import { doorActions, goodsActions, receiptActions, shopperActions, waitActions } from './visit-actions.ts';
import type { VisitArgs } from './visit-context.ts';
import { availabilityGuards, doorGuards, goodsGuards, shopperGuards } from './visit-guards.ts';
import type { VisitContext, VisitEffect, VisitEvent } from './visit-model.ts';

/** The actions and guards of the chart. Pure: an effect is data for main, an action only makes the next context. */
export function makeVisitSetup(limits: VisitLimits) {
  return setup({
    types: {
      context: {} as VisitContext,
      events: {} as VisitEvent,
    },
    actions: {
      effect: (_: unknown, _effect: VisitEffect) => undefined,
      ...waitActions(limits),
      ...shopperActions,
      ...doorActions,
      ...goodsActions,
      ...receiptActions,
    },
    guards: {
      ...availabilityGuards,
      ...doorGuards,
      ...goodsGuards,
      ...shopperGuards,
      /** Once: the longer reading has not begun yet. */
      mayReadOn: ({ context }: VisitArgs) => context.timer?.durationMs !== limits.longCheckTimeoutMs,
    },
  });
}

export type VisitSetup = ReturnType<typeof makeVisitSetup>;
