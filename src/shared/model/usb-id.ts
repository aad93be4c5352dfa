/** `1A86:7523`. */
export function usbIdText(ids: { readonly vendorId: number; readonly productId: number }): string {
  return `${hex4(ids.vendorId)}:${hex4(ids.productId)}`;
}

/** A number of 16 bits, as USB's tables have it. */
export function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}
