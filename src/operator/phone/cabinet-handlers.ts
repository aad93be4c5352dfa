import { memberCodeLifetimeS } from '../../shared/model/member.ts';
import type { CabinetRefusal } from '../../shared/phone/cabinet.ts';
import type { PhoneRequest } from '../../shared/phone/routes.ts';
import { ok } from '../../shared/result.ts';
import type { PhoneHandlers, PhoneParts } from './handlers.ts';
import { cabinetCodeWithoutPositionMs, cabinetFarM, positionErrorMaxM } from './limits.ts';
import type { CabinetPlace } from './places.ts';
import { distanceM, placesOf } from './places.ts';

type CabinetCalls = Pick<PhoneHandlers, 'memberCode' | 'lookCabinet' | 'openCabinet'>;

const no = (reason: CabinetRefusal) => ok({ accepted: false, reason } as const);

/** How a door is opened with a phone: by its own code before the scanner, or by the cabinet's code before its camera. */
export function cabinetHandlers({ db, clock, random, memberCodes, qrSignIn }: PhoneParts): CabinetCalls {
  return {
    memberCode: async ({ who, body: { purpose } }) => {
      const nowMs = clock.nowMs();
      const endsAtS = Math.ceil(nowMs / 1000) + memberCodeLifetimeS;
      const code = await memberCodes.make(random, who.memberId, endsAtS, purpose);
      return ok({ code, endsAtMs: endsAtS * 1000, nowMs });
    },
    lookCabinet: async ({ who, body: { text } }) => {
      const looked = await qrSignIn.look(who.memberId, text);
      if (!looked.ok) return ok({ opens: false, reason: looked.error.code });
      const { cabinetId, ageMs, endsAtMs } = looked.value;
      const { place, at } = (await placesOf(db, [cabinetId]))(cabinetId);
      const times = { shownForMs: ageMs, endsAtMs, nowMs: clock.nowMs() };
      return ok({ opens: true, cabinetId, place, ...times, asksPosition: at !== null });
    },
    openCabinet: async ({ who, body }) => {
      const looked = await qrSignIn.look(who.memberId, body.text);
      if (!looked.ok) return no(looked.error.code);
      const { cabinetId, ageMs } = looked.value;
      if (cabinetId !== body.cabinetId) return no('other_cabinet');
      const reason = whyNotHere((await placesOf(db, [cabinetId]))(cabinetId), body.position, ageMs);
      if (reason !== null) return no(reason);
      return ok(await qrSignIn.recordScan(who.memberId, body.text, body.purpose));
    },
  };
}

/**
 * The phone says that it is elsewhere; or it says nothing where it could, and the code is older than one that stands on the
 * screen. Null: as far as anybody can tell its owner stands before this cabinet.
 */
function whyNotHere(
  { at }: CabinetPlace,
  position: PhoneRequest<'openCabinet'>['position'],
  ageMs: number,
): CabinetRefusal | null {
  if (at === null) return null;
  if (position === null) return ageMs > cabinetCodeWithoutPositionMs ? 'expired' : null;
  const errorM = Math.min(position.accuracyM, positionErrorMaxM);
  return distanceM(at, position) - errorM > cabinetFarM ? 'too_far' : null;
}
