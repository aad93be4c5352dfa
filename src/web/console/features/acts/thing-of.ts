import type { ConsoleAct } from '../../../../shared/console/acts.schema.ts';
import { unreachable } from '../../../../shared/assert.ts';
import { chargeIdSchema } from '../../../../shared/ids.schema.ts';
import { linkTo } from '../../base/address.tsx';
import type { Words } from '../../i18n/shape.ts';

/** Where what an act is about can be looked at, and what it is called. */
export interface Thing {
  readonly to: string;
  readonly name: keyof Words['acts']['things'];
}

/**
 * What an act is about, as a place of the console; null: it has none of its own. `state`: as it stands (`Preview.before`, or
 * what the operator answered); a visit that is charged by hand has become a charge in it. A new kind does not compile without.
 */
export function thingOf(act: ConsoleAct, state: Readonly<Record<string, unknown>>): Thing | null {
  switch (act.kind) {
    case 'decide_charge':
      return chargeOf(act.chargeId);
    case 'charge_visit':
      return chargeOf(state['chargeId']) ?? visitOf(act);
    case 'close_incident':
      return chargeOf(state['chargeId']);
    case 'close_difference':
      return chargeOf(state['orderId']);
    case 'message_member':
      return chargeOf(act.chargeId) ?? (act.visit === undefined ? memberOf(act) : visitOf(act.visit));
    case 'open_wallet':
    case 'top_up_wallet':
    case 'adjust_wallet':
    case 'block_member':
    case 'unblock_member':
      return memberOf(act);
    case 'put_goods':
      return { to: '/set-up', name: 'goods' };
    case 'put_promotions':
      return { to: '/promotions', name: 'promotions' };
    case 'order_update':
    case 'pause_updates':
    case 'withdraw_release':
    case 'unpin_cabinet':
      return { to: '/updates', name: 'updates' };
    default:
      return unreachable(act);
  }
}

/** Bills of providers name numbers that are no charge of ours, too. */
function chargeOf(chargeId: unknown): Thing | null {
  const read = chargeIdSchema.safeParse(chargeId);
  return read.success ? { to: `/charges/${read.data}`, name: 'charge' } : null;
}

function visitOf({ cabinetId, visitId }: { readonly cabinetId: string; readonly visitId: string }): Thing {
  const open = `${cabinetId}:${visitId}`;
  return { to: linkTo('/visits', { cabinetId, visitId, open }), name: 'visit' };
}

function memberOf({ memberId }: { readonly memberId: string }): Thing {
  return { to: linkTo('/search', { memberId }), name: 'member' };
}
