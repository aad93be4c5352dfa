/** Where a phone pays an order, below the address of the API for notices (http/pay-page.ts); no slash at its beginning. */
export function payPagePath(provider: string, orderId: string): string {
  return `v1/pay/${provider}/${orderId}`;
}

/** Where a phone is led once its owner has agreed, below the same address. */
export const signedPagePath = 'v1/signed';
