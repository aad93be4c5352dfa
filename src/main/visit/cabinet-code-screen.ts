import {
  type CabinetCode,
  cabinetCodeText,
  cabinetCodeToSign,
  makeShowing,
} from '../../core/identity/cabinet-code.ts';
import type { QrSignInReply, QrSignInRequest } from '../../shared/api/operator.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { CabinetCodeView } from '../../shared/model/cabinet-code.schema.ts';
import {
  cabinetCodeLifetimeMs,
  cabinetCodeShownMs,
  showingByteCount,
} from '../../shared/model/cabinet-code.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** One question is held by the operator for this long; what hangs is noticed soon after. */
export const qrSignInWaitMs = 10_000;
/** Questions begin at least this far apart, however soon each is answered. */
export const qrSignInEveryMs = 1_000;

export interface CabinetCodeScreenOptions {
  readonly cabinetId: string;
  /** Null: this cabinet shows no code of its own. */
  readonly shopperUrl: () => string | null;
  readonly client: {
    waitForQrSignIn(
      request: QrSignInRequest,
      signal: AbortSignal,
    ): Promise<Result<QrSignInReply, OperatorFailure>>;
    operatorNowMs(): number;
  };
  readonly link: { isOnline(): boolean; onChange(listener: (online: boolean) => void): void };
  /** Ed25519 signature with the cabinet's key, base64url. */
  readonly sign: (text: string) => string;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Somebody has scanned it: their member code, to be treated as one that the scanner has read. */
  readonly onSignedIn: (code: string) => void;
  /** What is to be seen has changed. */
  readonly onChange: () => void;
}

/** One turn of the code screen. Whatever comes for an earlier one finds that it is over. */
interface Turn {
  readonly showing: string;
  text: string;
  /** The last question to the operator failed, so a scan of the code would go unnoticed. */
  failed: boolean;
  requesting: boolean;
  /** Ends the question that is under way. */
  abort: AbortController;
  cancelRenewal: () => void;
}

/**
 * The cabinet's own QR while the code screen is up: a new one every 20 s, and a question to the operator, held open,
 * who has scanned it. A turn has a name that all its codes carry, and the operator hands a claim only to the turn
 * that it was made on: so the claim of a shopper who has left is never the next one's. The screen waits for nothing
 * here.
 */
export class CabinetCodeScreen {
  readonly #o: CabinetCodeScreenOptions;
  #turn: Turn | null = null;

  constructor(options: CabinetCodeScreenOptions) {
    this.#o = options;
    options.link.onChange((online) => {
      if (this.#turn === null) return;
      if (online) void this.#ask(this.#turn);
      // The question is ended: its answer could only come over a connection that has died.
      else this.#turn.abort.abort();
    });
  }

  /**
   * Told of every state of the visit. A turn is from the code screen's coming to its going: that somebody touches it, and so
   * may stay for longer, takes nobody's claim away.
   */
  onVisitChanged(isCodeScreen: boolean): void {
    if (!isCodeScreen) {
      this.stop();
      return;
    }
    if (this.#turn !== null || this.#o.shopperUrl() === null) return;
    this.#turn = {
      showing: makeShowing(this.#o.random.bytes(showingByteCount)),
      ...{ text: '', failed: false, requesting: false, abort: new AbortController() },
      cancelRenewal: () => undefined,
    };
    this.#renew(this.#turn);
    void this.#ask(this.#turn);
  }

  view(): CabinetCodeView {
    if (this.#o.shopperUrl() === null) return { state: 'none' };
    const turn = this.#turn;
    if (turn === null || turn.failed || !this.#o.link.isOnline()) return { state: 'unavailable' };
    return { state: 'shown', text: turn.text };
  }

  stop(): void {
    this.#turn?.abort.abort();
    this.#turn?.cancelRenewal();
    this.#turn = null;
  }

  #renew(turn: Turn): void {
    const { cabinetId, shopperUrl, client, sign, clock } = this.#o;
    // By the operator's time, because the operator judges the code: this cabinet's own may be off or jump.
    const expiresAtS = Math.ceil((client.operatorNowMs() + cabinetCodeLifetimeMs) / 1000);
    const { showing } = turn;
    const signed = cabinetCodeToSign({ cabinetId, expiresAtS, showing } satisfies CabinetCode);
    turn.text = cabinetCodeText(shopperUrl() ?? '', signed, Buffer.from(sign(signed), 'base64url'));
    turn.cancelRenewal = clock.after(cabinetCodeShownMs, () => {
      this.#renew(turn);
      this.#o.onChange();
    });
  }

  /** Asks as long as the turn lasts and there is a network; only one question at a time. */
  async #ask(turn: Turn): Promise<void> {
    const { client, link, clock, logger } = this.#o;
    if (turn.requesting) return;
    turn.requesting = true;
    while (this.#turn === turn && link.isOnline()) {
      const beganMs = clock.monotonicMs();
      turn.abort = new AbortController();
      // After a failure the code is not shown before a quick question has been answered.
      const waitMs = turn.failed ? 0 : qrSignInWaitMs;
      const answer = await client.waitForQrSignIn({ showing: turn.showing, waitMs }, turn.abort.signal);
      if (this.#turn !== turn) break;
      if (!answer.ok) logger.warn('claim.no_answer', { error: answer.error });
      else if (answer.value.code !== null) {
        logger.info('claim.arrived', { showing: turn.showing });
        this.stop();
        this.#o.onSignedIn(answer.value.code);
        break;
      }
      if (turn.failed === answer.ok) {
        turn.failed = !answer.ok;
        this.#o.onChange();
      }
      await sleep(clock, Math.max(beganMs + qrSignInEveryMs - clock.monotonicMs(), 0));
    }
    turn.requesting = false;
  }
}
