/** Below this the page and its calls stand, at the address where phones reach the operator. */
export const phonePagePath = '/m/';
/** Below the page: a cabinet's code, a receipt's charge and a one-time link are the fragment (`#…`) behind these. */
export const phonePlaces = { cabinet: 'c', receipt: 'r', link: 'in', provider: 'in/provider' } as const;

/**
 * Who may call. `member`: somebody who is signed in. `anybody`: they have to prove something with the body, or there is
 * nothing to prove.
 */
export type PhoneAccess = 'member' | 'anybody';

/** How a call is made. What is asked and answered: `phoneRoutes` (routes.ts), which no page can load. */
export interface PhoneCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: PhoneAccess;
  /** What the body is; null: there is none. */
  readonly body: 'json' | 'photo' | null;
}

const api = `${phonePagePath}api`;
const get = <A extends PhoneAccess>(access: A, path: string) =>
  ({ method: 'GET', access, path: `${api}${path}`, body: null }) as const;
const post = <A extends PhoneAccess>(access: A, path: string) =>
  ({ method: 'POST', access, path: `${api}${path}`, body: 'json' }) as const;
const tell = <A extends PhoneAccess>(access: A, path: string) =>
  ({ method: 'POST', access, path: `${api}${path}`, body: null }) as const;

/** What the shopper's page asks the operator, each call once. */
export const phoneCalls = {
  /** How somebody can sign in here. */
  welcome: get('anybody', '/welcome'),
  /**
   * A one-time link was opened: from now on it is good in this browser alone. It is used up by `useLink`, which somebody
   * has to touch for.
   */
  openLink: post('anybody', '/link'),
  useLink: post('anybody', '/link/use'),
  /** Where the provider is asked who somebody is. They come back to `phonePlaces.provider`. */
  beginProvider: post('anybody', '/provider'),
  /** What they came back with. */
  endProvider: post('anybody', '/provider/end'),
  session: get('member', '/session'),
  signOut: tell('member', '/sign-out'),
  signOutEverywhere: tell('member', '/sign-out-everywhere'),
  setLanguage: post('member', '/language'),
  /** What is held before the cabinet's scanner: good for a minute, once. */
  memberCode: post('member', '/code'),
  /** What the QR of a cabinet says: which one it is, and whether it may be opened by it. Nothing happens yet. */
  lookCabinet: post('member', '/cabinet'),
  /** The member has said yes to this cabinet. */
  openCabinet: post('member', '/cabinet/open'),
  purchases: get('member', '/purchases'),
  /** One of them; what may be paid meanwhile is asked for at its provider. */
  purchase: get('member', '/purchases/:chargeId'),
  /** Lines of it are wrong; the same again is the same report. */
  reportPurchase: post('member', '/purchases/:chargeId/report'),
  /** A picture for the report that there is. Its bytes are the body (`pictureTypes`). */
  addPhoto: {
    method: 'POST',
    access: 'member',
    path: `${api}/purchases/:chargeId/photos`,
    body: 'photo',
  },
  /** What people of the operator have written to the member. */
  messages: get('member', '/messages'),
  /** These were on the member's screen. */
  readMessages: post('member', '/messages/read'),
  agreements: get('member', '/agreements'),
  /** What the member opens to agree with this provider; by it they pay from then on. */
  signUp: post('member', '/agreements/:provider/sign-up'),
  /** 409: not while something is to be paid or a visit is open, or this provider ends it in its own app alone. */
  endAgreement: post('member', '/agreements/:provider/end'),
  faces: get('member', '/faces'),
  withdrawFaces: post('member', '/faces/withdraw'),
} as const satisfies Readonly<Record<string, PhoneCall>>;

/** A picture as it is sent: the body, with its type in `content-type`. */
export type PhotoBytes = Uint8Array<ArrayBuffer>;

export type PhoneCallName = keyof typeof phoneCalls;

/** A larger one is refused: the page makes it smaller before. */
export const photoMaxBytes = 2 * 1024 * 1024;
export const photoSideMaxPixels = 4096;
/** For one report. */
export const photosOfReportMax = 3;
export const reportTextMaxLength = 500;
