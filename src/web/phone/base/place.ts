import { phonePagePath, phonePlaces } from '../../../shared/phone/calls.ts';

/** Where in the page somebody is: one for each address. What must not be in anybody's log is behind the `#`. */
export type Place =
  | { readonly at: 'home' | 'code' | 'debts' | 'messages' | 'account' | 'face' | 'unknown' }
  /** `text`: all that the cabinet's QR says. */
  | { readonly at: 'cabinet'; readonly text: string }
  | { readonly at: 'purchase' | 'report'; readonly chargeId: string }
  /** Empty: it can be none. */
  | { readonly at: 'link'; readonly token: string }
  /** Come back from the provider that was asked who somebody is; without a code: not as we have sent them there. */
  | { readonly at: 'provider'; readonly code: string; readonly state: string };

const chargeForm = /^[0-9A-Z]{10,40}$/;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

type PlainPlace = Exclude<Place, { at: 'cabinet' | 'purchase' | 'report' | 'link' | 'provider' }>['at'];
const plainPlaces: Readonly<Record<string, PlainPlace>> = {
  '': 'home',
  code: 'code',
  debts: 'debts',
  messages: 'messages',
  account: 'account',
  face: 'face',
};

type Address = Readonly<Record<'pathname' | 'search' | 'hash', string>>;

/** Capitals are as good as small letters before the `#`: they make a QR code coarser. */
export function placeOf({ pathname, search, hash }: Address): Place {
  const path = pathname.toLowerCase();
  if (!`${path}/`.startsWith(phonePagePath)) return { at: 'unknown' };
  const name = path.slice(phonePagePath.length).replace(/\/+$/, '');
  const behind = decoded(hash.slice(1));
  switch (name) {
    case phonePlaces.cabinet:
      return { at: 'cabinet', text: behind };
    case phonePlaces.receipt:
    case 'report':
      if (!chargeForm.test(behind)) return { at: 'unknown' };
      return { at: name === 'report' ? 'report' : 'purchase', chargeId: behind };
    case phonePlaces.link:
      return { at: 'link', token: tokenForm.test(behind) ? behind : '' };
    case phonePlaces.provider: {
      const query = new URLSearchParams(search);
      // What WeChat (code) and Alipay (auth_code) lead back with.
      const code = query.get('code') ?? query.get('auth_code') ?? '';
      const state = query.get('state') ?? '';
      return { at: 'provider', code: tokenForm.test(state) ? code : '', state };
    }
    default:
      return { at: plainPlaces[name] ?? 'unknown' };
  }
}

export function addressOf(place: Place): string {
  switch (place.at) {
    case 'cabinet':
      return `${phonePagePath}${phonePlaces.cabinet}#${place.text}`;
    case 'purchase':
      return `${phonePagePath}${phonePlaces.receipt}#${place.chargeId}`;
    case 'report':
      return `${phonePagePath}report#${place.chargeId}`;
    case 'link':
      return `${phonePagePath}${phonePlaces.link}#${place.token}`;
    case 'provider':
      return `${phonePagePath}${phonePlaces.provider}`;
    case 'home':
    case 'unknown':
      return phonePagePath;
    default:
      return `${phonePagePath}${place.at}`;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
