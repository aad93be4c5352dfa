import type { Provider } from '../../operator/providers/provider.ts';

/** A provider that does as `inner` but for some calls. */
export function alteredProvider(inner: Provider, change: Partial<Provider>): Provider {
  return {
    name: inner.name,
    means: inner.means,
    settlingMs: inner.settlingMs,
    debit: (request) => inner.debit(request),
    query: (orderId) => inner.query(orderId),
    close: inner.close?.bind(inner) ?? null,
    lower: inner.lower?.bind(inner) ?? null,
    payUrl: (orderId) => inner.payUrl(orderId),
    ...change,
  };
}
