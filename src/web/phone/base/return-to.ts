import type { Store } from './store.ts';
import { phonePagePath } from '../../../shared/phone/calls.ts';

const key = 'kaimen-return';

/** Where somebody was who is led away to sign in. */
export function keepReturn(store: Store, href: string): void {
  try {
    store.setItem(key, href);
  } catch {
    // They begin at the first page then.
  }
}

/** Once; only within this page, whatever has been written there. */
export function takeReturn(store: Store, origin: string): string {
  try {
    const href = store.getItem(key) ?? '';
    store.removeItem(key);
    const url = new URL(href, origin);
    const path = url.pathname.toLowerCase();
    const isOurs =
      url.origin === origin && path.startsWith(phonePagePath) && !path.startsWith(`${phonePagePath}in`);
    return isOurs ? `${url.pathname}${url.hash}` : phonePagePath;
  } catch {
    return phonePagePath;
  }
}
