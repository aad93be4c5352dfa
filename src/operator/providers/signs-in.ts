/** Whom a provider says that a code of its sign-in is of. */
export type SignInOutcome =
  /** As it is kept with an agreement (`ProviderAccount.account`). */
  | { readonly kind: 'account'; readonly account: string }
  /** Who that is, by one name or several, where an account does not say it (`SignUpOutcome.payer`). */
  | { readonly kind: 'payer'; readonly payers: readonly string[] }
  /** The code is none of it, or was used before. */
  | { readonly kind: 'declined'; readonly message: string }
  /** Nobody says. */
  | { readonly kind: 'unknown'; readonly message: string };

/** How a provider tells who is there, without asking them for anything but that. */
export interface SignsIn {
  /** In whose app the page has to be open for that. */
  readonly app: 'wechat' | 'alipay';
  /** What the browser is sent to; it comes back to `redirectUrl` with `code` and `state` in the query. */
  urlOf(request: { readonly state: string; readonly redirectUrl: string }): string;
  /** A code is good once. Does not reject for what the provider does. */
  accountOf(code: string): Promise<SignInOutcome>;
}
