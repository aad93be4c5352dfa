import type { z } from 'zod';
import { Failure } from './failure.ts';
import { checked, rules } from './field-rules.ts';
import type { Merchant } from './order-book.ts';

interface Permission {
  readonly asked: z.infer<typeof rules.permit>;
  readonly token: string;
  readonly askedAtMs: number;
  openid: string | null;
  state: 'UNAVAILABLE' | 'AVAILABLE' | 'UNBINDUSER';
}

/** A notice about somebody's permission. */
interface PermissionNotice {
  readonly url: string;
  readonly eventType: string;
  readonly resource: Record<string, unknown>;
}

/** A token of WeChat's own page is good for so long. */
const tokenLifeMs = 3_600_000;

/** Who has opened the merchant's service, by the merchant's numbers. */
export class PermissionBook {
  readonly #permissions = new Map<string, Permission>();
  readonly #merchant: Merchant;
  readonly #nowMs: () => number;

  constructor(merchant: Merchant, nowMs: () => number) {
    this.#merchant = merchant;
    this.#nowMs = nowMs;
  }

  permit(body: string): Record<string, unknown> {
    const asked = checked(rules.permit, body);
    const { appid, serviceId } = this.#merchant;
    if (asked.appid !== appid || asked.service_id !== serviceId) throw new Failure('NO_AUTH');
    const { authorization_code: code } = asked;
    const known = this.#permissions.get(code);
    if (known?.openid != null) throw new Failure('INVALID_REQUEST', '授权协议号已使用');
    const token = `token-${code}-${this.#permissions.size}`;
    const fresh: Permission = { asked, token, askedAtMs: this.#nowMs(), openid: null, state: 'UNAVAILABLE' };
    this.#permissions.set(code, fresh);
    return { apply_permissions_token: token };
  }

  show(code: string, search: URLSearchParams): Record<string, unknown> {
    const permission = this.#permissions.get(code);
    if (permission === undefined) throw new Failure('RESOURCE_NOT_EXISTS', '授权记录不存在');
    if (search.get('service_id') !== this.#merchant.serviceId) throw new Failure('PARAM_ERROR');
    const { openid, state } = permission;
    return {
      ...this.#ofMerchant(),
      authorization_code: code,
      authorization_state: state,
      ...(openid !== null && { openid }),
    };
  }

  /** As `show`, by whoever has opened it. */
  showOf(openid: string, search: URLSearchParams): Record<string, unknown> {
    if (search.get('appid') !== this.#merchant.appid) throw new Failure('PARAM_ERROR');
    const code = this.#lastOf(openid)?.asked.authorization_code ?? '';
    return this.show(code, search);
  }

  /** The merchant ends it in somebody's name. */
  end(openid: string, body: string): Record<string, unknown> {
    const asked = checked(rules.permissionEnd, body);
    const { appid, serviceId } = this.#merchant;
    if (asked.appid !== appid || asked.service_id !== serviceId) throw new Failure('NO_AUTH');
    if (this.#lastOf(openid)?.state !== 'AVAILABLE') throw new Failure('INVALID_REQUEST', '用户未授权');
    this.close(openid);
    return {};
  }

  #lastOf(openid: string): Permission | undefined {
    return [...this.#permissions.values()].findLast((one) => one.openid === openid);
  }

  /** Somebody opens the service on the page of this token. Null: the token is none, or no more. */
  open(token: string, openid: string): PermissionNotice | null {
    const permission = [...this.#permissions.values()].find((one) => one.token === token);
    if (permission === undefined || this.#nowMs() - permission.askedAtMs > tokenLifeMs) return null;
    permission.openid = openid;
    permission.state = 'AVAILABLE';
    return this.#notice(permission, 'OPEN');
  }

  /** Somebody closes the service in WeChat. */
  close(openid: string): PermissionNotice | null {
    const theirs = [...this.#permissions.values()].filter((one) => one.openid === openid);
    for (const permission of theirs) permission.state = 'UNBINDUSER';
    const [last] = theirs.slice(-1);
    return last === undefined ? null : this.#notice(last, 'CLOSE');
  }

  #notice({ asked, openid }: Permission, what: 'OPEN' | 'CLOSE'): PermissionNotice {
    return {
      url: asked.notify_url,
      eventType: `PAYSCORE.USER_${what}_SERVICE`,
      resource: {
        ...this.#ofMerchant(),
        openid,
        user_service_status: `USER_${what}_SERVICE`,
        openorclose_time: beijingTime(this.#nowMs()),
        ...(what === 'OPEN' && { authorization_code: asked.authorization_code }),
      },
    };
  }

  #ofMerchant(): Record<string, unknown> {
    const { appid, mchid, serviceId } = this.#merchant;
    return { appid, mchid, service_id: serviceId };
  }
}

function beijingTime(atMs: number): string {
  const iso = new Date(atMs + 8 * 3_600_000).toISOString();
  return iso.slice(0, 19).replaceAll(/[-T:]/g, '');
}
