/** What a member opens to agree. */
export type SignUpPage =
  /** A page for any browser. */
  | { readonly kind: 'page'; readonly url: string }
  /** What WeChat is called with (`wx.openBusinessView`): `businessType`, and `extraData` of it. */
  | {
      readonly kind: 'wechat';
      readonly businessType: string;
      readonly extraData: Readonly<Record<string, string>>;
    }
  /** What Alipay's app is called with: a signed order string. */
  | { readonly kind: 'alipay'; readonly orderString: string };

/** A member is to agree that what they take is debited. */
export interface SignUpRequest {
  /** Our number of it at the provider, at most 32 of `[0-9A-Z]`; the same again is the same sign-up. */
  readonly signUpId: string;
  readonly memberId: string;
  /** What the member has there already, as `ProviderAccount.account`; null: nothing. */
  readonly account: string | null;
  /** How often it was asked for before, without an answer. */
  readonly attempt: number;
  /** Until when it may be used; wall time, ms. */
  readonly endsAtMs: number;
}

export type SignUpBegun =
  /** `known`: what the adapter has to be told when it shall look. */
  | { readonly kind: 'begun'; readonly page: SignUpPage; readonly known: string }
  /** As of a debit. */
  | { readonly kind: 'rejected' | 'not_sent' | 'unknown'; readonly message: string };

export type SignUpOutcome =
  /**
   * The member has agreed. `account`: as it is kept, and asked for money. `payer`: who that is there, where the account does not say
   * it and somebody may sign in by it.
   */
  | { readonly kind: 'valid'; readonly account: string; readonly payer?: string }
  /** Not yet; `expired`: and no more by this. */
  | { readonly kind: 'pending' | 'expired' }
  /** The member, or the provider's own judgement of them, has said no. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nobody says. */
  | { readonly kind: 'unknown'; readonly message: string };

/** `refused`: for certain it stands as before, and again it would be so. `unknown`: nobody says; to be tried again. */
export type SignUpEnded =
  { readonly kind: 'ended' } | { readonly kind: 'refused' | 'unknown'; readonly message: string };

/** How a member comes to an agreement, and out of it. No call moves money, or rejects for what the provider does. */
export interface SignUp {
  /** How long what is opened may be used, ms. */
  readonly lifeMs: number;
  begin(request: SignUpRequest): Promise<SignUpBegun>;
  look(signUpId: string, known: string): Promise<SignUpOutcome>;
  /** Ends it in the member's name; what has ended already has ended. Left out: it can be ended at the provider alone. */
  end?(account: string): Promise<SignUpEnded>;
}

/**
 * Signed by the provider and about this sign-up. `outcome` null: only that something has become of it. `sinceMs`: since when it
 * stands so, by the provider's clock (wall time, ms); left out: it does not say, or was asked just now.
 */
export interface SignUpNotice {
  readonly kind: 'sign_up';
  readonly signUpId: string;
  readonly outcome: Extract<SignUpOutcome, { kind: 'valid' }> | null;
  readonly sinceMs?: number;
}
