import type { Provider } from '../providers/provider.ts';

/** A provider that does as `inner` but for some calls. */
export function alteredProvider(inner: Provider, change: Partial<Provider>): Provider {
  return {
    name: inner.name,
    capabilities: inner.capabilities,
    open: (request) => inner.open(request),
    debit: (request) => inner.debit(request),
    query: (orderId) => inner.query(orderId),
    adjust: (request) => inner.adjust(request),
    refund: (request) => inner.refund(request),
    parseNotification: (message) => inner.parseNotification(message),
    payUrl: (orderId) => inner.payUrl(orderId),
    ...change,
  };
}
